import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest import yamlfile
from digest.items.checks import Reading
from digest.items.fixing import new_item_text, quoted, wants_new_id, with_id
from tests.items.samples import id_of

NEW = id_of("new")


def reading(text: bytes, *, copies_id: bool = False) -> Reading:
    document = yamlfile.parse(text, "f")
    return Reading("f", "f", text, document, None, {}, list(document.problems), copies_id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"kind: x\ntitle: y\n", b"id: NEW\nkind: x\ntitle: y\n"),
        (b"kind: x\r\ntitle: y\r\n", b"id: NEW\r\nkind: x\r\ntitle: y\r\n"),
        (b"# modeline\n\n# comment\nkind: x\n", b"# modeline\n\n# comment\nid: NEW\nkind: x\n"),
        (b"---\nkind: x\n", b"---\nid: NEW\nkind: x\n"),
        (b"\xef\xbb\xbfkind: x\n", b"\xef\xbb\xbfid: NEW\nkind: x\n"),
        (b"  kind: x\n  title: y\n", b"  id: NEW\n  kind: x\n  title: y\n"),
        (b"kind: x", b"id: NEW\nkind: x"),
        (b"kind: x\nid: old\ntitle: y", b"kind: x\nid: NEW\ntitle: y"),
        (b"kind: x\nid:\ntitle: y\n", b"kind: x\nid: NEW\ntitle: y\n"),
        (b"id: ~\r\nkind: x\r\n", b"id: NEW\r\nkind: x\r\n"),
        (b"id:   'old' # kept\nkind: x\n", b"id: NEW # kept\nkind: x\n"),
        (b'"id" : "old"\nkind: x\n', b'"id" : NEW\nkind: x\n'),
        (b'title: "a\nid: b"\nkind: x\n', b'id: NEW\ntitle: "a\nid: b"\nkind: x\n'),
        (b"body: |\n  id: no\nid: old\n", b"body: |\n  id: no\nid: NEW\n"),
        ("title: «Liberté»  \nkind:  x\n\n\n".encode(), "id: NEW\ntitle: «Liberté»  \nkind:  x\n\n\n".encode()),
    ],
)
def test_the_id_is_written_and_everything_else_stays_byte_for_byte(before: bytes, after: bytes) -> None:
    assert with_id(reading(before), NEW) == after.replace(b"NEW", NEW.encode())


@pytest.mark.parametrize(
    "text", [b"{kind: x, title: y}\n", b"? id\n: old\n", b"id: >-\n  old\n  er\n", b"id: two words\n"]
)
def test_a_layout_that_does_not_allow_it_is_left_alone(text: bytes) -> None:
    assert with_id(reading(text), NEW) is None


@pytest.mark.parametrize(
    ("text", "copies", "wanted"),
    [
        (b"kind: x\n", False, True),
        (b"id:\nkind: x\n", False, True),
        (b"id: old\nkind: x\n", False, False),
        (b"id: old\nkind: x\n", True, True),
        (b"", False, False),
        (b"kind: x: y\n", False, False),
    ],
)
def test_a_new_id_is_for_what_has_none_or_anothers(text: bytes, copies: bool, wanted: bool) -> None:  # noqa: FBT001
    assert wants_new_id(reading(text, copies_id=copies)) is wanted


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(str.strip)


KEYS = TEXTS.filter(lambda key: key != "id" and len(key) < 60)  # longer ones are written as `? key`


@given(st.dictionaries(KEYS, TEXTS | st.lists(TEXTS), min_size=1), st.booleans())
def test_whatever_a_file_says_it_says_besides_its_new_id(said: dict[str, str], in_flow: bool) -> None:  # noqa: FBT001
    before = reading(yaml.safe_dump(said, allow_unicode=True, default_flow_style=in_flow, default_style="'").encode())
    after = with_id(before, NEW)

    assert after is None if in_flow else after is not None
    if after:
        assert yamlfile.parse(after, "f").value == {**before.document.value, "id": NEW}


@given(TEXTS)
def test_every_title_can_be_quoted(title: str) -> None:
    text = new_item_text("report", title, NEW, "../../item.schema.json")
    document = yamlfile.parse(text.encode(), "f")

    assert yamlfile.parse(f"a: {quoted(title)}\n".encode(), "f").value == {"a": title}
    assert (document.value["title"], document.value["id"], document.problems) == (title, NEW, ())
