import re
import uuid
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from digest.items.item import Item
from digest.site.feed import BEFORE_ALL_ENTRIES, HISTORY
from digest.site.feeds import Imprint
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import IMPRINT, atom_feed, is_atom, syndicated

SCHEMA = Path(__file__).parents[2] / "../shared/schemas/atom.rng"
ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML_CHARACTERS = st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"])


def full(tmp_path: Path, **fields: object) -> Item:
    """Return an item that has everything but further pictures and corrections."""
    return full_item(tmp_path, **{"images": [], "corrections": []} | fields)


def entry(feed: bytes) -> etree._Element:
    found = etree.fromstring(feed).find(f"{ATOM}entry")
    assert found is not None
    return found


def content(feed: bytes) -> str:
    return entry(feed).findtext(f"{ATOM}content") or ""


def words(element: html.HtmlElement) -> str:
    return "".join(str(part) for part in element.itertext())


def links(element: etree._Element) -> list[dict[str, str]]:
    return [{str(name): str(value) for name, value in link.attrib.items()} for link in element.findall(f"{ATOM}link")]


def made_of(items: list[Item], imprint: Imprint = IMPRINT) -> dict[str, etree._Element]:
    """Return the root of every Atom document by its path."""
    made = syndicated(CONFIG, items, NOW, imprint)
    return {path: etree.fromstring(content) for path, content in made.items() if is_atom(path)}


def test_feedparser_reads_the_feed_without_a_complaint(tmp_path: Path) -> None:
    read = feedparser.parse(atom_feed(CONFIG, [full(tmp_path), item()], NOW))
    assert not read.bozo
    assert read.feed.title == "Example Newsroom"
    assert read.feed.subtitle == "News for tests"
    assert read.feed.rights == "Free to quote"
    assert [each.title for each in read.entries] == ["Title of first", "Title of full"]
    assert read.entries[1].authors == [{"name": "One"}, {"name": "Two"}]


def test_the_feed_fits_the_schema_of_rfc_4287(tmp_path: Path) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA} is not on this machine")
    withdrawn = item("taken", withdrawn={"at": hours(-1), "reason": "Wrong."})
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    for items in ([full(tmp_path), withdrawn], []):
        schema.assertValid(etree.fromstring(atom_feed(CONFIG, items, NOW)))


def test_the_feed_names_itself_and_the_site() -> None:
    root = etree.fromstring(atom_feed(CONFIG, [], NOW))
    assert links(root) == [
        {"href": "https://news.example.org/press/atom.xml", "rel": "self", "type": "application/atom+xml"},
        {"href": "https://news.example.org/press/", "rel": "alternate", "type": "text/html"},
    ]


def test_ids_come_from_the_newsroom_and_the_item_not_from_the_address() -> None:
    moved = CONFIG.model_copy(
        update={"newsroom": CONFIG.newsroom.model_copy(update={"url": "https://new.example", "title": "Renamed"})}
    )
    for config in (CONFIG, moved):
        root = etree.fromstring(atom_feed(config, [item(title="Any")], NOW))
        assert root.findtext(f"{ATOM}id") == uuid.uuid5(uuid.UUID(CONFIG.newsroom.id), "feed").urn
        assert root.findtext(f"{ATOM}entry/{ATOM}id") == item().uri


def test_an_imported_id_stays_as_it_is() -> None:
    feed = atom_feed(CONFIG, [item(id="tag:old.example,2020:7")], NOW)
    assert entry(feed).findtext(f"{ATOM}id") == "tag:old.example,2020:7"


def test_links_of_entries_keep_their_attributes(tmp_path: Path) -> None:
    made = full(tmp_path)
    assert links(entry(atom_feed(CONFIG, [made], NOW))) == [
        {
            "href": "https://news.example.org/press/items/full/",
            "rel": "alternate",
            "type": "text/html",
            "hreflang": "en",
        },
        {
            "href": f"https://news.example.org/press/documents/{made.assets['a #1.pdf'].sha256[:16]}/a%20%231.pdf",
            "rel": "enclosure",
            "type": "application/pdf",
            "length": "4",
            "title": "Briefing",
        },
        {"href": "https://elsewhere.example/a?b=1&c=2", "rel": "related", "title": "Elsewhere"},
    ]


def test_no_address_in_the_content_is_relative(tmp_path: Path) -> None:
    feed = atom_feed(CONFIG, [full(tmp_path, images=[{"file": "lead.jpg", "alt": "x"}])], NOW)
    elements = html.fromstring(content(feed)).iter("a", "img")
    addresses = [element.get("href") or element.get("src") or "" for element in elements]
    assert len(addresses) == 5
    assert all(address.startswith("https://news.example.org/") for address in addresses)
    assert "https://news.example.org/press/items/full/#note" in addresses


