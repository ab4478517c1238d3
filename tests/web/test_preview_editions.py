"""Editions in the preview, without a network: which there are, what is said of them, and what never gets out."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from digest.actions.preview import Preview
from digest.mail.looks import LOOKS
from digest.web.preview import application
from digest.wiring import store_to_read
from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk, desk_in

EDITIONS = "/.preview/editions/"
NEXT, KEPT = f"{EDITIONS}weekly/next/", f"{EDITIONS}weekly/2026-11-27/"


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_in(tmp_path_factory.mktemp("preview") / "newsroom") as made:
        made.write("strike")
        made.write("secret", "2026-11-27 06:00", title="Secret words")
        made.write("draft", None, title="Unready words")  # type: ignore[arg-type]
        made.clock.move_to(madrid("2026-11-26 10:00"))
        yield made


def client_of(desk: Desk, at: str | None = None) -> TestClient:
    preview = Preview(desk.folder, 8001, madrid(at) if at else None, desk.clock, lambda _: None)
    preview.look()
    assert preview.shown.troubles == ()
    return TestClient(application(preview, lambda: True, store_to_read), base_url="http://127.0.0.1:8001")


def test_every_page_leads_to_the_editions(desk: Desk) -> None:
    assert f'<a href="{EDITIONS}">Editions</a>' in client_of(desk).get("/").text


def test_before_there_is_a_database_the_next_edition_is_listed_and_none_is_made(desk: Desk) -> None:
    database = desk.folder / "var/digest.db"
    database.rename(database.with_suffix(".away"))
    client = client_of(desk)
    overview = client.get(EDITIONS)
    assert overview.status_code == 200
    assert f'<a href="{NEXT}">The week</a> <span class="id">weekly/2026-11-27</span> 27 November 2026, 09:00' in (
        overview.text
    )
    assert "There are none yet." in overview.text
    assert "Title of strike" in client.get(NEXT).text
    assert not database.exists()


def test_editions_of_the_database_are_listed_with_their_states(desk: Desk) -> None:
    desk.go()
    client = client_of(desk)
    listed = f'<a href="{KEPT}">weekly/2026-11-27</a> <strong class="mark">'
    assert f"{listed}Composed, not approved</strong>" in client.get(EDITIONS).text
    desk.approve()
    assert f"{listed}Approved, not sent</strong>" in client.get(EDITIONS).text


def test_the_next_edition_is_marked_and_made_of_items_as_they_are(desk: Desk) -> None:
    page = client_of(desk).get(NEXT).text
    assert "Not approved: as it would be composed now" in page
    assert "Secret words – 27 November 2026, 06:00" in page
    assert "Unready words" not in page.partition("<main>")[2]
    assert "Not public." in page
    assert desk.states() == {}


def test_an_edition_of_the_time_asked_for_is_foreseen(desk: Desk) -> None:
    desk.write("later", "2026-12-03 10:00")
    page = client_of(desk, "2026-11-28 10:00").get(NEXT).text
    assert "weekly/2026-12-04" in page
    assert "Title of later" in page


def test_what_was_frozen_is_shown_as_frozen(desk: Desk) -> None:
    desk.go()
    desk.write("strike", title="Written later")
    client = client_of(desk)
    assert "Written later" not in client.get(KEPT).text.partition("<main>")[2]
    assert "Written later" in client.get(NEXT).text


def test_frames_hold_the_mail_of_the_choice_and_run_nothing(desk: Desk) -> None:
    client = client_of(desk)
    page = client.get(f"{NEXT}?language=en&kind=update").text
    for look in LOOKS:
        address = f"/.preview/mails/weekly/next/{look.name}?language=en"
        assert f'src="{address}"' in page.replace("&amp;", "&")
        mail = client.get(address)
        assert "Title of strike" in mail.text
        assert "digest-preview" not in mail.text
        assert "<script" not in mail.text
        policy = mail.headers["content-security-policy"].split("; ")
        assert policy[:2] == ["default-src 'none'", "img-src data:"]
        assert "frame-ancestors 'self'" in policy
        assert policy[-1] == "sandbox allow-popups allow-popups-to-escape-sandbox"
        assert mail.headers["cache-control"] == "no-store"
    assert "frame-src http://127.0.0.1:8001/.preview/mails/" in client.get(NEXT).headers["content-security-policy"]


def test_pages_of_editions_hold_no_placeholder_of_a_token(desk: Desk) -> None:
    client = client_of(desk)
    for path in (NEXT, *(f"/.preview/mails/weekly/next/{look.name}" for look in LOOKS)):
        answer = client.get(path).text
        assert "_TOKEN_" not in answer
        assert "example-token" in answer


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{NEXT}?language=fr", "there are no mails in the language &#39;fr&#39;. config.yaml knows: en."),
        (f"{NEXT}?kind=novel", "config.yaml has no kind &#39;novel&#39;. It has: update."),
        (f"{EDITIONS}daily/next/", "config.yaml has no digest &#39;daily&#39;. It has: weekly."),
        (KEPT, "there is no edition weekly/2026-11-27. `digest edition list` shows those there are."),
        (f"{EDITIONS}weekly/yesterday/", "is not an edition&#39;s id. Write it like weekly/2026-11-27"),
    ],
)
def test_what_cannot_be_shown_is_told_with_its_remedy(desk: Desk, path: str, words: str) -> None:
    answer = client_of(desk).get(path)
    assert answer.status_code == 409
    assert words in answer.text
    assert "Traceback" not in answer.text


def test_what_composing_refuses_is_told_on_the_page(desk: Desk) -> None:
    desk.configure(mail=None)
    answer = client_of(desk).get(NEXT)
    assert "config.yaml has no section `mail`. Add it with `from` and `smtp`." in answer.text


def test_a_template_of_the_newsrooms_own_that_fails_is_told_and_not_raised(desk: Desk) -> None:
    template = desk.folder / "templates/mail/digest.txt.j2"
    template.parent.mkdir(parents=True)
    template.write_text("{{ 1 + 'one' }}")
    answer = client_of(desk).get(NEXT)
    assert answer.status_code == 409
    assert "TypeError: unsupported operand" in answer.text


def test_where_the_very_page_of_editions_has_a_mistake_its_words_stand_alone(desk: Desk) -> None:
    template = desk.folder / "templates/web/proofs.html.j2"
    template.parent.mkdir(parents=True)
    template.write_text("{{ nonsense }}")
    answer = client_of(desk).get(EDITIONS)
    assert answer.status_code == 409
    assert answer.text.startswith("templates/web/proofs.html.j2:1: 'nonsense' is undefined.")


def test_a_look_that_is_none_is_not_found(desk: Desk) -> None:
    assert client_of(desk).get("/.preview/mails/weekly/next/sepia").status_code == 404


def test_other_names_than_this_computers_are_refused(desk: Desk) -> None:
    assert client_of(desk).get(NEXT, headers={"host": "evil.example"}).status_code == 400
