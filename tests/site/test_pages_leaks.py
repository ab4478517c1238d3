"""What must not show leaves no word and no file name anywhere in the tree, whatever kind of item it is."""

from pathlib import Path

import pytest

from digest.items.item import Item
from digest.site.redirects import redirects
from digest.site.tree import build_tree, gone_paths
from tests.site.samples import CONFIG, NOW, full_item, hours, item, pdf, picture

WITHDRAWN = {"at": hours(-1), "reason": "Zreason"}
HIDDEN: dict[str, dict[str, object]] = {
    "a draft": {"published": None},
    "under embargo": {"published": hours(0.001)},
    "withdrawn without trace": {"withdrawn": {**WITHDRAWN, "show": "nothing"}},
    "withdrawn before it was public": {"published": hours(-0.5), "withdrawn": WITHDRAWN},
    "withdrawn under embargo": {"published": hours(1), "withdrawn": WITHDRAWN},
    "featured under embargo": {"published": hours(1), "featured": hours(9)},
    "corrected under embargo": {"published": hours(1), "updated": hours(-2)},
    "the only one of its kind, topic and language": {
        "published": None,
        "kind": "report",
        "topics": ["prisons"],
        "language": "cy",
    },
    "a translation": {"published": None, "translation_of": "open", "language": "cy"},
}


def _hidden(folder: Path, fields: dict[str, object]) -> Item:
    """Return an item whose every word starts with Z, hidden by `fields`."""
    return full_item(
        folder,
        **{
            "slug": "zslug",
            "id": "tag:zid.example,2026:z",
            "title": "Ztitle",
            "summary": "Zsummary",
            "body": "Zbody [zlinked](https://zlinked.example)",
            "image": {"file": "z.jpg", "alt": "Zalt", "caption": "Zcaption", "credit": "Zcredit", "rights": "Zrights"},
            "images": [{"file": "y.jpg", "alt": "Zalt", "credit": "Zcredit"}],
            "documents": [{"file": "z.pdf", "title": "Zdocument"}],
            "links": [{"url": "https://zlink.example", "title": "Zlink"}],
            "authors": ["Zauthor"],
            "place": "Zplace",
            "contact": {"name": "Zcontact", "email": "z@zcontact.example"},
            "aliases": ["/zold/", "zalias"],
            "corrections": [{"at": hours(-3), "note": "Zcorrection"}],
            "assets": {
                "z.jpg": picture(folder, "zpicture.jpg", b"z1"),
                "y.jpg": picture(folder, "zmore.jpg", b"z2"),
                "z.pdf": pdf(folder, "zfile.pdf", b"z3"),
            },
            **fields,
        },
    )


WORDS = [
    *("zslug", "zid.", "ztitle", "zsummary", "zbody", "zlinked", "zalt", "zcaption", "zcredit", "zrights", "zdocument"),
    *("zlink", "zauthor", "zplace", "zcontact", "zold", "zalias", "zcorrection", "zpicture", "zmore", "zfile"),
    "zreason",
]


def _everything(tree: dict[str, object]) -> str:
    contents = [content.decode() if isinstance(content, bytes) else str(content) for content in tree.values()]
    return "\n".join([*tree, *contents]).lower()


@pytest.mark.parametrize("fields", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_hidden_item_leaves_no_trace(fields: dict[str, object], tmp_path: Path) -> None:
    hidden = _hidden(tmp_path, fields)
    beside = [item("open", topics=["asylum"]), item("offen", language="de")]
    tree = build_tree(CONFIG, [hidden, *beside], NOW, tmp_path, [])
    everything = _everything({**tree, **redirects([hidden, *beside], NOW)})
    assert [word for word in WORDS if word in everything] == []
    assert tree == build_tree(CONFIG, beside, NOW, tmp_path, [])


def test_the_same_words_are_found_while_the_item_is_public(tmp_path: Path) -> None:
    public = _hidden(tmp_path, {})
    everything = _everything(dict(build_tree(CONFIG, [public], NOW, tmp_path, [])))
    assert [word for word in WORDS if word not in everything] == ["zreason"]


def test_only_the_address_of_what_was_public_answers_that_it_is_gone(tmp_path: Path) -> None:
    gone = {name: gone_paths([_hidden(tmp_path, fields)], NOW) for name, fields in HIDDEN.items()}
    assert [name for name, paths in gone.items() if paths] == ["withdrawn without trace"]
