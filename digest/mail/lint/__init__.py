"""What would keep a digest from being read: found before it is approved, by values alone.

rendering ─▶ page with every form of every entry ─▶ links · pictures · code · hidden text · contrast (light, dark)
          ─▶ what one reader gets ──────────────▶ size · plain text · headings
composition, sender ────────────────────────────▶ subject, From                        ─▶ findings, each said once
"""
