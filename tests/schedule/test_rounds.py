import json
from datetime import datetime, timedelta

import pytest

from digest.editions.edition import State
from digest.schedule.rounds import HEARTBEAT, Rounds
from tests.acceptance.newsroom import madrid
from tests.actions.desk import SLOT, Desk
from tests.images.signs import sign


@pytest.fixture
def rounds(desk: Desk) -> Rounds:
    return Rounds(lambda: desk.office, steady=desk.clock.steady)


def at(desk: Desk, rounds: Rounds, local: str) -> list[datetime]:
    desk.clock.move_to(madrid(local))
    return rounds.go()


def feed(desk: Desk) -> str:
    return (desk.folder / "public" / "atom.xml").read_text("utf-8")


def page(desk: Desk) -> str:
    return (desk.folder / "public" / "index.html").read_text("utf-8")


def logo(text: str) -> str:
    return text.partition("<img src=")[2].partition(" ")[0]


def test_a_round_publishes_sends_and_leaves_a_sign_of_life(desk: Desk, rounds: Rounds) -> None:
    desk.settings(approval="automatic")
    rounds.go()
    desk.write("strike")
    at(desk, rounds, "2026-11-27 09:00")
    assert "Title of strike" in feed(desk)
    assert desk.edition().state is State.SENDING
    assert desk.store.schedules.last_beat(HEARTBEAT) == SLOT


def test_an_embargo_ends_to_the_second_and_a_round_says_when_the_next_ends(desk: Desk, rounds: Rounds) -> None:
    desk.write("embargoed", "2026-11-25 10:00")
    assert madrid("2026-11-25 10:00") in rounds.go()
    at(desk, rounds, "2026-11-25 09:59")
    assert "embargoed" not in feed(desk)
    assert madrid("2026-11-25 10:00") not in at(desk, rounds, "2026-11-25 10:00")
    assert "embargoed" in feed(desk)


def test_the_site_is_made_again_only_when_something_changed(desk: Desk, rounds: Rounds) -> None:
    rounds.go()
    first = rounds.built
    rounds.go()
    assert rounds.built is first
    desk.write("strike", "2026-11-20 10:00")
    rounds.go()
    assert rounds.built is not first


def test_a_site_that_cannot_be_published_is_told_once_and_keeps_no_mail_waiting(desk: Desk, rounds: Rounds) -> None:
    desk.write("strike")
    at(desk, rounds, "2026-11-26 10:00")
    broken = desk.folder / "templates" / "site"
    broken.mkdir(parents=True)
    (broken / "index.html.j2").write_text("{% if %}")
    at(desk, rounds, "2026-11-26 10:01")
    at(desk, rounds, "2026-11-26 10:02")
    assert desk.told()["the site cannot be published"] == 1
    at(desk, rounds, "2026-11-29 10:00")
    assert desk.edition().state is State.MISSED


def test_a_faulty_file_is_told_once_also_when_the_mail_server_was_down_at_first(desk: Desk, rounds: Rounds) -> None:
    desk.post.down = True
    (desk.folder / "items" / "faulty.yaml").write_text("title: [")
    rounds.go()
    assert desk.told() == {}
    desk.post.down = False
    for _ in range(2):
        rounds.go()
    assert desk.told() == {"items/faulty.yaml is held": 1}


def test_a_changed_logo_is_published_and_a_removed_one_is_told_once_and_stays(desk: Desk, rounds: Rounds) -> None:
    newsroom = json.loads((desk.folder / "config.yaml").read_text())["newsroom"]
    sign(desk.folder / "logo.png", (900, 300))
    desk.configure(newsroom={**newsroom, "logo": "logo.png"})
    rounds.go()
    first = page(desk)
    sign(desk.folder / "logo.png", (900, 200))
    rounds.go()
    second = page(desk)
    assert "assets/logo-" in first
    assert second != first
    (desk.folder / "logo.png").unlink()
    desk.write("strike", "2026-11-20 10:00")
    for _ in range(2):
        rounds.go()
    assert desk.told() == {"config.yaml is held": 1}
    assert "Title of strike" in feed(desk)
    assert logo(page(desk)) == logo(second)


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_jumped_stops_everything_until_it_is_right_again(desk: Desk, rounds: Rounds, hours: int) -> None:
    desk.settings(approval="automatic")
    desk.write("strike")
    desk.write("embargoed", "2026-11-27 08:30")
    at(desk, rounds, "2026-11-27 08:00")
    desk.clock.moment += timedelta(hours=hours)
    for _ in range(2):
        assert rounds.go() == []
    assert rounds.halted
    assert "embargoed" not in feed(desk)
    assert desk.edition().state is State.PLANNED
    assert desk.told() == {"the clock jumped": 1}
    desk.clock.moment -= timedelta(hours=hours)
    at(desk, rounds, "2026-11-27 09:00")
    assert not rounds.halted
    assert "embargoed" in feed(desk)
    assert desk.edition().state is State.SENDING


def test_small_corrections_of_the_clock_do_not_add_up_to_a_jump(desk: Desk, rounds: Rounds) -> None:
    for _ in range(4):
        rounds.go()
        desk.clock.moment += timedelta(minutes=30)
        rounds.go()
    assert not rounds.halted
