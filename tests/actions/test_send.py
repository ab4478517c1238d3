from collections.abc import Callable

import pytest
from PIL import Image

from digest import clock
from digest.actions import send
from digest.actions.compose import mail_settings
from digest.actions.publish import build_standing
from digest.actions.reconcile import deliver_due
from digest.delivery.lock import sender_lock
from digest.editions.edition import Edition, State
from digest.errors import Refused
from tests.acceptance.newsroom import madrid
from tests.actions.conftest import MANY
from tests.actions.desk import Desk
from tests.audience.events import left

BACK = {"at": "2026-11-27 09:00", "reason": "Wrong."}


pytestmark = pytest.mark.usefixtures("at_the_slot")


def start(desk: Desk) -> Edition:
    return send.start(desk.office, desk.edition())


def after(count: int, desk: Desk, do: Callable[[], object]) -> Callable[[], bool]:
    """Return a `stop` that stops nothing, but does something once so many were sent."""
    done: list[object] = []

    def stop() -> bool:
        if len(desk.post.digests()) >= count and not done:
            done.append(do() or True)
        return False

    return stop


def test_an_approved_edition_can_be_sent_before_its_slot(desk: Desk) -> None:
    desk.clock.move_to(madrid("2026-11-26 12:00"))
    send.deliver(desk.office, start(desk), lambda: False)
    assert len(desk.post.digests()) == 10
    assert desk.edition().state is State.SENT
    assert desk.edition().dated == desk.clock()


def test_sending_early_what_is_still_under_embargo_is_refused_and_holds_the_edition(desk: Desk) -> None:
    desk.write("embargoed", "2026-11-27 09:00")
    desk.clock.move_to(madrid("2026-11-26 12:00"))
    desk.compose()
    desk.approve()
    with pytest.raises(Refused, match=r"is held: not public: embargoed. Compose and approve it again"):
        start(desk)
    assert desk.edition().state is State.HELD


def test_what_nobody_approved_is_not_sent(desk: Desk) -> None:
    desk.compose()
    with pytest.raises(Refused, match=r"is built. Approve it first: digest edition approve weekly/2026-11-27"):
        start(desk)


def test_what_was_sent_is_not_sent_again(desk: Desk) -> None:
    desk.go()
    with pytest.raises(Refused, match="is sent"):
        start(desk)
    assert len(desk.post.digests()) == 10


def test_an_item_taken_back_before_the_first_message_holds_the_edition(desk: Desk) -> None:
    started = start(desk)
    desk.write("strike", withdrawn=BACK)
    send.deliver(desk.office, started, lambda: False)
    assert (desk.edition().state, desk.edition().reason) == (State.HELD, "not public: strike")
    assert desk.post.digests() == []


def test_an_item_taken_back_while_messages_go_out_stops_them_and_the_staff_are_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "CHECK_EVERY", 0.0)
    stop = after(3, desk, lambda: desk.write("strike", withdrawn=BACK))
    send.deliver(desk.office, start(desk), stop)
    assert len(desk.post.digests()) in {3, 4}
    assert desk.edition().state is State.HELD
    desk.go()
    assert desk.told()["weekly/2026-11-27 is held"] == 1


def test_a_running_mailing_looks_again_only_every_few_seconds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "monotonic", lambda: 0.0)
    stop = after(3, desk, lambda: desk.write("strike", withdrawn=BACK))
    send.deliver(desk.office, start(desk), stop)
    assert len(desk.post.digests()) == 10


def held_midway(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "CHECK_EVERY", 0.0)
    send.deliver(desk.office, start(desk), after(3, desk, lambda: desk.write("strike", withdrawn=BACK)))


def test_what_is_held_midway_is_sent_on_once_it_is_public_again_and_to_nobody_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_midway(desk, monkeypatch)
    with pytest.raises(Refused, match=r"is held: not public: strike. Make it public again, or cancel the edition"):
        start(desk)
    desk.write("strike")
    send.deliver(desk.office, start(desk), lambda: False)
    assert sorted(address for address, _ in desk.post.digests()) == sorted(["ana@paper.example", *MANY])
    assert (desk.edition().state, desk.edition().reason) == (State.SENT, None)


def test_what_is_held_midway_cannot_be_composed_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held_midway(desk, monkeypatch)
    with pytest.raises(Refused, match=r"is held, and its mailing has begun: what it says cannot be changed any more"):
        desk.compose()


def test_items_of_an_edition_that_was_cancelled_midway_are_not_mailed_again_but_their_withdrawal_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_midway(desk, monkeypatch)
    desk.store.editions.move(desk.edition(), State.CANCELLED, reason="by staff")
    desk.at("2026-12-03 10:00")
    assert desk.carried("2026-12-04") == []
    assert desk.edition("2026-12-04").state is State.BUILT


def test_a_stopped_mailing_goes_on_where_it_was(desk: Desk) -> None:
    send.deliver(desk.office, start(desk), lambda: len(desk.post.digests()) >= 4)
    assert send.rows_by_state(desk.office, desk.edition()) == {"sent": 4, "due": 6}
    assert desk.edition().state is State.SENDING
    desk.go()
    assert len({address for address, _ in desk.post.digests()}) == len(desk.post.digests()) == 10


def test_deferred_rows_keep_the_edition_open_until_they_are_settled(desk: Desk) -> None:
    desk.post.greylisted = {MANY[0]}
    desk.go()
    assert desk.edition().state is State.SENDING
    connections = desk.post.connections
    desk.go()
    assert desk.post.connections == connections
    desk.post.greylisted = set()
    desk.clock.move(minutes=10)
    desk.go()
    assert desk.edition().state is State.SENT
    assert len(desk.post.digests()) == 10


