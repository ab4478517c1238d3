from pathlib import Path

import pytest
from lxml import html

from digest.site.redirects import redirects
from digest.site.tree import build_tree
from tests.site.samples import CONFIG, NOW, hours, item

NOWHERE = Path("/nonexistent")


def test_an_old_address_or_slug_leads_to_the_item() -> None:
    made = item("new", aliases=["/campaigns/lamps/", "forty-lamps", "/2019/old.html", "/caf%C3%A9"])
    assert redirects([made], NOW) == {
        "campaigns/lamps/index.html": "items/new/index.html",
        "items/forty-lamps/index.html": "items/new/index.html",
        "2019/old.html": "items/new/index.html",
        "café/index.html": "items/new/index.html",
    }


def test_the_page_at_an_old_address_leads_on_without_a_script() -> None:
    tree = build_tree(CONFIG, [item("new", aliases=["/campaigns/lamps/"])], NOW, NOWHERE, [])
    content = tree["campaigns/lamps/index.html"]
    assert isinstance(content, bytes)
    page = html.document_fromstring(content)
    assert [link.get("href") for link in page.iter("a")] == ["../../items/new/"]
    assert page.xpath("//link[@rel='canonical']/@href") == ["https://news.example.org/press/items/new/"]
    assert page.xpath("//meta[@http-equiv='refresh']/@content") == ["0; url=../../items/new/"]
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    sitemap = tree["sitemap.xml"]
    assert isinstance(sitemap, bytes)
    assert b"lamps" not in sitemap


@pytest.mark.parametrize(
    "alias",
    [
        *("/", "//", "/..", "/../etc/", "/a/../b/", "/.well-known/x", "/a/.b/", "/a%2fb", "/a\\b/", "/%00/"),
        *("/a?id=3", "https://old.example/x", "/kinds/report/", "/atom.xml", "/images/x", "/subscribe", "/index.html"),
        *("/%2e%2e/x", "/feeds/", "/" + "x" * 300, "/atom.xml.gz/x", "/feeds.opml.br"),
    ],
)
def test_an_alias_that_could_not_stand_there_is_ignored(alias: str) -> None:
    assert redirects([item(aliases=[alias])], NOW) == {}


@pytest.mark.parametrize("other", [{}, {"published": None}, {"withdrawn": {"at": hours(-1), "reason": "x"}}])
def test_an_alias_never_takes_the_place_of_an_items_own_page(other: dict[str, object]) -> None:
    assert redirects([item("a", aliases=["b", "/items/b/"]), item("b", **other)], NOW) == {}


@pytest.mark.parametrize("name", ["index.html", "index.html.gz", "index.html.br"])
def test_no_alias_stands_below_a_page_or_its_compressed_variants(name: str) -> None:
    assert redirects([item("a", aliases=[f"/items/a/{name}/y/"])], NOW) == {}
    assert "x.html.gz/index.html" not in redirects([item("a", aliases=["/x.html", "/x.html.gz/"])], NOW)


def test_of_two_items_with_one_alias_the_older_has_it() -> None:
    items = [item("young", aliases=["/x/"]), item("old", aliases=["/x/"], published=hours(-99))]
    assert redirects(items, NOW) == redirects(items[::-1], NOW) == {"x/index.html": "items/old/index.html"}


def test_no_alias_stands_below_the_file_of_another() -> None:
    made = redirects([item("a", aliases=["/x.html", "/x.html/y/"])], NOW)
    assert list(made) == ["x.html"]


@pytest.mark.parametrize(
    "fields",
    [
        {"published": None},
        {"published": hours(1)},
        {"withdrawn": {"at": hours(-1), "reason": "x", "show": "nothing"}},
    ],
)
def test_what_the_public_may_not_see_has_no_old_address(fields: dict[str, object]) -> None:
    assert redirects([item("new", aliases=["/x/", "y"], **fields)], NOW) == {}
