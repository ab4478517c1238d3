"""Changes by command keep every other byte of an item's file."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import yamlfile
from digest.errors import Refused
from digest.items.editing import corrected, local_time, with_alias, with_original, withdrawn

ITEM = """\
# A comment that stays.
id: aaaaaaaa-1111-4222-8333-444444444444
title: "Quoted: as it was"   

body: |
  The text.

  Its end.
"""  # noqa: W291 - an author's spaces
AT = "2026-11-20 10:00"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip() == text)


def said(text: str) -> dict[str, yamlfile.Value]:
    document = yamlfile.parse(text.encode(), "item")
    assert document.problems == ()
    return document.value


def test_a_withdrawal_stands_at_the_end_and_nothing_else_changes() -> None:
    text = withdrawn(ITEM, AT, "It was wrong: twice", "notice")
    assert text == f"{ITEM}withdrawn:\n  at: {AT}\n  reason: 'It was wrong: twice'\n"


def test_a_withdrawal_without_trace_says_so() -> None:
    assert said(withdrawn(ITEM, AT, "why", "nothing"))["withdrawn"] == {"at": AT, "reason": "why", "show": "nothing"}


def test_a_second_withdrawal_is_refused() -> None:
    with pytest.raises(Refused, match="withdrawn already"):
        withdrawn(withdrawn(ITEM, AT, "why", "notice"), AT, "again", "notice")


def test_an_empty_field_of_that_name_is_filled() -> None:
    text = withdrawn(f"withdrawn:\n{ITEM}", AT, "why", "notice")
    assert text.startswith("# A comment")
    assert said(text)["withdrawn"] == {"at": AT, "reason": "why"}


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_a_correction_follows_those_there_are_in_their_indentation(indent: str) -> None:
    old = f"corrections:\n{indent}- at: 2026-11-01 10:00\n{indent}  note: First.\n\n# a comment\ntitle: x\n"
    text = corrected(old, AT, "Second.")
    new = f"{indent}- at: {AT}\n{indent}  note: 'Second.'\n"
    assert text == old.replace("First.\n", f"First.\n{new}")


def test_a_first_correction_makes_the_list() -> None:
    assert corrected(ITEM, AT, "It’s ‘so’.").endswith(f"corrections:\n  - at: {AT}\n    note: 'It’s ‘so’.'\n")


def test_a_list_in_brackets_is_left_to_its_author() -> None:
    with pytest.raises(Refused, match="by hand"):
        with_alias("title: x\naliases: [one, two]\n", "three")


def test_a_file_in_braces_is_left_to_its_author() -> None:
    with pytest.raises(Refused, match="by hand"):
        corrected("{title: x}\n", AT, "note")


def test_line_ends_stay_as_they_are_and_a_missing_last_one_is_put_in() -> None:
    text = with_alias("title: x\r\nbody: y", "old-name")
    assert text == "title: x\r\nbody: y\r\naliases:\r\n  - old-name\r\n"


def test_a_translation_follows_its_original() -> None:
    assert with_original("translation_of: old\nbody: old\n", "old", "new") == "translation_of: new\nbody: old\n"


@given(reason=TEXTS, note=TEXTS)
def test_any_words_come_back_as_they_were_given(reason: str, note: str) -> None:
    text = corrected(withdrawn(ITEM, AT, reason, "notice"), AT, note)
    assert said(text)["withdrawn"] == {"at": AT, "reason": reason}
    assert said(text)["corrections"] == [{"at": AT, "note": note}]


def test_a_time_in_the_hour_that_comes_twice_carries_its_offset() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    assert local_time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), madrid) == "2026-10-25 02:30+02:00"
    assert local_time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), madrid) == "2026-10-25 02:30+01:00"
    assert local_time(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), madrid) == "2026-11-20 09:00"
