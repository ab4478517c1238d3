"""The rules that the W3C's feed validator knows, for every feed there is: what breaks one breaks readers."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

from lxml import etree

from digest.site.feed import BEFORE_ALL_ENTRIES
from tests.site.samples import NOW
from tests.site.syndicated import atoms, texts

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
Files = Mapping[str, bytes]

IRI = re.compile(r"[a-z][a-z0-9+.-]*:(?:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})+")  # RFC 3987
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # RFC 5646, as feeds use it
ADDRESSES = ("href", "url", "scheme", "src")  # attributes
LANGUAGES = ("hreflang", "{http://www.w3.org/XML/1998/namespace}lang")  # attributes
MAY_BE_EMPTY = {f"{ATOM}link", f"{ATOM}category", "enclosure", "{http://purl.org/syndication/history/1.0}archive"}
ONCE_AN_ITEM = {"title", "link", "guid", "pubDate", "description", "enclosure", f"{CONTENT}encoded", f"{DC}creator"}
VOID = {"br", "hr", "img", "wbr"}  # HTML section 13.1.2


def channel(files: Files) -> etree._Element:
    found = etree.fromstring(files["rss.xml"]).find("channel")
    assert found is not None
    return found


def roots(files: Files) -> dict[str, etree._Element]:
    """Return the root of every XML feed by its path."""
    return {**atoms(files), "rss.xml": etree.fromstring(files["rss.xml"])}


def items(files: Files) -> list[dict[str, object]]:
    """Return the items of the JSON Feed."""
    found: list[dict[str, object]] = json.loads(files["feed.json"])["items"]
    return found


def elements(files: Files) -> Iterator[tuple[str, etree._Element]]:
    """Yield path and element of all that stands in an XML feed."""
    for path, root in roots(files).items():
        yield from ((path, element) for element in root.iter(etree.Element))


def addresses(files: Files) -> Iterator[tuple[str, str]]:
    """Yield path and each id and address in any feed, the text of entries aside."""
    for path, element in elements(files):
        yield from ((path, str(element.get(name))) for name in ADDRESSES if name in element.attrib)
        if element.tag in {f"{ATOM}id", f"{ATOM}uri", f"{ATOM}icon", f"{ATOM}logo", "link", "guid", "url"}:
            yield path, element.text or ""
    told = re.findall(r'"(?:\w*url|id|image|icon)":"(.*?)"', files["feed.json"].decode())
    yield from (("feed.json", address) for address in told)


def test_each_feed_says_the_address_where_it_stands(files: Files) -> None:
    own = {path: root.findall(f"{ATOM}link[@rel='self']") for path, root in atoms(files).items()}
    own["rss.xml"] = channel(files).findall(f"{ATOM}link[@rel='self']")
    root = str(own["atom.xml"][0].get("href")).removesuffix("atom.xml")
    assert {path: [link.get("href") for link in links] for path, links in own.items()} == {
        path: [f"{root}{path}"] for path in own
    }
    assert json.loads(files["feed.json"])["feed_url"] == f"{root}feed.json"


def test_no_two_feeds_share_an_id_but_a_feed_and_its_archives(files: Files) -> None:
    ids = {path: root.findtext(f"{ATOM}id") for path, root in atoms(files).items()}
    archives = {path for path in ids if path.startswith("archive/")}
    assert {ids[path] for path in archives} <= {ids["atom.xml"]}
    assert len({*ids.values()}) == len(ids) - len(archives)


def test_every_id_and_address_is_absolute_and_well_formed(files: Files) -> None:
    found = set(addresses(files))
    assert len(found) > 100
    for path, address in found:
        assert IRI.fullmatch(address), (path, address)
        assert urlsplit(address).scheme not in {"http", "https"} or urlsplit(address).hostname, (path, address)


def test_every_date_has_its_form_and_is_plausible(files: Files) -> None:
    for path, element in elements(files):
        said = element.text or ""
        if element.tag in {f"{ATOM}updated", f"{ATOM}published"}:
            assert RFC_3339.fullmatch(said), (path, said)
            assert BEFORE_ALL_ENTRIES <= datetime.fromisoformat(said) <= NOW, (path, said)
        if element.tag in {"pubDate", "lastBuildDate"}:
            read = parsedate_to_datetime(said)
            assert said == format_datetime(read, usegmt=True), "another form, or another weekday"
            assert BEFORE_ALL_ENTRIES <= read <= NOW, said
    for item in items(files):
        assert RFC_3339.fullmatch(str(item["date_published"]))
        assert RFC_3339.fullmatch(str(item["date_modified"]))


def test_nothing_is_said_in_no_words(files: Files) -> None:
    for path, element in elements(files):
        if not len(element) and element.tag not in MAY_BE_EMPTY:
            assert (element.text or "").strip(), (path, element.tag)
        assert all(str(value).strip() for value in element.attrib.values()), (path, element.tag)


def test_every_media_type_has_its_form(files: Files) -> None:
    told = {str(element.get("type")) for _, element in elements(files) if "type" in element.attrib}
    assert {"application/pdf", "image/jpeg", "text/html", "application/atom+xml"} < told
    for media_type in told - {"html"}:  # of `content`
        assert MEDIA_TYPE.fullmatch(media_type), media_type


def test_every_language_is_a_tag(files: Files) -> None:
    named = [str(element.get(name)) for _, element in elements(files) for name in LANGUAGES if name in element.attrib]
    tags = {*named, channel(files).findtext("language") or "", *(str(item["language"]) for item in items(files))}
    assert {"en", "es"} <= tags
    assert all(TAG.fullmatch(tag) for tag in tags), tags


class Balance(HTMLParser):
    """What of a piece of HTML is not closed, or closed and not open; and its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_html_is_balanced_and_has_no_styles_and_handlers(files: Files) -> None:
    for path, text in texts(files):
        read = Balance(text)
        assert not [*read.open, *read.wrong], (path, text)
        assert not {name for name in read.attributes if name == "style" or name.startswith("on")}, path


def test_no_character_is_a_control_or_a_sign_that_something_was_lost(files: Files) -> None:
    for path, content in files.items():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd-\uffff]", content.decode()), path


def test_every_file_says_that_it_is_utf_8_and_has_no_mark_before(files: Files) -> None:
    for path, content in files.items():
        if path.endswith("xml"):
            assert re.match(rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]UTF-8['\"]\?>", content, re.IGNORECASE), path


def test_no_entry_is_filed_under_the_same_twice(files: Files) -> None:
    for path, root in atoms(files).items():
        for entry in root.iter(f"{ATOM}entry"):
            filed = [(each.get("scheme"), each.get("term")) for each in entry.findall(f"{ATOM}category")]
            assert len(set(filed)) == len(filed) > 0, path


def test_the_rss_channel_and_each_item_have_what_they_must_have_once(files: Files) -> None:
    made = channel(files)
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert len(made.findall(name)) == 1, name
    for item in made.findall("item"):
        tags = [str(child.tag) for child in item]
        assert ONCE_AN_ITEM - {"enclosure"} <= set(tags)
        assert all(tags.count(name) <= 1 for name in ONCE_AN_ITEM)
        assert tags.index("description") < tags.index(f"{CONTENT}encoded")
        assert tags.count(f"{MEDIA}content") <= 1


def test_the_rss_channels_image_is_its_own(files: Files) -> None:
    made = channel(files)
    assert made.findtext("image/title") == made.findtext("title")
    assert made.findtext("image/link") == made.findtext("link")
    assert str(made.findtext("image/url")).endswith((".png", ".jpg", ".gif"))
