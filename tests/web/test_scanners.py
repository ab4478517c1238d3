"""Programs that read mail before people do follow every link; only a button, or one click as RFC 8058 has it, acts."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.audience.requests import Says
from digest.audience.subscriber import Consent
from digest.delivery.rows import RowState
from digest.editions.edition import State
from tests.acceptance.newsroom import madrid
from tests.store.people import owe_letter
from tests.store.rows import rows_of
from tests.web.strangers import Strangers, links_of, links_on, strangers_in

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'


@pytest.fixture
def strangers(tmp_path: Path) -> Iterator[Strangers]:
    with strangers_in(tmp_path / "newsroom") as made:
        yield made


def _every_mail(strangers: Strangers) -> list[EmailMessage]:
    """Return a digest and a letter of each kind, of people in every state."""
    desk = strangers.desk
    desk.settings(approval="automatic")
    desk.go()
    desk.write("strike")
    desk.at("2026-11-27 09:00")
    assert desk.edition().state is State.SENT
    ana = desk.store.audience.get("ana@paper.example")
    assert ana
    strangers.subscribe("zoe@paper.example")
    desk.subscribe("ben@paper.example")
    ben = desk.store.audience.get("ben@paper.example")
    assert ben
    for says in Says:
        if says is not Says.CONFIRM:
            to = f"{says}@paper.example" if says is Says.MOVE else None
            owe_letter(desk.store.letters, ben.key if says is Says.LEFT else ana.key, says, desk.clock(), to)
    letters = strangers.letters()
    assert len(letters) == len(Says)
    return [mail for _, mail in desk.post.mails if mail["List-Unsubscribe"]] + letters


def test_a_scanner_that_follows_every_link_of_every_mail_changes_nothing(strangers: Strangers) -> None:
    todo = {link for mail in _every_mail(strangers) for link in links_of(mail)}
    for face in ("confirm", "preferences", "my-data", "move", "unsubscribe"):
        assert any(path.startswith(f"/{face}/") for path in todo), face
    before, seen = strangers.dump(), set[str]()
    while todo:
        path = todo.pop()
        seen.add(path)
        assert strangers.line.ask("HEAD", path).status < 500
        assert strangers.line.ask("OPTIONS", path).status in {404, 405}
        answer = strangers.line.ask("GET", path)
        assert answer.status < 500
        if answer.headers["content-type"].startswith("text/html"):
            todo |= links_on(answer.text, path) - seen
    assert len(seen) > 12
    assert strangers.dump() == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/x-www-form-urlencoded", ONE_CLICK), ("multipart/form-data; boundary=x", MULTIPART)],
    ids=["urlencoded", "multipart"],
)
def test_a_mail_program_leaves_by_one_click_in_either_encoding(
    strangers: Strangers, content_type: str, body: str
) -> None:
    mail = _every_mail(strangers)[0]
    assert mail["List-Unsubscribe-Post"] == ONE_CLICK
    [path] = {path for path in links_of(mail) if path.startswith("/unsubscribe/") and path in _header_path(mail)}
    answer = strangers.line.ask("POST", path, body.encode(), {"content-type": content_type})
    assert answer.status == 200
    assert "set-cookie" not in answer.headers
    who = strangers.desk.store.audience.get("ana@paper.example")
    assert who
    assert who.state is Consent.LEFT
    assert strangers.line.ask("POST", path, body.encode(), {"content-type": content_type}).status == 200
    assert [event.state for event in strangers.desk.store.audience.history(who.key)].count(Consent.LEFT) == 1


def _header_path(mail: EmailMessage) -> str:
    return str(mail["List-Unsubscribe"])


def test_who_left_by_one_click_gets_no_further_edition_and_one_notice(strangers: Strangers) -> None:
    mail = _every_mail(strangers)[0]
    [path] = {path for path in links_of(mail) if path.startswith("/unsubscribe/") and path in _header_path(mail)}
    for _ in range(3):
        strangers.line.ask("POST", path, ONE_CLICK.encode())
    assert len(strangers.letters()) == 1
    desk = strangers.desk
    desk.write("again", "2026-12-01 10:00")
    desk.clock.move_to(madrid("2026-12-04 09:00"))
    desk.go()
    edition = desk.edition("2026-12-04")
    assert [row.address for row in rows_of(desk.store.deliveries, edition.key) if row.state is RowState.SENT] == [
        "ben@paper.example"
    ]


def test_a_template_that_the_newsroom_writes_shows_at_once_though_templates_are_kept(strangers: Strangers) -> None:
    assert "Own form" not in strangers.line.ask("GET", "/subscribe").text
    own = strangers.desk.folder / "templates" / "web" / "subscribe.html.j2"
    own.parent.mkdir(parents=True)
    for words in ("Own form", "Own form again"):
        own.write_text(f"<h1>{words}</h1>")
        assert strangers.line.ask("GET", "/subscribe").text == f"<h1>{words}</h1>"
    own.unlink()
    assert "Own form" not in strangers.line.ask("GET", "/subscribe").text
