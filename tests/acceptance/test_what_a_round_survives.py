"""What may stand in a newsroom's folder, or go wrong in it, without stopping anything else."""

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.actions.compose import approve_edition, compose_now
from digest.actions.enlist import choice, enlist
from digest.actions.reconcile import deliver_due
from digest.actions.send import start
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Reply, Stage, reply
from digest.schedule.rounds import Rounds
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import MovedClock, everything_in, madrid, sample, write_item
from tests.delivery.doubles import route_to
from tests.delivery.immediate import Immediate

UUID = "aaaaaaaa-1111-4222-8333-444444444444"


@dataclass
class Running:
    """A newsroom under its schedule, and what it said."""

    folder: Path
    clock: MovedClock
    office_now: StandingOffice
    rounds: Rounds
    said: list[str]


@pytest.fixture
def running(tmp_path: Path) -> Running:
    clock = MovedClock(madrid("2026-11-20 12:00"))
    said: list[str] = []
    folder = sample(tmp_path, change=lambda text: text.split("\nalerts:")[0] + "\n")
    office_now = StandingOffice(folder, clock, said.append)
    return Running(folder, clock, office_now, Rounds(office_now, steady=clock.steady), said)


def test_a_file_name_that_is_not_utf8_stops_nothing(running: Running) -> None:
    Path(os.fsdecode(os.fsencode(running.folder / "items") + b"/Ni\xf1os 2.JPG")).write_bytes(b"")
    running.rounds.go()
    assert (running.folder / "public" / "atom.xml").is_file()


def test_an_error_that_nobody_foresaw_keeps_no_edition_waiting(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr("digest.schedule.rounds.build_standing", stumble)
    running.clock.move_to(madrid("2026-11-26 10:00"))
    running.rounds.go()
    assert any("ZeroDivisionError: somewhere" in line for line in running.said)
    assert [one.id for one in running.office_now().store.editions.recent()] == ["weekly/2026-11-27"]


def test_a_site_that_somebody_removed_is_made_again(running: Running) -> None:
    running.rounds.go()
    (running.folder / "public" / "index.html").unlink()
    running.rounds.go()
    assert (running.folder / "public" / "index.html").is_file()


def test_many_faults_are_told_at_once(running: Running) -> None:
    for number in range(30):
        write_item(running.folder, f"2026-11-19-faulty-{number}")
    running.rounds.go()
    told = [line for line in running.said if "faulty-" in line]
    assert len(told) == 1
    assert told[0].startswith("30 faults in the newsroom's files")


def test_a_config_that_cannot_be_taken_over_leaves_the_last_one_in_force_and_is_tried_again(running: Running) -> None:
    config = running.folder / "config.yaml"
    good = config.read_text("utf-8")
    config.write_text(good.replace("title: Amparo Newsroom", "titel: Amparo Newsroom"), "utf-8")
    assert running.office_now().newsroom.config.newsroom.title == "Amparo Newsroom"
    assert any("titel" in line for line in running.said)
    config.write_text(good.replace("title: Amparo Newsroom", "title: Amparo"), "utf-8")
    assert running.office_now().newsroom.config.newsroom.title == "Amparo"


def test_what_was_taken_back_does_not_return_when_its_file_is_deleted_or_faulty(running: Running) -> None:
    item = write_item(running.folder, "2026-11-20-back", id=UUID, title="Zanzibarquartz", published="2026-11-20 11:00")
    office = running.office_now()
    agreed = choice(office.newsroom.config, (), None, "asked")
    enlist(office.store.audience, "one@reader.example", agreed, running.clock())
    edition, _ = compose_now(office.newsroom, office.store, "weekly", running.clock())
    start(office, approve_edition(office.newsroom, office.store, edition, "test", running.clock()))
    running.rounds.go()
    public = running.folder / "public"
    assert "Zanzibarquartz" in everything_in(public / "editions")

    text = item.read_text("utf-8")
    item.write_text(text.replace("published: 2026-11-20 11:00", "published: 2026-12-20 11:00"), "utf-8")
    running.rounds.go()
    item.write_text(f"{item.read_text('utf-8')}bogus: [\n", "utf-8")
    running.rounds.go()
    assert "Zanzibarquartz" not in everything_in(public)
    item.unlink()
    running.rounds.go()
    assert "Zanzibarquartz" not in everything_in(public)


CONNECTIONS = 8  # by default


class Overloaded(Immediate):
    """A mail server that asks for a rest at every message."""

    asked = 0

    def take(self, _outgoing: Outgoing) -> Reply | None:
        Overloaded.asked += 1
        return reply(421, b"4.7.0 slow down", Stage.RCPT)

    def answer(self) -> Reply:
        raise AssertionError("nothing was taken")


def test_a_server_that_asks_for_a_rest_gets_it(running: Running) -> None:
    office = replace(running.office_now(), routes=[route_to(Overloaded, CONNECTIONS)])
    agreed = choice(office.newsroom.config, (), None, "asked")
    for number in range(5):
        enlist(office.store.audience, f"reader{number}@reader.example", agreed, running.clock())
    edition, _ = compose_now(office.newsroom, office.store, "weekly", running.clock())
    start(office, approve_edition(office.newsroom, office.store, edition, "test", running.clock()))
    for _ in range(3):
        deliver_due(office, lambda: False)
    at_first = Overloaded.asked
    assert 1 <= at_first <= CONNECTIONS
    running.clock.move_to(running.clock() + timedelta(minutes=6))
    deliver_due(office, lambda: False)
    assert Overloaded.asked > at_first
