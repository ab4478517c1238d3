"""A build that waited for another one publishes the newest state, not the one of when it began to wait."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from digest import clock
from digest.actions import send
from digest.actions.build_lock import build_lock
from digest.cli import entry
from digest.editions.edition import Edition, Overtaken, State
from digest.errors import OutsideFailure, Refused
from digest.schedule.rounds import Rounds
from digest.store.editions import Editions
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import everything_in, madrid
from tests.actions.desk import Desk
from tests.items.samples import make_newsroom, write_item

BACK = {"at": "2026-11-27 09:02", "reason": "Wrong."}
Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Return what lets something be done while the next build waits for its turn."""

    def arrange(do: Callable[[], object]) -> None:
        left = [do]

        def wait(file: IO[str], how: int) -> None:
            if left:
                left.pop()()
            flock(file, how)

        monkeypatch.setattr("digest.actions.build_lock.flock", wait)

    return arrange


@pytest.fixture
def build(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return `digest build`, by the desk's clock."""
    monkeypatch.setattr("digest.clock.now", desk.clock)

    def run(*options: str) -> None:
        monkeypatch.setattr("sys.argv", ["digest", "build", "--newsroom", str(desk.folder), *options])
        with pytest.raises(SystemExit) as ended:
            entry.main()
        assert not ended.value.code

    return run


@pytest.fixture
def rounds(desk: Desk) -> Rounds:
    return Rounds(lambda: desk.office, steady=desk.clock.steady)


@pytest.fixture
def approved(desk: Desk) -> Edition:
    """Come to the slot with an approved edition."""
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 10:00")
    edition = desk.approve()
    desk.clock.move_to(madrid("2026-11-27 09:00"))
    return edition


def retitle(desk: Desk) -> None:
    newsroom = json.loads((desk.folder / "config.yaml").read_text())["newsroom"]
    desk.configure(newsroom={**newsroom, "title": "Zanzibarquartz"})


def page(desk: Desk, path: str = "index.html") -> str:
    return (desk.folder / "public" / path).read_text("utf-8")


def much_happens(desk: Desk) -> None:
    desk.clock.move_to(madrid("2026-11-27 09:05"))
    desk.write("strike", withdrawn=BACK)
    retitle(desk)


def come_to_the_end_of_an_embargo(desk: Desk) -> None:
    desk.write("strike")
    desk.write("embargoed", "2026-11-27 09:03")
    desk.clock.move_to(madrid("2026-11-27 09:00"))


def assert_newest(desk: Desk) -> None:
    assert "Withdrawn: Title of strike" in page(desk, "atom.xml")
    assert "Title of embargoed" in page(desk, "atom.xml")
    assert "Zanzibarquartz" in page(desk)


def test_a_build_takes_time_items_and_config_when_its_turn_has_come(
    desk: Desk, build: Callable[..., None], meanwhile: Meanwhile
) -> None:
    come_to_the_end_of_an_embargo(desk)
    meanwhile(partial(much_happens, desk))
    build()
    assert_newest(desk)


def test_a_build_of_a_given_time_is_of_that_time_however_long_it_waits(
    desk: Desk, build: Callable[..., None], meanwhile: Meanwhile
) -> None:
    come_to_the_end_of_an_embargo(desk)
    meanwhile(partial(much_happens, desk))
    build("--at", "2026-11-27 09:01")
    assert "Withdrawn" not in page(desk, "atom.xml")
    assert "embargoed" not in everything_in(desk.folder / "public")
    assert "Zanzibarquartz" in page(desk)


def test_a_build_keeps_the_web_view_of_an_edition_that_was_begun_while_it_waited(
    desk: Desk, build: Callable[..., None], approved: Edition, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda: send.start(desk.office, approved))
    build()
    assert desk.edition().state is State.SENDING
    assert "Title of strike" in page(desk, "editions/weekly/2026-11-27/index.html")


def test_a_folder_that_is_no_newsroom_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["digest", "build", "--newsroom", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_round_takes_time_items_and_config_when_its_turn_has_come(
    desk: Desk, rounds: Rounds, meanwhile: Meanwhile
) -> None:
    come_to_the_end_of_an_embargo(desk)
    meanwhile(partial(much_happens, desk))
    rounds.go()
    assert_newest(desk)


def test_a_round_keeps_the_web_view_of_an_edition_that_was_begun_while_it_waited(
    desk: Desk, rounds: Rounds, approved: Edition, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.schedule.rounds.reconcile", lambda *_: [])
    meanwhile(lambda: send.start(desk.office, approved))
    rounds.go()
    assert "Title of strike" in page(desk, "editions/weekly/2026-11-27/index.html")


def test_a_clock_that_jumps_while_a_round_waits_ends_no_embargo(
    desk: Desk, rounds: Rounds, meanwhile: Meanwhile
) -> None:
    def jump() -> None:
        desk.clock.moment += timedelta(hours=2)

    come_to_the_end_of_an_embargo(desk)
    rounds.go()
    meanwhile(jump)
    for _ in range(2):
        rounds.go()
        assert "embargoed" not in everything_in(desk.folder / "public")
    assert rounds.halted


def test_a_clock_that_jumps_while_an_edition_waits_to_begin_ends_no_embargo(
    desk: Desk, rounds: Rounds, approved: Edition, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def jump() -> None:
        desk.clock.moment += timedelta(hours=2)

    desk.write("embargoed", "2026-11-27 09:03")
    monkeypatch.setattr(rounds, "_publish", lambda *_: meanwhile(jump))
    rounds.go()
    assert not (desk.folder / "public").exists()
    assert desk.edition() == approved
    assert desk.told()["weekly/2026-11-27 needs you"] == 1


def test_an_edition_takes_time_items_and_config_when_its_turn_has_come(
    desk: Desk, approved: Edition, meanwhile: Meanwhile
) -> None:
    desk.write("embargoed", "2026-11-27 09:03")
    desk.write("other", "2026-11-27 08:00")

    def happens() -> None:
        desk.clock.move_to(madrid("2026-11-27 09:05"))
        desk.write("other", "2026-11-27 08:00", withdrawn=BACK)
        retitle(desk)

    meanwhile(happens)
    begun = send.start(desk.office, approved)
    assert begun.dated == madrid("2026-11-27 09:05")
    assert "Withdrawn: Title of other" in page(desk, "atom.xml")
    assert "Title of embargoed" in page(desk, "atom.xml")
    assert "Zanzibarquartz" in page(desk)


def test_an_edition_is_held_when_an_item_was_taken_back_while_it_waited(
    desk: Desk, approved: Edition, meanwhile: Meanwhile
) -> None:
    meanwhile(partial(much_happens, desk))
    with pytest.raises(Refused, match="is held: not public: strike"):
        send.start(desk.office, approved)
    assert not (desk.folder / "public").exists()


def test_an_edition_that_was_cancelled_while_it_waited_gets_no_web_view(
    desk: Desk, approved: Edition, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda: desk.store.editions.move(approved, State.CANCELLED, reason="by staff"))
    with pytest.raises(Overtaken):
        send.start(desk.office, approved)
    assert not (desk.folder / "public").exists()


def test_of_two_that_begin_an_edition_the_one_that_waited_goes_on_with_it(
    desk: Desk, approved: Edition, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda: send.start(desk.office, approved))
    assert send.start(desk.office, approved).state is State.SENDING


def test_no_build_comes_between_an_editions_web_view_and_its_recipients(
    desk: Desk, approved: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = Editions.prepare

    def watched(*given: object) -> dict[str, int]:
        with (desk.folder / "var" / "build.lock").open() as file, pytest.raises(BlockingIOError):
            flock(file, LOCK_EX | LOCK_NB)
        return prepare(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Editions, "prepare", watched)
    assert send.start(desk.office, approved).state is State.SENDING


def test_the_office_under_a_schedule_knows_the_config_of_now(desk: Desk) -> None:
    office = StandingOffice(desk.folder, desk.clock, desk.said.append)()
    retitle(desk)
    assert office.newsroom_now().config.newsroom.title == "Zanzibarquartz"


def test_a_process_that_waits_while_an_embargo_ends_publishes_the_item(tmp_path: Path) -> None:
    folder = make_newsroom(tmp_path / "newsroom")
    end = clock.now() + timedelta(seconds=3)
    write_item(folder, "embargoed", published=f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    command = [str(Path(sys.executable).with_name("digest")), "build", "--newsroom", str(folder)]
    with build_lock(folder / "var"):
        process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while clock.now() < end:
            time.sleep(0.1)
        assert process.poll() is None
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert "Title of embargoed" in (folder / "public" / "atom.xml").read_text("utf-8")


def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(OutsideFailure, match="var cannot be used"), build_lock(tmp_path / "var"):
        pass
