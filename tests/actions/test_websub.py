import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import parse_qs

import pytest

from digest.actions.publish import build
from digest.actions.websub import WAITS, changed_feeds, post_form, tell_hubs
from digest.errors import OutsideFailure
from digest.schedule.rounds import Rounds
from digest.wiring import StandingOffice, newsroom_at
from tests.acceptance.newsroom import MovedClock, madrid, sample

HUB = "https://hub.example.org/"
FEEDS = ("https://news.example.org/atom.xml", "https://news.example.org/kinds/report/atom.xml")


class Hub:
    """Answers with the statuses in turn; 0 stands for no answer at all."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.told: list[dict[str, str]] = []
        self.waits: list[float] = []
        self.said: list[str] = []

    def post(self, address: str, form: dict[str, str]) -> int:
        self.told.append(form | {"address": address})
        status = self.answers.pop(0)
        if not status:
            raise OutsideFailure(f"{address} cannot be reached", "Wait.")
        return status

    def tell(self, hubs: tuple[str, ...] = (HUB,), changed: tuple[str, ...] = FEEDS) -> None:
        tell_hubs(hubs, changed, post=self.post, wait=self.waits.append, say=self.said.append)


def test_each_hub_is_told_of_each_changed_feed() -> None:
    hub = Hub(204, 200, 202, 204)
    hub.tell(hubs=(HUB, "https://other.example/"))
    assert hub.told == [
        {"hub.mode": "publish", "hub.url": feed, "address": address}
        for address in (HUB, "https://other.example/")
        for feed in FEEDS
    ]
    assert not hub.said
    assert not hub.waits


def test_nothing_is_sent_when_no_feed_changed() -> None:
    hub = Hub()
    hub.tell(changed=())
    assert not hub.told


@pytest.mark.parametrize("passing", [0, 429, 500, 503])
def test_a_passing_failure_is_tried_again_after_a_wait(passing: int) -> None:
    hub = Hub(passing, passing, 204)
    hub.tell(changed=FEEDS[:1])
    assert hub.waits == list(WAITS[:2])
    assert not hub.said


def test_a_refusal_is_said_at_once_and_named() -> None:
    hub = Hub(404)
    hub.tell()
    assert not hub.waits
    [said] = hub.said
    assert HUB in said
    assert FEEDS[0] in said
    assert "404" in said


def test_a_hub_that_stays_away_is_given_up_said_and_does_not_keep_the_next_from_being_told() -> None:
    hub = Hub(*[0] * (len(WAITS) + 1), 204, 204)
    hub.tell(hubs=(HUB, "https://other.example/"))
    assert hub.waits == list(WAITS)
    assert len(hub.said) == 1
    assert [told["hub.url"] for told in hub.told if told["address"] != HUB] == list(FEEDS)


def test_hubs_are_told_of_each_feed_that_names_them(tmp_path: Path) -> None:
    newsroom = newsroom_at(
        sample(tmp_path, change=lambda text: text.replace("max_age: 900", f'max_age: 900\n  websub: ["{HUB}"]'))
    )
    built = build(newsroom, [], madrid("2026-11-20 12:00"))
    naming = [
        str(path.relative_to(newsroom.public))
        for path in sorted(newsroom.public.rglob("*"))
        if path.suffix in {".xml", ".json"} and HUB in path.read_text("utf-8")
    ]
    assert {"atom.xml", "rss.xml", "feed.json", "kinds/report/atom.xml"} < set(naming)
    assert changed_feeds(newsroom, built.published.changed) == [
        f"{newsroom.config.newsroom.url}/{path}" for path in naming
    ]


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            forms.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    forms: list[str] = []
    listening = HTTPServer(("127.0.0.1", 0), Handler)
    listening.forms = forms  # type: ignore[attr-defined]
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield listening
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_the_form_arrives_as_websub_wants_it(server: HTTPServer) -> None:
    address = f"http://127.0.0.1:{server.server_port}/"
    said: list[object] = []
    tell_hubs([address], FEEDS[:1], post=post_form, wait=said.append, say=said.append)
    assert not said
    assert [parse_qs(form) for form in server.forms] == [{"hub.mode": ["publish"], "hub.url": [FEEDS[0]]}]  # type: ignore[attr-defined]


def test_a_hub_that_nobody_answers_for_is_an_outside_failure() -> None:
    with pytest.raises(OutsideFailure, match=r"127\.0\.0\.1:1/ cannot be reached"):
        post_form("http://127.0.0.1:1/", {})


def test_a_change_of_the_newsroom_reaches_the_hub_of_its_config(tmp_path: Path) -> None:
    told: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub = f"http://127.0.0.1:{server.server_port}/"
        folder = sample(
            tmp_path, change=lambda text: text.replace("max_age: 900", f'max_age: 900\n  websub: ["{hub}"]')
        )
        clock = MovedClock(madrid("2026-11-20 12:00"))
        rounds = Rounds(StandingOffice(folder, clock, lambda _: None), steady=clock.steady)
        rounds.go()
        deadline = monotonic() + 10
        while not any("newsroom.amparo.example%2Fatom.xml" in form for form in told):
            assert monotonic() < deadline
            sleep(0.01)
        server.shutdown()
    assert all(form.startswith("hub.mode=publish&hub.url=") for form in told)
    assert f'<link href="{hub}" rel="hub"' in (folder / "public" / "atom.xml").read_text("utf-8")