def test_the_content_opens_with_the_picture_and_the_lede(tmp_path: Path) -> None:
    parts = list(html.fragments_fromstring(content(atom_feed(CONFIG, [full(tmp_path)], NOW))))
    assert [part.tag for part in parts] == ["figure", "p", "p"]
    shown = parts[0].find("img")
    assert shown is not None
    assert shown.get("alt") == "A <b>harbour</b>"
    assert shown.get("width") == "1200"
    assert words(parts[0]) == "At dawn. Ana & Co"
    assert words(parts[1]) == "Summary of full."


def test_a_lede_taken_from_the_body_is_not_said_twice() -> None:
    feed = atom_feed(CONFIG, [item(summary="One bold start.", body="One **bold**\nstart.\n\nMore.")], NOW)
    assert content(feed).count("start.") == 1
    assert entry(feed).findtext(f"{ATOM}summary") == "One bold start."


def test_the_picture_is_also_one_media_content_with_description_and_credit(tmp_path: Path) -> None:
    found = entry(atom_feed(CONFIG, [full(tmp_path)], NOW)).findall(f"{MEDIA}content")
    assert len(found) == 1
    [shown] = html.fromstring(content(atom_feed(CONFIG, [full(tmp_path)], NOW))).iter("img")
    assert found[0].get("url") == shown.get("src")
    assert found[0].findtext(f"{MEDIA}description") == "A <b>harbour</b>"
    assert found[0].findtext(f"{MEDIA}credit") == "Ana & Co"
    assert not entry(atom_feed(CONFIG, [item()], NOW)).findall(f"{MEDIA}content")


def test_categories_have_term_scheme_and_a_label_in_the_language_of_the_item() -> None:
    found = entry(atom_feed(CONFIG, [item(topics=["asylum"], language="es")], NOW)).findall(f"{ATOM}category")
    assert [dict(category.attrib) for category in found] == [
        {"term": "press-release", "scheme": "https://news.example.org/press/kinds/", "label": "Nota de prensa"},
        {"term": "asylum", "scheme": "https://news.example.org/press/topics/", "label": "Asilo"},
    ]


def test_feed_and_entry_name_their_language() -> None:
    root = etree.fromstring(atom_feed(CONFIG, [item(language="es")], NOW))
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert root.get(language) == "en"
    assert entry(etree.tostring(root)).get(language) == "es"


def test_an_item_without_authors_is_the_organisations() -> None:
    assert entry(atom_feed(CONFIG, [item()], NOW)).findtext(f"{ATOM}author/{ATOM}name") == "Example Organisation"


def test_times_are_of_the_items_and_never_of_the_build() -> None:
    made = [
        item("a", published=hours(-50), corrections=[{"at": hours(-1), "note": "x"}, {"at": hours(9), "note": "y"}]),
        item("b", published=hours(-30)),
    ]
    root = etree.fromstring(atom_feed(CONFIG, made, NOW))
    assert [each.text for each in root.iter(f"{ATOM}updated")] == [
        "2026-11-20T11:00:00+00:00",
        "2026-11-19T06:00:00+00:00",
        "2026-11-20T11:00:00+00:00",
    ]
    assert atom_feed(CONFIG, made, NOW) == atom_feed(CONFIG, made, hours(5))


def test_an_empty_feed_has_a_time_too_and_always_the_same() -> None:
    feed = atom_feed(CONFIG, [], NOW)
    assert etree.fromstring(feed).findtext(f"{ATOM}updated") == BEFORE_ALL_ENTRIES.isoformat()
    assert feed == atom_feed(CONFIG, [], hours(1000))


def test_the_newest_items_come_first() -> None:
    made = [item("old", published=hours(-3)), item("new", published=hours(-1)), item("mid", published=hours(-2))]
    assert re.findall("Title of (\\w+)", atom_feed(CONFIG, made, NOW).decode()) == ["new", "mid", "old"]


def test_a_feed_of_a_kind_names_itself_and_its_page() -> None:
    root = made_of([item()], Imprint())["kinds/press-release/atom.xml"]
    assert root.findtext(f"{ATOM}title") == "Example Newsroom: Press releases"
    assert root.findtext(f"{ATOM}id") == uuid.uuid5(uuid.UUID(CONFIG.newsroom.id), "feed:kind:press-release").urn
    assert [(link["rel"], link["href"]) for link in links(root)] == [
        ("self", "https://news.example.org/press/kinds/press-release/atom.xml"),
        ("alternate", "https://news.example.org/press/kinds/press-release/"),
    ]


