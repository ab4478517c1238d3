"""The web application without a network: what each address answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from digest import clock
from digest.actions.enlist import choice, enlist
from digest.actions.publish import build
from digest.audience.tokens import sign
from digest.web.app import application
from digest.web.security import HEADERS
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import madrid, sample


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
