"""A week in the newsroom's life, with a moved clock, a real database, real mail and two schedulers."""

import email
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from mailbox import Maildir
from pathlib import Path

import feedparser
import pytest

from digest.actions.compose import approve_edition
from digest.actions.enlist import choice, enlist
from digest.actions.find import find_edition
from digest.actions.holders import Link, who_holds
from digest.actions.reconcile import deliver_due
from digest.actions.send import rows_by_state
from digest.actions.subscribe import leave
from digest.audience.tokens import sign
from digest.delivery.inbox import local_inbox
from digest.editions.edition import State
from digest.schedule.rounds import Rounds
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import MovedClock, madrid, sample, write_item

STRICT = default.clone(raise_on_defect=True)
STAFF = {"press@amparo.example", "alerts@amparo.example"}


@dataclass
class Week:
    """The newsroom with two schedulers that share nothing but its folder."""

    folder: Path
    clock: MovedClock
    offices: tuple[StandingOffice, StandingOffice]
    rounds: tuple[Rounds, Rounds]
    inbox: Path

    def go(self) -> None:
        """Let both schedulers go round, and both deliver."""
        for rounds in self.rounds:
            rounds.go()
        for office_now in self.offices:
            deliver_due(office_now(), lambda: False)

    def mails(self) -> list[EmailMessage]:
        parsed = []
        for raw in Maildir(self.inbox, create=False).values():
            message = email.message_from_bytes(raw.as_bytes(), policy=STRICT)
            assert isinstance(message, EmailMessage)
            parsed.append(message)
        return parsed

    def digests(self) -> list[EmailMessage]:
        return [mail for mail in self.mails() if mail["List-Id"]]

    def notices(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails() if not mail["List-Id"]]

    def feed(self) -> list[str]:
        parsed = feedparser.parse((self.folder / "public" / "atom.xml").read_bytes())
        assert not parsed.bozo
        return [entry.id for entry in parsed.entries]


@contextmanager
def _week(folder: Path) -> Iterator[Week]:
    with local_inbox(folder / "inbox") as (_, port):
        newsroom = sample(folder / "newsroom", port)
        clock = MovedClock(madrid("2026-11-20 12:00"))
        offices = StandingOffice(newsroom, clock, lambda _: None), StandingOffice(newsroom, clock, lambda _: None)
        rounds = Rounds(offices[0], steady=clock.steady), Rounds(offices[1], steady=clock.steady)
        yield Week(newsroom, clock, offices, rounds, folder / "inbox")


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Week]:
    (tmp_path / "newsroom").mkdir()
    with _week(tmp_path) as made:
        yield made


def _subscribe(week: Week, *addresses: str) -> None:
    office = week.offices[0]()
    agreed = choice(office.newsroom.config, (), None, "asked at the press conference")
    for address in addresses:
        enlist(office.store.audience, address, agreed, week.clock())


def test_an_item_is_published_at_its_time_and_mailed_once_on_friday_at_nine(week: Week) -> None:
    identifier = "aaaaaaaa-1111-4222-8333-444444444444"
    _subscribe(week, "one@reader.example", "two@reader.example", "three@reader.example")
    week.go()
    write_item(
        week.folder,
        "2026-11-24-dam-stopped",
        id=identifier,
        kind="victory",
        title="The dam is stopped",
        published="2026-11-24 10:00",
    )
    week.clock.move_to(madrid("2026-11-24 09:59"))
    week.go()
    assert f"urn:uuid:{identifier}" not in week.feed()
    week.clock.move_to(madrid("2026-11-24 10:00"))
    week.go()
    assert f"urn:uuid:{identifier}" in week.feed()

    week.clock.move_to(madrid("2026-11-26 09:00"))
    week.go()
    office = week.offices[0]()
    edition = find_edition(office.store, "weekly/2026-11-27")
    assert edition.state is State.BUILT
    waits = "[Amparo Newsroom] weekly/2026-11-27 waits for approval"
    assert Counter(week.notices())[waits] == len(STAFF)
    approve_edition(office.newsroom, office.store, edition, "press@amparo.example", week.clock())

    week.clock.move_to(madrid("2026-11-27 08:59"))
    week.go()
    assert week.digests() == []
    week.clock.move_to(madrid("2026-11-27 09:00"))
    week.go()
    week.go()
    received = Counter(str(mail["To"]) for mail in week.digests())
    assert received == {"one@reader.example": 1, "two@reader.example": 1, "three@reader.example": 1}
    for mail in week.digests():
        page = mail.get_body(("html",))
        assert page is not None
        assert "The dam is stopped" in page.get_content()
    assert find_edition(office.store, "weekly/2026-11-27").state is State.SENT
    assert (week.folder / "public" / "editions" / "weekly" / "2026-11-27" / "index.html").is_file()


