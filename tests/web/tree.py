"""What the files of a hand-made public/ hold."""

FEED = b"<feed>" + b"an entry like others " * 100 + b"</feed>"
DOCUMENT = bytes(range(256)) * 1000
AUGUST = 1_785_542_400  # seconds since 1970: when all of them changed
AUGUST_DATE = "Sat, 01 Aug 2026 00:00:00 GMT"
