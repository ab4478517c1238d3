import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from digest.items.item import Item
from digest.site import metadata, views
from tests.site.samples import CONFIG, NOW, full_item, hours, item, pages_of


def page_of(made: Item) -> html.HtmlElement:
    return html.document_fromstring(pages_of([made])[f"items/{made.slug}/index.html"])


def article(made: Item) -> dict[str, Any]:
    """Return the JSON-LD as a machine finds it on the item's page."""
    [script] = page_of(made).iter("script")
    assert script.get("type") == "application/ld+json"
    return dict(json.loads(script.text or ""))


def described(made: Item) -> dict[str, str]:
    """Return what the page of the item says in `meta` elements, the last of each name."""
    metas = page_of(made).iter("meta")
    return {meta.get("property") or meta.get("name") or "": meta.get("content") or "" for meta in metas}


def test_an_article_has_what_search_engines_ask_for(tmp_path: Path) -> None:
    made = article(full_item(tmp_path))
    assert made["@context"] == "https://schema.org"
    assert made["@type"] == "NewsArticle"
    assert made["headline"] == "Title of full"
    assert made["mainEntityOfPage"] == {"@type": "WebPage", "@id": "https://news.example.org/press/items/full/"}
    assert made["inLanguage"] == "en"
    assert made["author"] == [{"@type": "Person", "name": "One"}, {"@type": "Person", "name": "Two"}]
    assert made["publisher"]["name"] == "Example Organisation"
    for moment in (made["datePublished"], made["dateModified"]):
        assert datetime.fromisoformat(moment).tzinfo is not None
    assert made["dateModified"] > made["datePublished"]
    first, second = made["image"]
    assert first["url"].startswith("https://news.example.org/press/images/")
    assert (first["width"], first["height"], first["creditText"]) == (1200, 800, "Ana & Co")
    assert second["caption"] == "Again"


def test_an_article_says_what_was_corrected(tmp_path: Path) -> None:
    assert article(full_item(tmp_path))["correction"] == [
        {"@type": "CorrectionComment", "text": "It was <214>.", "datePublished": hours(-3).isoformat()}
    ]


def test_the_terms_are_named_on_the_page_and_in_the_article() -> None:
    newsroom = CONFIG.newsroom.model_copy(update={"license": "https://terms.example/"})
    made = pages_of([item()], config=CONFIG.model_copy(update={"newsroom": newsroom}))
    shown = html.document_fromstring(made["items/first/index.html"])
    [script] = shown.iter("script")
    assert json.loads(script.text or "")["license"] == "https://terms.example/"
    [link] = [link for link in shown.iter("a") if link.get("rel") == "license"]
    assert (link.get("href"), link.text) == ("https://terms.example/", "Free to quote")
    assert not [link for link in page_of(item()).iter("a") if link.get("rel") == "license"]


def test_an_article_without_authors_is_the_organisations() -> None:
    made = article(item())
    assert made["author"] == made["publisher"]
    assert made["dateModified"] == made["datePublished"]
    assert not {"image", "correction", "dateline", "keywords"} & made.keys()


@pytest.mark.parametrize("title", ["word " * 59, "x" * 300])
def test_a_long_headline_is_cut_where_search_engines_would_cut_it(title: str) -> None:
    headline = article(item(title=title.strip()))["headline"]
    assert len(headline) <= 110
    assert headline.endswith("…")


@pytest.mark.parametrize("attack", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028&lt;"])
def test_no_words_end_the_script_element(attack: str) -> None:
    made = item(title=f"T {attack}", corrections=[{"at": hours(-1), "note": attack}])
    page = views.page(made, (made,), NOW, CONFIG)
    block = metadata.news_article(page, CONFIG.newsroom)
    assert not set("<>&\u2028") & set(block)
    assert article(made)["headline"] == made.title


def test_a_notice_is_no_article() -> None:
    made = item(withdrawn={"at": hours(-1), "reason": "x"})
    assert b"<script" not in pages_of([made])["items/first/index.html"]


def test_a_shared_link_shows_title_summary_and_picture(tmp_path: Path) -> None:
    meta = described(full_item(tmp_path, language="es"))
    assert meta["og:title"] == "Title of full"
    assert meta["og:description"] == meta["description"] == "Summary of full."
    assert meta["og:url"] == "https://news.example.org/press/items/full/"
    assert meta["og:image"].startswith("https://news.example.org/press/images/")
    assert meta["og:image:alt"] == "A <b>harbour</b>"
    assert meta["twitter:card"] == "summary_large_image"
    assert meta["article:section"] == "Nota de prensa"
    assert meta["article:tag"] == "Asilo"
    assert meta["article:published_time"] == hours(-24).isoformat()
    assert meta["article:modified_time"] == hours(-3).isoformat()
    assert described(item())["twitter:card"] == "summary"


def test_an_item_is_shared_by_mail_or_by_copying_its_address() -> None:
    made = item(title="Salt & bread: 100 %")
    page = page_of(made)
    assert page.xpath("//p[@class='share']/a/@href") == [
        "mailto:?subject=Salt%20%26%20bread%3A%20100%20%25&body=https:%2F%2Fnews.example.org%2Fpress%2Fitems%2Ffirst%2F"
    ]
    assert page.xpath("//p[@class='share']//code/text()") == ["https://news.example.org/press/items/first/"]