def test_an_edition_whose_readers_all_left_since_is_sent_to_nobody(desk: Desk) -> None:
    started = start(desk)
    for address in ["ana@paper.example", *MANY]:
        who = desk.store.audience.get(address)
        assert who
        desk.store.audience.leave(who.key, left("one-click", "left", desk.clock()))
    send.deliver(desk.office, started, lambda: False)
    assert desk.post.digests() == []
    assert send.rows_by_state(desk.office, started) == {"suppressed": 10}
    assert desk.edition().state is State.SENT


def test_what_readers_see_of_the_headers_is_as_approved(desk: Desk) -> None:
    desk.configure(
        digests={},
        mail={
            "from": {"name": "Other", "email": "other@else.example"},
            "smtp": [{"host": "127.0.0.1", "connections": "1"}],
        },
    )
    send.deliver(desk.office, start(desk), lambda: False)
    mail = desk.post.last_digest()
    assert mail["From"] == "Desk <digest@news.example>"
    assert mail["Subject"] == "The week: Title of strike"
    assert mail["List-Id"] == "The week <weekly.6d0f3a5e8a534a0c9f5b3c1f2b7e9d10.localhost>"
    assert mail["Message-ID"].endswith("@news.example>")


def test_each_message_has_a_return_path_and_an_id_of_its_own(desk: Desk) -> None:
    paths: list[str] = []
    desk.configure(
        mail={
            "from": {"name": "Desk", "email": "digest@news.example"},
            "bounces": "bounces@mail.news.example",
            "smtp": [{"host": "127.0.0.1", "connections": "1"}],
        }
    )
    offer = desk.post.offer
    desk.post.offer = lambda outgoing: paths.append(outgoing.return_path) or offer(outgoing)  # type: ignore[func-returns-value, method-assign]
    send.deliver(desk.office, start(desk), lambda: False)
    assert paths.pop() == "digest@news.example"  # of what the staff are told at the end
    assert len(set(paths)) == 10
    assert all(path.startswith("bounces+") and path.endswith("@mail.news.example") for path in paths)
    assert len({mail["Message-ID"] for _, mail in desk.post.mails}) == len(desk.post.mails)


def test_in_staging_only_those_named_are_mailed(desk: Desk) -> None:
    desk.configure(
        mail={
            "from": {"name": "Desk", "email": "digest@news.example"},
            "smtp": [{"host": "127.0.0.1", "connections": "1"}],
            "only_to": [MANY[2]],
        }
    )
    assert mail_settings(desk.newsroom).only_to == (MANY[2],)
    desk.go()
    assert desk.post.digests() == [(MANY[2], "2026-11-27")]
    assert send.rows_by_state(desk.office, desk.edition()) == {"sent": 1, "skipped": 9}


def test_while_another_process_sends_deliver_due_waits_its_turn(desk: Desk) -> None:
    with sender_lock(desk.folder / "var" / "sender.lock"):
        desk.go()
        assert desk.post.digests() == []
        assert any("another process is sending" in line for line in desk.said)
    desk.go()
    assert len(desk.post.digests()) == 10


def test_a_mail_server_that_is_down_loses_nothing(desk: Desk) -> None:
    desk.post.down = True
    for _ in range(3):
        desk.go()
    assert send.rows_by_state(desk.office, desk.edition()) == {"due": 10}
    desk.post.down = False
    desk.go()
    assert len(desk.post.digests()) == 10


def test_addresses_that_the_server_refuses_are_accounted_for(desk: Desk) -> None:
    desk.post.refused = set(MANY)
    desk.go()
    assert send.rows_by_state(desk.office, desk.edition()) == {"sent": 1, "bounced": 9}
    assert desk.edition().state is State.SENT


def test_a_frozen_edition_that_was_tampered_with_is_not_sent_and_the_staff_are_told(desk: Desk) -> None:
    started = start(desk)
    (desk.folder / "var" / "editions" / "weekly" / "2026-11-27" / str(started.content_sha) / "en.html").unlink()
    for _ in range(2):
        deliver_due(desk.office, lambda: False)
    assert desk.post.digests() == []
    assert desk.told()["weekly/2026-11-27 cannot be sent"] == 1


def _picture(desk: Desk, color: str) -> dict[str, str]:
    Image.new("RGB", (64, 48), color).save(desk.folder / "items" / "lead.png")
    return {"file": "lead.png", "alt": "A colour", "credit": "Ana"}


def test_a_picture_that_the_mail_shows_and_the_site_has_no_more_holds_the_edition(desk: Desk) -> None:
    desk.write("strike", image=_picture(desk, "red"))
    desk.compose()
    desk.approve()
    desk.write("strike", image=_picture(desk, "blue"))
    desk.go()
    assert desk.edition().state is State.HELD
    assert str(desk.edition().reason).startswith("the site lacks images/")
    assert desk.post.digests() == []


def test_pictures_of_an_edition_that_was_sent_stay_on_the_site(desk: Desk) -> None:
    desk.write("strike", image=_picture(desk, "red"))
    desk.compose()
    desk.approve()
    desk.go()
    shown = list((desk.folder / "public" / "images").rglob("*.jpg"))
    desk.write("strike", image=_picture(desk, "blue"))
    build_standing(desk.newsroom, desk.store.editions.mailed(), desk.clock())
    assert shown
    assert all(path.is_file() for path in shown)