def test_a_feed_of_a_language_is_in_that_language() -> None:
    root = made_of([item(), item("es", language="es")])["languages/es/atom.xml"]
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"
    assert [each.findtext(f"{ATOM}title") for each in root.iter(f"{ATOM}entry")] == ["Title of es"]


def test_hubs_license_icon_and_logo_are_named() -> None:
    root = made_of([])["atom.xml"]
    assert [(link["rel"], link["href"]) for link in links(root)][2:] == [
        ("hub", "https://hub.example.org/"),
        ("license", "https://example.org/license"),
    ]
    assert root.findtext(f"{ATOM}icon") == "https://news.example.org/press/icon.png"
    assert root.findtext(f"{ATOM}logo") == "https://news.example.org/press/logo.png"


def test_archives_are_marked_and_linked_as_rfc_5005_wants_it() -> None:
    documents = made_of([item(f"n{number}", published=hours(number - 900)) for number in range(210)])
    history = {
        path: {link["rel"]: link["href"].rpartition("/press/")[2] for link in links(root)}
        for path, root in documents.items()
        if path in {"atom.xml", "archive/1.xml", "archive/2.xml"}
    }
    for named in history.values():
        del named["alternate"], named["license"]
    assert history.pop("atom.xml") == {
        "self": "atom.xml",
        "prev-archive": "archive/2.xml",
        "hub": "https://hub.example.org/",
    }
    assert history == {
        "archive/1.xml": {"self": "archive/1.xml", "next-archive": "archive/2.xml", "current": "atom.xml"},
        "archive/2.xml": {"self": "archive/2.xml", "prev-archive": "archive/1.xml", "current": "atom.xml"},
    }
    marked = [path for path, root in documents.items() if root.find(f"{{{HISTORY}}}archive") is not None]
    assert marked == ["archive/1.xml", "archive/2.xml"]
    assert len({documents[path].findtext(f"{ATOM}id") for path in [*marked, "atom.xml"]}) == 1


def test_the_order_of_the_files_changes_nothing(tmp_path: Path) -> None:
    made = [item("a"), item("b"), item("c"), full(tmp_path)]
    assert atom_feed(CONFIG, made, NOW) == atom_feed(CONFIG, made[::-1], NOW)


def test_a_correction_stands_in_the_content_once_its_time_has_come() -> None:
    made = item(corrections=[{"at": hours(2), "note": "It was <214>."}])
    assert "Correction" not in content(atom_feed(CONFIG, [made], NOW))
    after = content(atom_feed(CONFIG, [made], hours(2)))
    assert "<strong>Correction, " in after
    assert "2026" in after
    assert "It was &lt;214&gt;." in after


def test_a_withdrawn_item_keeps_its_id_and_says_why(tmp_path: Path) -> None:
    made = full(tmp_path, withdrawn={"at": hours(-1), "reason": "The <source> was wrong."})
    found = entry(atom_feed(CONFIG, [made], NOW))
    assert found.findtext(f"{ATOM}id") == made.uri
    assert found.findtext(f"{ATOM}title") == "Withdrawn: Title of full"
    assert found.findtext(f"{ATOM}updated") == hours(-1).isoformat()
    assert found.findtext(f"{ATOM}content") == "<p>The &lt;source&gt; was wrong.</p>"
    assert found.find(f"{ATOM}summary") is None
    assert found.find(f"{MEDIA}content") is None
    assert [link["rel"] for link in links(found)] == ["alternate"]


def test_scripts_in_an_item_stay_words(tmp_path: Path) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    made = full(
        tmp_path,
        summary=attack,
        body=attack,
        image={"file": "lead.jpg", "alt": attack, "caption": attack, "credit": attack + "!"},
        corrections=[{"at": hours(-1), "note": attack}],
    )
    parts = html.fromstring(content(atom_feed(CONFIG, [made], NOW)))
    assert not list(parts.iter("script"))
    assert [sorted(shown.attrib) for shown in parts.iter("img")] == [["alt", "height", "src", "width"]]


@given(title=st.text(XML_CHARACTERS, min_size=1, max_size=60).filter(str.strip))
def test_every_title_is_read_back_as_it_was_written(title: str) -> None:
    made = item(title=title)
    read = etree.fromstring(atom_feed(CONFIG, [made], NOW))
    assert read.findtext(f"{ATOM}entry/{ATOM}title") == made.title
