"""What the staff do about subscribers by the command line."""

import csv
import io
import json
from pathlib import Path

import pytest

from digest.audience.shapes import OWN
from tests.cli.conftest import Run

WEEKLY = "digests:\n  weekly: {title: The week, schedule: manual}\n"
AGREED = ("--consent", "by phone")
ANA, BEN, EVE = (f"{name}@paper.example" for name in ("ana", "ben", "eve"))


@pytest.fixture(autouse=True)
def weekly(newsroom: Path) -> None:
    with (newsroom / "config.yaml").open("a") as file:
        file.write(WEEKLY)


@pytest.fixture
def staff(digest: Run) -> Run:
    """Return what runs a command about subscribers, and says when it is refused."""
    return lambda *arguments: digest("subscribers", *arguments)


def _facts(staff: Run, address: str) -> dict[str, object]:
    found = json.loads(staff("show", address, "--json").out)
    assert isinstance(found, dict)
    return found


def _evidence(staff: Run, address: str) -> list[str]:
    consent = _facts(staff, address)["consent"]
    assert isinstance(consent, list)
    return [event["evidence"] for event in consent]


def test_a_confirmation_that_never_came_is_mailed_again_once_and_that_is_in_the_history(staff: Run) -> None:
    staff("add", ANA)
    ended = staff("resend", ANA)
    assert (ended.code, "mailed again to ana@paper.example" in ended.err) == (0, True)
    assert _evidence(staff, ANA)[-1] == "the confirmation was mailed again"
    letters = _facts(staff, ANA)["letters"]
    assert isinstance(letters, list)
    assert [(letter["says"], letter["state"]) for letter in letters] == [("confirm", "due")]
    again = staff("resend", ANA)
    assert (again.code, "is waiting to be mailed" in again.err) == (1, True)


def test_nobody_else_is_asked_again(staff: Run) -> None:
    staff("add", ANA, *AGREED)
    assert "ana@paper.example is confirmed: there is nothing to confirm" in staff("resend", ANA).err
    staff("leave", ANA)
    assert "Only they themselves can come back" in staff("resend", ANA).err
    assert staff("resend", BEN).code == 1


def test_who_is_moved_keeps_their_history(staff: Run) -> None:
    staff("add", ANA, *AGREED)
    assert staff("move", ANA, EVE, "--reason", "called us").code == 0
    assert _evidence(staff, EVE) == ["by phone", "moved from ana@paper.example: called us"]
    assert staff("show", ANA).code == 1


def test_nobody_is_moved_to_where_somebody_is_or_mail_may_not_go(staff: Run, newsroom: Path) -> None:
    staff("add", ANA, BEN, *AGREED)
    assert "is on the list already, as confirmed" in staff("move", ANA, BEN).err
    (newsroom / "c.csv").write_text("Email Address,CLEAN_TIME,LEID,EUID\neve@paper.example,,1,2\n")
    staff("import", "c.csv")
    assert staff("move", ANA, EVE).code == 1
    staff("leave", BEN)
    assert "ben@paper.example is left: there is nothing to move" in staff("move", BEN, "new@paper.example").err


