"""A newsroom whose public/ was made by hand: one file of each kind."""

import gzip
import json
import os
from pathlib import Path

import pytest

from tests.acceptance.newsroom import sample
from tests.web.tree import AUGUST, DOCUMENT, FEED


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sample(tmp_path_factory.mktemp("newsroom"))
    files = {
        "index.html": b"<h1>Front</h1>",
        "404.html": b"<h1>No such page</h1>",
        "atom.xml": FEED,
        "atom.xml.gz": gzip.compress(FEED),
        "atom.xml.br": b"as if compressed by brotli",
        "kinds/report/atom.xml": FEED,
        "archive/1.xml": FEED,
        "rss.xml": b"<rss></rss>",
        "feed.json": b"{}",
        "feeds.opml": b"<opml></opml>",
        "sitemap.xml": b"<urlset></urlset>",
        "robots.txt": b"User-agent: *",
        "exports/ninjs/one.json": b"{}",
        "assets/site-01.css": b"p { color: red }",
        "items/one/index.html": b"<h1>One</h1>",
        "editions/index.html": b"<h1>Editions</h1>",
        "editions/weekly/2026-11-27/index.html": b"<p style='color: red'>Mailed</p>",
        "documents/01/report.pdf": DOCUMENT,
        "documents/01/sheet.html": b"a page of somebody else's",
        "documents/01/data.tar.gz": b"a document that ends like a variant",
        "images/01/a.jpg": b"picture",
        "images/01/a.webp": b"picture",
        "images/01/a.jpg.gz": b"never looked for",
        ".well-known/security.txt": b"Contact: mailto:security@amparo.example",
        ".new/secret.html": b"secret",
    }
    for path, content in files.items():
        target = folder / "public" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (AUGUST, AUGUST))
    (folder / "public" / "out").symlink_to(folder / "items")
    (folder / "public" / "config.txt").symlink_to(folder / "config.yaml")
    (folder / "var").mkdir(exist_ok=True)
    moved = {"press/1.html": "items/one/", "items/old/": "items/one/"}
    (folder / "var" / "gone.json").write_text(json.dumps(["items/gone/index.html"]))
    (folder / "var" / "redirects.json").write_text(json.dumps(moved))
    return folder
