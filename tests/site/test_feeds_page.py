from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

from digest.site import feeds, paths
from tests.site.samples import item, pages_of


@pytest.fixture
def page(tmp_path: Path) -> html.HtmlElement:
    pages = pages_of([item(), item("es", language="es")], tmp_path)
    return html.document_fromstring(pages[feeds.PAGE])


def texts(page: html.HtmlElement, selector: str) -> list[str]:
    return [" ".join(str(element.text_content()).split()) for element in page.iterfind(selector)]


def test_every_feed_stands_under_its_heading_with_its_address_to_copy(page: html.HtmlElement) -> None:
    assert texts(page, ".//main//h2") == [
        "Everything",
        "By kind",
        "By topic",
        "By language",
        "All at once, and other formats",
    ]
    assert texts(page, ".//main//h3") == [
        "Example Newsroom", "Press releases", "Reports", "Asylum", "Prisons", "English", "español",
    ]  # fmt: skip
    addresses = texts(page, ".//main//code")
    assert addresses[:2] == [
        "https://news.example.org/press/atom.xml",
        "https://news.example.org/press/kinds/press-release/atom.xml",
    ]
    assert addresses[-2:] == ["https://news.example.org/press/rss.xml", "https://news.example.org/press/feed.json"]


def test_a_link_adds_a_feed_to_each_reader(page: html.HtmlElement) -> None:
    links = [str(link.get("href")) for link in page.iterfind(".//p[@class='readers']/a")][:5]
    assert all(unquote(link).endswith("https://news.example.org/press/atom.xml") for link in links)
    assert links[0] == "https://feedly.com/i/subscription/feed%2Fhttps%3A%2F%2Fnews.example.org%2Fpress%2Fatom.xml"
    assert links[-1] == "feed:https://news.example.org/press/atom.xml"


def test_a_title_is_in_its_language_and_leads_to_its_page(page: html.HtmlElement) -> None:
    spanish = list(page.iterfind(".//h3"))[-1]
    assert spanish.get("lang") == "es"
    [link] = spanish
    assert link.get("href") == f"../{paths.folder('languages/es/index.html')}"


def test_links_say_by_themselves_what_they_add(page: html.HtmlElement) -> None:
    names = [link.get("aria-label") for link in page.iterfind(".//p[@class='readers']/a")]
    assert len(set(names)) == len(names)
