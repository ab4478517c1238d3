"""What is said of a file by its path alone."""

from pathlib import Path

import pytest

from digest.config import Config, load_config
from digest.web.file_headers import describing, discovery, is_text, lasting
from digest.web.security import HEADERS
from tests.acceptance.newsroom import ROOT


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(Path(ROOT))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("atom.xml", "application/atom+xml; charset=utf-8"),
        ("kinds/report/atom.xml", "application/atom+xml; charset=utf-8"),
        ("archive/12.xml", "application/atom+xml; charset=utf-8"),
        ("rss.xml", "application/rss+xml; charset=utf-8"),
        ("feed.json", "application/feed+json"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("sitemap.xml", "application/xml"),
        ("news-sitemap.xml", "application/xml"),
        ("exports/ninjs/a-title.json", "application/json"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("assets/site-0123.css", "text/css; charset=utf-8"),
        ("images/01/a.webp", "image/webp"),
        ("images/01/A.JPG", "image/jpeg"),
        ("documents/01/report.pdf", "application/pdf"),
        ("documents/01/figures.xyz", "application/octet-stream"),
    ],
)
def test_each_file_has_its_media_type(path: str, media_type: str) -> None:
    assert describing(path)["Content-Type"] == media_type


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.zip", "a.docx", "a.csv", "a.xyz", "a"])
def test_a_document_that_no_browser_shows_safely_is_saved(name: str) -> None:
    assert describing(f"documents/01/{name}")["Content-Disposition"] == "attachment"


@pytest.mark.parametrize("path", ["documents/01/a.pdf", "documents/01/a.PNG", "documents/01/a.txt", "index.html"])
def test_others_are_shown(path: str) -> None:
    assert "Content-Disposition" not in describing(path)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("images/01/a.jpg", "public, max-age=31536000, immutable"),
        ("documents/01/a.pdf", "public, max-age=31536000, immutable"),
        ("assets/site-0123.css", "public, max-age=31536000, immutable"),
        ("atom.xml", "public, max-age=900"),
        ("archive/1.xml", "public, max-age=900"),
        ("sitemap.xml", "public, max-age=900"),
        ("index.html", "public, max-age=60, must-revalidate"),
        ("items/images/index.html", "public, max-age=60, must-revalidate"),
    ],
)
def test_each_kind_of_file_may_be_kept_as_long_as_it_stands(config: Config, path: str, kept: str) -> None:
    assert lasting(path, config)["Cache-Control"] == kept


def test_only_text_has_compressed_variants() -> None:
    texts = ["index.html", "atom.xml", "feed.json", "feeds.opml", "robots.txt", "assets/a.css", "images/01/a.svg"]
    assert all(is_text(path) for path in texts)
    assert not any(is_text(path) for path in ("images/01/a.jpg", "documents/01/a.pdf", "documents/01/a.docx"))


def test_no_page_but_the_web_views_of_editions_has_styles_inline(config: Config) -> None:
    web_view = lasting("editions/weekly/2026-11-27/index.html", config)["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in web_view
    assert "img-src 'self' https:" in web_view
    drawing = lasting("images/01/a.svg", config)["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in drawing
    assert "img-src" not in drawing
    for path in ("index.html", "editions/index.html", "items/editions/index.html"):
        assert "Content-Security-Policy" not in lasting(path, config)
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert "script" not in HEADERS["Content-Security-Policy"] + web_view + drawing


def test_a_feed_names_its_hubs_and_one_self() -> None:
    link = discovery(("https://hub.example/", "https://other.example/"), "https://newsroom.example/atom.xml")
    assert link == (
        '<https://hub.example/>; rel="hub", <https://other.example/>; rel="hub", '
        '<https://newsroom.example/atom.xml>; rel="self"'
    )


def test_the_hubs_of_config_stand_on_feeds_only(config: Config) -> None:
    hubs = {"websub": ("https://hub.example/",)}
    with_hubs = config.model_copy(update={"feeds": config.feeds.model_copy(update=hubs)})
    assert 'rel="hub"' in lasting("kinds/report/atom.xml", with_hubs)["Link"]
    assert f'<{config.newsroom.url}/feed.json>; rel="self"' in lasting("feed.json", with_hubs)["Link"]
    assert "Link" not in lasting("sitemap.xml", with_hubs)
    assert "Link" not in lasting("archive/1.xml", with_hubs), "no hub is told of it"
    assert "Link" not in lasting("atom.xml", config)
