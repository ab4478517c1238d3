"""The web application without a network: what each address answers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from digest import clock
from digest.actions.enlist import choice, enlist
from digest.actions.publish import build
from digest.audience.requests import Wish
from digest.audience.tokens import sign
from digest.web.app import application
from digest.web.security import HEADERS
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import madrid, sample
from tests.audience.events import agreed


@pytest.fixture
def office_now(tmp_path: Path) -> StandingOffice:
    return StandingOffice(sample(tmp_path), clock.now, lambda _: None)


@pytest.fixture
def client(office_now: StandingOffice) -> Iterator[TestClient]:
    with TestClient(application(office_now)) as made:
        yield made


@pytest.fixture
def published(office_now: StandingOffice) -> None:
    build(office_now().newsroom, [], madrid("2026-11-22 20:00"))


def test_before_the_first_build_it_says_so(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 503
    assert "about to be published" in answer.text


@pytest.mark.usefixtures("published")
def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/nothing/", "/healthz", "/unsubscribe/x", "/items/quillmere-growers-blacklist/"):
        answer = client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.usefixtures("published")
def test_files_that_a_build_prepares_and_the_newsrooms_own_are_not_served(
    client: TestClient, office_now: StandingOffice
) -> None:
    public = office_now().newsroom.public
    (public / ".new").mkdir()
    (public / ".new" / "secret.html").write_text("secret")
    for path in ("/.new/secret.html", "/%2enew/secret.html", "/..%2fconfig.yaml", "/../config.yaml"):
        assert client.get(path).status_code == 404


@pytest.mark.usefixtures("published")
def test_a_page_withdrawn_without_trace_answers_410_in_each_of_its_forms(client: TestClient) -> None:
    for path in ("/items/quillmere-growers-blacklist/", "/items/quillmere-growers-blacklist/index.html"):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "Quillmere" not in answer.text


@pytest.mark.usefixtures("published")
def test_pictures_may_be_kept_for_ever_and_pages_for_a_minute(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["cache-control"] == "public, max-age=60, must-revalidate"
    picture = page.text.partition('<img src="./images/')[2].partition('"')[0]
    assert client.get(f"/images/{picture}").headers["cache-control"].endswith("immutable")


def test_the_schedule_is_called_dead_until_it_has_gone_round(client: TestClient, office_now: StandingOffice) -> None:
    assert client.get("/healthz").status_code == 503
    office_now().store.schedules.beat("schedule", clock.now())
    assert client.get("/healthz").json()["schedule"]["alive"]


def test_the_sender_is_called_dead_when_it_has_been_silent_too_long(
    client: TestClient, office_now: StandingOffice
) -> None:
    schedules = office_now().store.schedules
    schedules.beat("schedule", clock.now())
    schedules.beat("mailings", clock.now() - timedelta(minutes=3))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["mailings"]["alive"]) == (503, False)
    schedules.beat("mailings", clock.now())
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["mailings"]["alive"]) == (200, True)
    assert answer.json()["editions"] == {"sending": 0, "paused": 0, "held": 0}


def test_the_page_that_asks_shows_a_masked_address_and_a_button(client: TestClient, office_now: StandingOffice) -> None:
    office = office_now()
    agreed = choice(office.newsroom.config, (), None, "asked")
    enlist(office.store.audience, "somebody@reader.example", agreed, clock.now())
    reader = office.store.audience.get("somebody@reader.example")
    assert reader is not None
    link = f"/unsubscribe/{sign(office.keys, 'unsubscribe', reader.key, 0)}"
    asked = client.get(link)
    assert "s•••@reader.example" in asked.text
    assert '<form method="post"><button type="submit">' in asked.text
    assert "<style" not in asked.text
    assert client.get(str(asked.url.join("../web.css"))).headers["content-type"] == "text/css; charset=utf-8"
    assert '"../web.css"' in asked.text
    assert "You have left" in client.post(link).text
    assert "You have left" in client.get(link).text


def test_a_token_for_another_purpose_is_not_known(client: TestClient, office_now: StandingOffice) -> None:
    office = office_now()
    agreed = choice(office.newsroom.config, (), None, "asked")
    enlist(office.store.audience, "somebody@reader.example", agreed, clock.now())
    answer = client.post(f"/unsubscribe/{sign(office.keys, 'bounce', 1, 0)}")
    assert answer.status_code == 404
    assert "This link is not known" in answer.text


@pytest.fixture
def preferences(office_now: StandingOffice) -> str:
    office = office_now()
    enlist(office.store.audience, "reader@example.org", choice(office.newsroom.config, (), None, "Form."), clock.now())
    reader = office.store.audience.get("reader@example.org")
    assert reader
    return f"/preferences/{sign(office.keys, 'preferences', reader.key, 0)}"


def interests_of_the_reader(office_now: StandingOffice) -> str:
    reader = office_now().store.audience.get("reader@example.org")
    assert reader
    return f"{reader.language} {reader.interests}".strip()


def test_the_link_in_a_mail_shows_what_its_reader_gets_under_a_masked_address(
    client: TestClient, preferences: str, office_now: StandingOffice
) -> None:
    page = client.get(preferences)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "r•••@example.org" in page.text
    assert "reader@" not in page.text
    assert page.text.count(" checked") == len(office_now().newsroom.config.kinds) + len(
        office_now().newsroom.config.topics
    )


def test_what_is_chosen_there_is_written_down_and_shown(
    client: TestClient, preferences: str, office_now: StandingOffice
) -> None:
    answer = client.post(preferences, data={"kind": ["report", "victory"], "topic": "asylum", "language": "en"})
    assert "It is saved" in answer.text
    assert answer.text.count(" checked") == 3
    assert interests_of_the_reader(office_now) == "en kinds:report,victory topics:asylum"
    client.post(preferences, data={"language": "en"})
    assert interests_of_the_reader(office_now) == "en"


def test_who_reads_a_regional_language_is_shown_the_one_of_their_mails_and_keeps_it(
    client: TestClient, preferences: str, office_now: StandingOffice
) -> None:
    config = office_now().newsroom.folder / "config.yaml"
    config.write_text(
        config.read_text("utf-8").replace("  language: en\n", "  language: en\n  languages: [es]\n"), "utf-8"
    )
    reader = office_now().store.audience.get("reader@example.org")
    assert reader
    wish = Wish("es-MX", reader.digests, reader.interests)
    office_now().store.audience.choose(reader.key, wish, None, agreed())
    assert 'name="language" value="es" checked' in client.get(preferences).text
    client.post(preferences, data={"kind": "report"})
    assert interests_of_the_reader(office_now) == "es kinds:report"


@pytest.mark.parametrize(
    "form", [{"kind": "gossip", "language": "en"}, {"language": "tlh"}, {"kind": "x y:z", "language": "en"}]
)
def test_what_the_newsroom_does_not_have_is_refused_and_changes_nothing(
    client: TestClient, preferences: str, office_now: StandingOffice, form: dict[str, str]
) -> None:
    answer = client.post(preferences, data=form)
    assert answer.status_code == 422
    assert "It has:" in answer.text or "They are in:" in answer.text
    assert interests_of_the_reader(office_now) == "en"


def test_a_form_that_is_no_form_is_refused_without_a_trace_of_the_program(client: TestClient, preferences: str) -> None:
    assert client.post(preferences, content=b"x" * 20_000).status_code == 413
    assert client.post(preferences, content=b"\xff&&&=").status_code == 200
    assert client.post(preferences, content=b"&" * 16_000).status_code == 200


def test_a_token_to_leave_does_not_show_preferences_nor_does_one_of_somebody_who_left(
    client: TestClient, preferences: str, office_now: StandingOffice
) -> None:
    office = office_now()
    reader = office.store.audience.get("reader@example.org")
    assert reader
    assert client.get(f"/preferences/{sign(office.keys, 'unsubscribe', reader.key, 0)}").status_code == 404
    assert client.post(f"/preferences/{'x' * 43}", data={"kind": "report"}).status_code == 404
    client.post(f"/unsubscribe/{sign(office.keys, 'unsubscribe', reader.key, 0)}")
    assert client.get(preferences).status_code == 404
