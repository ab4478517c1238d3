"""What holds for every feed there is: of the sample newsroom, and of one where everything happens."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree, html

from digest.config import Config
from digest.items.item import Item, Visibility, visibility
from digest.site import sitemaps
from digest.site.feeds import Imprint
from tests.site.samples import CONFIG, NOW, full_item, hours, item, pdf
from tests.site.syndicated import atoms, is_atom, syndicated, texts

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "../shared/schemas/atom.rng"
ATOM = "{http://www.w3.org/2005/Atom}"
Files = Mapping[str, bytes]


def moment(element: etree._Element, name: str) -> datetime:
    return datetime.fromisoformat(element.findtext(f"{ATOM}{name}") or "")


def test_every_atom_document_fits_the_schema_of_rfc_4287(files: Files) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA} is not on this machine")
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    for root in atoms(files).values():
        schema.assertValid(root)


def test_feedparser_complains_of_none(files: Files) -> None:
    for path, content in files.items():
        if is_atom(path) or path == "rss.xml":
            read = feedparser.parse(content)
            assert not read.bozo, path
            assert all(each.id and each.title and each.link and each.author for each in read.entries), path


def test_no_address_in_any_text_is_relative(files: Files) -> None:
    found = 0
    for path, text in texts(files):
        for element in html.fromstring(f"<div>{text}</div>").iter("a", "img"):
            address = element.get("href") or element.get("src") or ""
            assert urlsplit(address).scheme in {"http", "https", "mailto", "tel"}, (path, address)
            found += 1
    assert found > 20


def test_no_source_of_a_quotation_is_relative() -> None:
    made = item(body='<q cite="/y">q</q> <blockquote cite="../z">z</blockquote>')
    assert not [text for _, text in texts(syndicated(CONFIG, [made], NOW)) if 'cite="/' in text or 'cite="..' in text]


def test_no_text_runs_a_script_or_leaves_the_allow_list(files: Files) -> None:
    for path, text in texts(files):
        tags = {element.tag for element in html.fromstring(f"<div>{text}</div>").iter()}
        assert not tags & {"script", "style", "iframe", "form", "object", "embed"}, path


def test_each_document_has_one_self_and_each_entry_one_alternate(files: Files) -> None:
    for path, root in atoms(files).items():
        assert len(root.findall(f"{ATOM}link[@rel='self']")) == 1, path
        for entry in root.iter(f"{ATOM}entry"):
            assert len(entry.findall(f"{ATOM}link[@rel='alternate']")) == 1, path


def test_times_follow_one_another(files: Files) -> None:
    for path, root in atoms(files).items():
        updates = []
        for entry in root.iter(f"{ATOM}entry"):
            assert moment(entry, "published") <= moment(entry, "updated") <= NOW, path
            updates.append(moment(entry, "updated"))
        if updates:
            assert moment(root, "updated") == max(updates), path
    for each in json.loads(files["feed.json"])["items"]:
        assert each["date_published"] <= each["date_modified"]


def test_no_summary_repeats_its_title(files: Files) -> None:
    for path, root in atoms(files).items():
        for entry in root.iter(f"{ATOM}entry"):
            assert entry.findtext(f"{ATOM}summary") != entry.findtext(f"{ATOM}title"), path
    for each in json.loads(files["feed.json"])["items"]:
        assert each.get("summary") != each["title"]


def test_an_enclosure_says_how_long_its_file_is(newsroom: tuple[Config, Sequence[Item]], files: Files) -> None:
    _, items = newsroom
    lengths = {
        each.public_path.split("/")[1]: each.path.stat().st_size for one in items for each in one.assets.values()
    }
    enclosures = [
        (str(each.get("href") or each.get("url")), int(each.get("length") or 0), each.get("type"))
        for root in [*atoms(files).values(), etree.fromstring(files["rss.xml"])]
        for each in [*root.iter("enclosure"), *root.iterfind(f".//{ATOM}link[@rel='enclosure']")]
    ]
    assert enclosures
    for address, length, media_type in enclosures:
        assert length == lengths[address.split("/")[-2]] > 0
        assert media_type == "application/pdf"


def test_an_item_has_the_same_id_and_address_everywhere_and_no_two_share_one(files: Files) -> None:
    known: dict[str, str] = {}
    for path, content in files.items():
        if is_atom(path) or path == "rss.xml":
            entries = [(each.id, each.link) for each in feedparser.parse(content).entries]
            assert len({id_ for id_, _ in entries}) == len(entries), path
            assert all(known.setdefault(id_, link) == link for id_, link in entries), path
    assert len(set(known.values())) == len(known)
    assert all(known[each["id"]] == each["url"] for each in json.loads(files["feed.json"])["items"])


def test_every_feed_is_below_a_megabyte(files: Files) -> None:
    assert max(len(content) for path, content in files.items() if is_atom(path) or path == "rss.xml") < 1_000_000


def test_the_same_items_give_the_same_bytes_in_any_order_and_at_any_later_time(
    newsroom: tuple[Config, Sequence[Item]], files: Files
) -> None:
    config, items = newsroom
    quiet = [each for each in items if each.published and each.published <= NOW]
    later = syndicated(config, quiet[::-1], hours(0.01))
    assert {path for path in files if files[path] != later[path]} <= {sitemaps.NEWS}


@pytest.mark.parametrize(
    "fields",
    [
        {"published": None},
        {"published": hours(1)},
        {"published": hours(-1), "withdrawn": {"at": hours(-2), "reason": "zxreason"}},
        {"withdrawn": {"at": hours(-1), "reason": "zxreason", "show": "nothing"}},
    ],
    ids=["a draft", "under embargo", "withdrawn before it was public", "withdrawn without trace"],
)
def test_what_the_public_may_not_see_is_in_no_file(tmp_path: Path, fields: dict[str, object]) -> None:
    words = {name: f"zx{name}" for name in ("title", "summary", "body", "place")}
    hidden = full_item(
        tmp_path,
        slug="zxslug",
        id="zx:identity",
        language="zu",
        authors=["zxauthor"],
        assets={"lead.jpg": pdf(tmp_path, "zxlead.jpg"), "a #1.pdf": pdf(tmp_path, "zxfile.pdf")},
        **words,
        **fields,
    )
    assert visibility(hidden, NOW) in {Visibility.HIDDEN, Visibility.GONE}
    made = syndicated(CONFIG, [hidden, item("seen", translation_of="zxslug")], NOW)
    for path, content in made.items():
        assert b"zx" not in content, path
        assert b"zu" not in path.encode() + content, path


def test_of_a_notice_nothing_but_title_and_reason_is_left(tmp_path: Path) -> None:
    words = {name: f"zx{name}" for name in ("summary", "body", "place")}
    noticed = full_item(tmp_path, withdrawn={"at": hours(-1), "reason": "The source was wrong."}, **words)
    made = syndicated(CONFIG, [noticed], NOW, Imprint())
    for path, content in made.items():
        assert b"zx" not in content, path
        assert b"lead.jpg" not in content, path
    for path in ("atom.xml", "rss.xml", "feed.json"):
        assert b"Withdrawn: Title of full" in made[path]
