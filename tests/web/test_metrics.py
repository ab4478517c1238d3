from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from digest.actions.compose import approve_edition, compose_now
from digest.actions.send import deliver, start
from digest.web.app import application
from tests.actions.desk import Desk, desk_in


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_in(tmp_path / "newsroom") as made:
        yield made


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return TestClient(application(lambda: desk.office), client=("127.0.0.1", 50_000))


def test_whoever_watches_sees_what_became_of_the_recipients_and_how_long_hearts_were_silent(
    desk: Desk, client: TestClient
) -> None:
    desk.write("one", "2026-11-19 10:00")
    desk.subscribe("ana@paper.example", "ben@paper.example")
    desk.post.refused.add("ben@paper.example")
    edition, _ = compose_now(desk.newsroom, desk.store, "weekly", desk.clock())
    deliver(
        desk.office,
        start(desk.office, approve_edition(desk.newsroom, desk.store, edition, "test", desk.clock())),
        lambda: False,
    )
    desk.store.schedules.beat("mailings", desk.clock() - timedelta(seconds=7))
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert 'digest_heartbeat_age_seconds{heart="mailings"} 7.0' in lines
    assert f'digest_mailing_recipients{{edition="{edition.id}",outcome="sent"}} 1.0' in lines
    assert f'digest_mailing_recipients{{edition="{edition.id}",outcome="refused"}} 1.0' in lines
    assert f'digest_mailing_recipients{{edition="{edition.id}",outcome="unfinished"}} 0.0' in lines
    assert "@" not in answer.text


def test_nobody_else_sees_them(desk: Desk, client: TestClient) -> None:
    stranger = TestClient(application(lambda: desk.office), client=("203.0.113.7", 50_000))
    assert stranger.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    assert client.get("/metrics", headers={"Forwarded": "for=203.0.113.7"}).status_code == 404
    assert client.get("/metrics").status_code == 200