def test_who_is_erased_is_nobody_but_their_address_stays_barred(staff: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    staff("add", ANA, *AGREED)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert staff("erase", ANA).code == 1  # nobody says yes
    assert staff("erase", ANA, "--yes").code == 0
    assert "nobody here. On the suppression list" in staff("show", ANA).out
    assert "refused" in staff("add", ANA, *AGREED).out
    assert staff("export").out.splitlines() == [",".join(OWN)]
    released = staff("release", ANA)
    assert (released.code, "was erased, and stays away from every list" in released.err) == (1, True)
    assert staff("add", ANA, *AGREED).code == 1


def test_a_list_with_somebody_erased_recommends_nothing_that_would_bring_them_back(staff: Run, newsroom: Path) -> None:
    staff("add", ANA, *AGREED)
    staff("erase", ANA, "--yes")
    (newsroom / "list.csv").write_text(f"email\n{ANA}\n")
    staff("import", "list.csv", *AGREED)
    report = (newsroom / "list.refused.csv").read_text()
    assert "erased: only they themselves can come back" in report
    assert "release" not in report


def test_who_bounced_and_was_erased_comes_back_by_no_list_either(staff: Run, newsroom: Path) -> None:
    (newsroom / "c.csv").write_text("Email Address,CLEAN_TIME,LEID,EUID\nana@paper.example,,1,2\n")
    staff("import", "c.csv")
    staff("erase", ANA, "--yes")
    assert staff("release", ANA).code == 0
    assert (staff("add", ANA, *AGREED).code, staff("release", ANA).code) == (1, 1)


def test_adding_somebody_who_left_is_refused_and_the_others_are_added(staff: Run) -> None:
    staff("add", ANA, *AGREED)
    staff("leave", ANA)
    ended = staff("add", ANA, BEN, *AGREED)
    assert ended.code == 1
    assert [line.partition(":")[2].split()[0].strip(":,") for line in ended.out.splitlines()] == ["refused", "added"]


def test_a_folder_is_no_list_and_an_export_needs_its_folder(staff: Run, newsroom: Path) -> None:
    for folder in (".", "items", newsroom):
        ended = staff("import", folder)
        assert (ended.code, ended.err) == (
            3,
            f"{folder} cannot be read: Is a directory. Name a CSV file that you may read.\n",
        )
    ended = staff("export", "nodir/x.csv")
    assert (ended.code, ended.err) == (
        3,
        "nodir/x.csv cannot be written: there is no folder nodir. Make it first.\n",
    )


def test_the_report_of_an_earlier_import_goes_when_every_line_is_taken(staff: Run, newsroom: Path) -> None:
    (newsroom / "list.csv").write_text("email\nana@\n")
    assert staff("import", "list.csv", *AGREED).code == 1
    assert (newsroom / "list.refused.csv").exists()
    (newsroom / "list.csv").write_text(f"email\n{ANA}\n")
    assert staff("import", "list.csv", *AGREED).code == 0
    assert not (newsroom / "list.refused.csv").exists()
    (newsroom / "list.refused.csv").write_text("a file of somebody's own\n")
    assert staff("import", "list.csv", *AGREED).code == 0
    assert (newsroom / "list.refused.csv").exists()


def test_show_says_that_only_others_are_mailed(staff: Run, newsroom: Path) -> None:
    mail = "mail:\n  from: {name: Desk, email: desk@paper.example}\n  smtp: [{host: localhost}]\n"
    with (newsroom / "config.yaml").open("a") as file:
        file.write(f"{mail}  only_to: [Ben@paper.example]\n")
    staff("add", ANA, BEN, *AGREED)
    assert "  is mailed nothing: `mail.only_to` in config.yaml does not name them\n" in staff("show", ANA).out
    assert "  is mailed every edition that fits\n" in staff("show", BEN).out


def test_who_is_taken_off_the_list_is_told_from_who_was_off_it_before(staff: Run, newsroom: Path) -> None:
    staff("add", ANA, *AGREED)
    assert [staff("leave", ANA).out for _ in range(2)] == [f"{ANA} has left.\n", f"{ANA} had left before.\n"]
    (newsroom / "c.csv").write_text("Email Address,CLEAN_TIME,LEID,EUID\nben@paper.example,,1,2\n")
    staff("import", "c.csv")
    assert staff("leave", BEN).out == f"{BEN} is suppressed.\n"


def test_who_is_released_has_left_and_can_come_back_themselves(staff: Run, newsroom: Path) -> None:
    assert "is not on the suppression list" in staff("release", ANA).err
    (newsroom / "c.csv").write_text("Email Address,CLEAN_TIME,LEID,EUID\nana@paper.example,,1,2\n")
    staff("import", "c.csv")
    assert _facts(staff, ANA)["why_not"] == "the address is on the suppression list: barred where the list comes from"
    assert "barred where the list comes from" in staff("release", ANA, "--reason", "their mailbox was full").out
    facts = _facts(staff, ANA)
    assert (facts["state"], facts["suppression"]) == ("left", None)
    assert _evidence(staff, ANA)[-1] == "released: their mailbox was full"


def test_show_says_whether_somebody_is_mailed_and_why_not(staff: Run) -> None:
    staff("add", ANA, *AGREED)
    staff("add", BEN)
    assert "\n  is mailed every edition that fits\n" in staff("show", ANA).out
    assert "\n  is mailed nothing: they have not confirmed\n" in staff("show", BEN).out
    assert "confirmed by staff: by phone" in staff("show", ANA).out


def test_what_others_wrote_moves_no_cursor_and_makes_no_line(staff: Run) -> None:
    staff("add", ANA, "--consent", "by phone\x1b[2J\ngone")
    said = staff("show", ANA).out
    assert "by phone\\x1b[2J\\ngone" in said
    assert "\x1b" not in said


def test_counts_are_of_all_digests_kinds_topics_and_languages(staff: Run) -> None:
    staff("add", ANA, *AGREED, "--kind", "report")
    staff("add", BEN, "--language", "es")
    staff("add", EVE, *AGREED)
    staff("leave", EVE)
    rows = {(row["of"], row["which"]): row for row in json.loads(staff("count", "--json").out)}
    assert rows["all", ""] == {"of": "all", "which": "", "asked": 1, "confirmed": 1, "left": 1, "suppressed": 0}
    assert rows["digest", "weekly"]["confirmed"] == rows["kind", "report"]["confirmed"] == 1
    assert rows["kind", "press-release"]["confirmed"] == 0
    assert rows["topic", "asylum"]["confirmed"] == 1
    assert rows["language", "es"]["asked"] == 1
    assert staff("count").out.startswith("of")


def test_an_export_taken_back_loses_nothing_and_changes_nothing(staff: Run, newsroom: Path) -> None:
    staff("add", ANA, *AGREED, "--kind", "report", "--language", "es")
    staff("add", BEN)
    staff("add", EVE, *AGREED)
    staff("leave", EVE, "--reason", 'said "enough", twice')
    (newsroom / "c.csv").write_text("Email Address,CLEAN_TIME,LEID,EUID\ndia@paper.example,2024-03-04 10:00:00,1,2\n")
    staff("import", "c.csv")
    assert staff("export", "all.csv").code == 0
    assert (newsroom / "all.csv").stat().st_mode & 0o77 == 0
    before = (newsroom / "all.csv").read_text()
    assert "0 added, 0 changed" in staff("import", "all.csv").out
    assert staff("export").out == before
    for path in (newsroom / "var").glob("*.db*"):
        path.unlink()
    assert "4 added, 0 changed" in staff("import", "all.csv").out
    assert staff("export").out == before
    states = [row["state"] for row in csv.DictReader(io.StringIO(before))]
    assert states == ["confirmed", "asked", "left", "suppressed"]
