"""A newsroom moves from Mailchimp, and another one from listmonk."""

import csv
import json
from pathlib import Path

import pytest

from tests.audience.exports import LISTMONK, MAILCHIMP_CLEANED, MAILCHIMP_SUBSCRIBED, MAILCHIMP_UNSUBSCRIBED
from tests.cli.conftest import Run

WEEKLY = "digests:\n  weekly: {title: The week, schedule: manual}\n"
AGREED = ("--consent", "our form")


@pytest.fixture(autouse=True)
def weekly(newsroom: Path) -> None:
    with (newsroom / "config.yaml").open("a") as file:
        file.write(WEEKLY)


def _facts(digest: Run, name: str) -> dict[str, object]:
    found = json.loads(digest("subscribers", "show", f"{name}@paper.example", "--json").out)
    assert isinstance(found, dict)
    return found


def _all(digest: Run) -> list[dict[str, object]]:
    return [_facts(digest, name) for name in ("ana", "cho", "dia")]


def _refused(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def test_moving_from_mailchimp_keeps_consent_and_whoever_left_stays_away(digest: Run, newsroom: Path) -> None:
    files = {"s.csv": MAILCHIMP_SUBSCRIBED, "u.csv": MAILCHIMP_UNSUBSCRIBED, "c.csv": MAILCHIMP_CLEANED}
    for name, text in files.items():
        (newsroom / name).write_text(text, encoding="utf-8-sig")
    first = digest("subscribers", "import", "s.csv")
    assert (first.code, "1 added" in first.out, "s.refused.csv" in first.out) == (1, True, True)
    assert [(row["line"], row["address"]) for row in _refused("s.refused.csv")] == [("3", "ben@paper.example")]
    for name in ("u.csv", "c.csv"):
        assert digest("subscribers", "import", name).code == 0
    facts = _all(digest)
    assert [one["state"] for one in facts] == ["confirmed", "left", "suppressed"]
    consent = facts[0]["consent"]
    assert isinstance(consent, list)
    assert [(event["at"], event["ip"]) for event in consent] == [("2024-01-01T09:05:00Z", "192.0.2.10, 192.0.2.11")]

    for name in files:
        assert " 0 added, 0 changed" in f" {digest('subscribers', 'import', name).out}"
    assert _all(digest) == facts

    (newsroom / "old.csv").write_text("email\ncho@paper.example\nana@paper.example\ndia@paper.example\n")
    again = digest("subscribers", "import", "old.csv", *AGREED)
    assert (again.code, "1 known already, 2 refused" in again.out) == (0, True)
    reasons = [(row["line"], row["reason"].partition(":")[0]) for row in _refused("old.refused.csv")]
    assert reasons == [("2", "left"), ("4", "suppressed")]
    assert _all(digest) == facts


def test_moving_from_listmonk_keeps_dates_and_whoever_is_disabled_or_blocklisted_away(
    digest: Run, newsroom: Path
) -> None:
    (newsroom / "subscribers.csv").write_text(LISTMONK)
    assert "3 added" in digest("subscribers", "import", "subscribers.csv", *AGREED).out
    facts = _all(digest)
    assert [one["state"] for one in facts] == ["confirmed", "left", "suppressed"]
    consent = facts[0]["consent"]
    assert isinstance(consent, list)
    assert [event["at"] for event in consent] == ["2023-05-17T08:22:31Z"]
    assert "0 added, 0 changed, 3 known" in digest("subscribers", "import", "subscribers.csv", *AGREED).out
    assert _all(digest) == facts
    (newsroom / "unsubscribed.csv").write_text(LISTMONK.replace("ana@", "eve@"))
    assert digest("subscribers", "import", "unsubscribed.csv", "--left").code == 0
    assert _facts(digest, "eve")["state"] == "left"


def test_a_dry_run_changes_nothing_and_writes_the_report(digest: Run, newsroom: Path) -> None:
    (newsroom / "s.csv").write_text(MAILCHIMP_SUBSCRIBED)
    ended = digest("subscribers", "import", "s.csv", "--dry-run", "--report", "mine.csv")
    assert ended.out.startswith("Nothing is changed. It would be: 1 added")
    assert _refused("mine.csv")[0]["line"] == "3"
    assert (newsroom / "mine.csv").stat().st_mode & 0o77 == 0
    assert digest("subscribers", "show", "ana@paper.example").code == 1


def test_what_a_spreadsheet_would_calculate_is_only_text_in_the_report(digest: Run, newsroom: Path) -> None:
    (newsroom / "list.csv").write_text('email\n"=HYPERLINK(""https://evil.example"")"\n')
    digest("subscribers", "import", "list.csv", *AGREED)
    assert _refused("list.refused.csv")[0]["address"].startswith("'=")


def test_a_list_that_is_not_there_is_a_failure_outside(digest: Run) -> None:
    assert digest("subscribers", "import", "list.csv", *AGREED).code == 3
