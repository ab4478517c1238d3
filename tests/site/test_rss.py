import locale
from pathlib import Path
from typing import NoReturn

import feedparser
import pytest
from lxml import etree

from digest.items.item import Item
from digest.site.feeds import Imprint
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import IMPRINT, syndicated

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


def channel(*items: Item, imprint: Imprint = IMPRINT) -> etree._Element:
    found = etree.fromstring(syndicated(CONFIG, items, NOW, imprint)["rss.xml"]).find("channel")
    assert found is not None
    return found


def test_feedparser_reads_it_without_a_complaint(tmp_path: Path) -> None:
    read = feedparser.parse(syndicated(CONFIG, [full_item(tmp_path), item()], NOW)["rss.xml"])
    assert not read.bozo
    assert read.version == "rss20"
    assert read.feed.title == "Example Newsroom"
    assert read.feed.link == "https://news.example.org/press/"
    assert [each.title for each in read.entries] == ["Title of first", "Title of full"]
    full = read.entries[1]
    assert full.id == full_item(tmp_path).uri
    assert full.link == "https://news.example.org/press/items/full/"
    assert full.author == "One, Two"
    assert full.content[0].value.startswith("<figure>")
    assert full.published_parsed[:5] == (2026, 11, 19, 12, 0)


def test_the_channel_names_itself_the_site_and_the_hub() -> None:
    made = channel()
    assert made.findtext("link") == "https://news.example.org/press/"
    assert [(link.get("rel"), link.get("href")) for link in made.findall("atom:link", NAMESPACES)] == [
        ("self", "https://news.example.org/press/rss.xml"),
        ("hub", "https://hub.example.org/"),
    ]
    assert made.findtext("image/url") == "https://news.example.org/press/icon.png"
    assert channel(imprint=Imprint()).find("image") is None
    assert channel(imprint=Imprint(icon="https://news.example.org/press/icon.svg")).find("image") is None


def test_the_description_is_escaped_text_and_stands_before_the_content() -> None:
    [made] = channel(item(summary="Fewer than <5> & more.")).findall("item")
    tags = [str(child.tag) for child in made]
    assert tags.index("description") < tags.index("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert made.findtext("description") == "Fewer than &lt;5&gt; &amp; more."
    assert "Body of first." in (made.findtext("content:encoded", namespaces=NAMESPACES) or "")


def test_the_guid_is_the_id_and_no_permalink() -> None:
    guid = channel(item(id="https://old.example/7")).find("item/guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == ("https://old.example/7", "false")


def test_a_document_is_an_enclosure_with_length_and_type_and_a_picture_is_none(tmp_path: Path) -> None:
    [enclosure] = channel(full_item(tmp_path)).findall("item/enclosure")
    assert (enclosure.get("length"), enclosure.get("type")) == ("4", "application/pdf")
    picture = channel(full_item(tmp_path)).find("item/media:content", NAMESPACES)
    assert picture is not None
    assert picture.findtext("media:credit", namespaces=NAMESPACES) == "Ana & Co"
    assert channel(full_item(tmp_path, documents=[])).find("item/enclosure") is None


def test_dates_are_of_the_items_and_never_of_the_build() -> None:
    made = channel(item(published=hours(-30), updated=hours(-1)))
    assert made.findtext("lastBuildDate") == "Fri, 20 Nov 2026 11:00:00 GMT"
    assert made.findtext("item/pubDate") == "Thu, 19 Nov 2026 06:00:00 GMT"
    assert channel().findtext("lastBuildDate") == "Mon, 01 Jan 1990 00:00:00 GMT"


def test_the_locale_of_the_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        pytest.fail("the locale was touched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert channel(item()).find("item") is not None
