import gzip

import brotli
import time_machine

from digest.site.compressing import compressed

TEXT = b"<p>What happened this week, line by line.</p>\n" * 100


def test_a_text_is_compressed_to_the_same_bytes_whenever_that_is_done() -> None:
    with time_machine.travel("2026-11-27 09:00"):
        first = compressed("index.html", TEXT)
    with time_machine.travel("2031-01-01 17:30"):
        assert compressed("index.html", TEXT) == first


def test_what_is_compressed_reads_as_the_text() -> None:
    for path in ("index.html", "atom.xml"):
        made = compressed(path, TEXT)
        brotli_made, gzip_made = made[f"{path}.br"], made[f"{path}.gz"]
        assert isinstance(brotli_made, bytes)
        assert isinstance(gzip_made, bytes)
        assert brotli.decompress(brotli_made) == gzip.decompress(gzip_made) == TEXT
