"""What the public reads.

items ─▶ shown: those the public may see, newest first
           ├─▶ syndication: feeds ─▶ entries ─▶ Atom, JSON Feed, RSS, ninjs
           ├─▶ sitemaps
           ├─▶ pages: HTML by templates/site/, from the values of views; listings, redirects, metadata
           └─▶ their images and documents
                  └─▶ tree: {path in public/: bytes or asset} ─▶ publish: only what changed, whole files

All but `publish` decides in values; `publish` alone writes.
"""
