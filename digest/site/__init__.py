"""What the public reads.

outlines of the items ─▶ survey: those the public may see, newest first, filed under their feeds
    └─▶ plan: targets, each some files of public/ with a key that tells whether they still stand
          ├─ syndication: documents of the feeds ─▶ entries ─▶ Atom, JSON Feed, RSS; opml
          ├─ sitemaps
          ├─ pages: lists, items with their ninjs exports, pictures and documents; redirects
          └─ web views of mailed editions
               └─▶ building: what is not as the ledger notes it ─▶ making, in a workshop ─▶ staging ─▶ publish

Surveys, plans and recipes decide in values; what a recipe needs of items it asks the workshop for. `staging` and
`publish` alone write.
"""