def test_who_left_and_what_was_corrected_are_right_in_the_week_after(week: Week) -> None:
    _subscribe(week, "stays@reader.example", "leaves@reader.example")
    week.go()
    item = write_item(
        week.folder,
        "2026-11-25-figures",
        id="bbbbbbbb-1111-4222-8333-444444444444",
        title="Forty people were freed",
        published="2026-11-25 10:00",
    )
    _send_the_edition_of(week, "2026-11-27")
    office = week.offices[0]()
    gone = office.store.audience.get("leaves@reader.example")
    assert gone is not None
    leaving = who_holds(office, Link.UNSUBSCRIBE, sign(office.keys, Link.UNSUBSCRIBE, gone.key, 1))
    assert leaving is not None
    assert leave(office, leaving, "one-click")
    with item.open("a") as file:
        file.write("corrections:\n  - {at: 2026-11-28 10:00, note: Forty-one people were freed.}\n")
    write_item(
        week.folder,
        "2026-12-01-new",
        id="cccccccc-1111-4222-8333-444444444444",
        title="Something new",
        published="2026-12-01 10:00",
    )
    _send_the_edition_of(week, "2026-12-04")
    second = [mail for mail in week.digests() if "2026-12-04" in str(mail["Feedback-ID"])]
    assert [str(mail["To"]) for mail in second] == ["stays@reader.example"]
    page = second[0].get_body(("html",))
    assert page is not None
    text = page.get_content()
    assert "Forty-one people were freed." in text
    assert "Something new" in text


def _send_the_edition_of(week: Week, day: str) -> None:
    slot = madrid(f"{day} 09:00")
    office = week.offices[0]()
    week.clock.move_to(slot)
    week.clock.move(hours=-23)
    week.go()
    edition = find_edition(office.store, f"weekly/{day}")
    approve_edition(office.newsroom, office.store, edition, "press@amparo.example", week.clock())
    week.clock.move_to(slot)
    week.go()
    sent = find_edition(office.store, f"weekly/{day}")
    assert sent.state is State.SENT, sent
    assert set(rows_by_state(office, sent)) <= {"sent", "suppressed"}


def test_a_faulty_file_holds_only_itself_also_when_its_embargo_ends(week: Week) -> None:
    _subscribe(week, "one@reader.example")
    embargoed = write_item(
        week.folder,
        "2026-11-23-secret",
        id="dddddddd-1111-4222-8333-444444444444",
        title="Zanzibarquartz is released",
        published="2026-11-23 10:00",
    )
    week.go()
    with embargoed.open("a") as file:
        file.write("withdrawn: {at: 2026-11-22 10:00\n")  # somebody was about to take it back
    write_item(
        week.folder,
        "2026-11-23-fine",
        id="eeeeeeee-1111-4222-8333-444444444444",
        title="All is well here",
        published="2026-11-23 10:00",
    )
    week.clock.move_to(madrid("2026-11-23 10:00"))
    week.go()
    feed = (week.folder / "public" / "atom.xml").read_text("utf-8")
    assert "Zanzibarquartz" not in feed
    assert "All is well here" in feed
    assert "[Amparo Newsroom] items/2026-11-23-secret.yaml is held" in week.notices()


def test_an_approved_edition_is_held_when_an_item_of_it_is_withdrawn_before_the_slot(week: Week) -> None:
    _subscribe(week, "one@reader.example")
    item = write_item(
        week.folder,
        "2026-11-25-taken-back",
        id="ffffffff-1111-4222-8333-444444444444",
        title="A mistake",
        published="2026-11-25 10:00",
    )
    week.go()
    office = week.offices[0]()
    week.clock.move_to(madrid("2026-11-26 10:00"))
    week.go()
    edition = find_edition(office.store, "weekly/2026-11-27")
    approve_edition(office.newsroom, office.store, edition, "press@amparo.example", week.clock())
    with item.open("a") as file:
        file.write("withdrawn: {at: 2026-11-27 08:50, reason: It was wrong.}\n")
    week.clock.move_to(madrid("2026-11-27 09:00"))
    week.go()
    assert find_edition(office.store, "weekly/2026-11-27").state is State.HELD
    assert week.digests() == []
    assert "[Amparo Newsroom] weekly/2026-11-27 is held" in week.notices()
