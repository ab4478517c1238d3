"""What strangers do to the public pages: floods for one victim, and whatever a program can think of to send."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.actions.holders import Link, link_for
from digest.audience.interests import EVERYTHING
from digest.audience.requests import Says, Wish
from digest.audience.subscriber import Consent, Subscriber
from digest.store import tables
from digest.store.database import open_database
from digest.wiring import store_on
from tests.audience.events import agreed
from tests.store.people import owe_letter
from tests.web.strangers import Strangers, strangers_in

MARK = "<zq>\"zq='zq'&zq;"
UNESCAPED = re.compile(r"<zq>|\"zq=|='zq'")
ROUTES = {
    Link.CONFIRM: ("/confirm/{}",),
    Link.PREFERENCES: ("/preferences/{}", "/preferences/{}/my-data"),
    Link.MANAGE: ("/my-data/{}", "/my-data/{}/address", "/my-data/{}/erase"),
    Link.MOVE: ("/move/{}",),
    Link.UNSUBSCRIBE: ("/unsubscribe/{}", "/unsubscribe/{}/reason"),
}
ODD = st.one_of(
    st.just(MARK),
    st.sampled_from(
        ["", "\0", "\r\nSet-Cookie: zq=1", "../../config.yaml", "\ud7ff\u202e", "%00", "' OR 1=1 --", "٣", "0"]
    ),
    st.text(max_size=40),
)
FIELDS = [
    "address",
    "stamp",
    "language",
    "digest",
    "kind",
    "topic",
    "remark",
    "pause",
    "reason",
    "List-Unsubscribe",
    "x",
]
VALUES = st.one_of(
    ODD,
    st.sampled_from(
        ["en", "es", "weekly", "update", "asylum", "2026-12-24", "9999-12-31", "0000-00-00", "new@paper.example"]
    ),
    st.builds("{}@{}".format, st.text(max_size=8), st.sampled_from(["paper.example", MARK, "bücher.example", "[::1]"])),
)
FORMS = st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=6)
BODIES = st.one_of(
    FORMS.map(lambda fields: urlencode(fields, errors="surrogatepass").encode()),
    st.binary(max_size=200),
    st.just(b"a" * 20_000),
    st.just(b"&" * 9_000 + b"digest=weekly"),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Accept-Language", "Content-Type", "Host", "X-Forwarded-For", "Origin", "Cookie", "Range", "If-None-Match"]
    ),
    st.one_of(st.just(MARK), st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)).map(str.strip),
    max_size=3,
)
METHODS = st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])


def lives(strangers: Strangers) -> dict[Link, str]:
    """Return a token of each kind of link that works."""
    desk = strangers.desk
    ana = desk.store.audience.get("ana@paper.example")
    if ana is None or ana.state is not Consent.CONFIRMED:
        ana = _somebody(strangers)
    owe_letter(desk.store.letters, ana.key, Says.MOVE, desk.clock(), "new@paper.example")
    number = desk.store.letters.due(0, desk.clock(), 1000)[-1].subscriber
    return {link: link_for(desk.office, link, ana, number if link is Link.MOVE else 1) for link in Link}


def _somebody(strangers: Strangers) -> Subscriber:
    """Return somebody who is on the list, whatever was done to it."""
    desk = strangers.desk
    with strangers.engine.begin() as connection:
        for table in reversed(tables.METADATA.sorted_tables):
            connection.execute(sa.delete(table))
    desk.subscribe("ana@paper.example")
    ana = desk.store.audience.get("ana@paper.example")
    assert ana
    desk.store.audience.choose(ana.key, Wish("en", ("weekly",), EVERYTHING), None, agreed())
    return ana


@pytest.fixture(params=["sqlite", "postgres"])
def strangers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Strangers]:
    with strangers_in(tmp_path / "newsroom") as made:
        if request.param == "sqlite":
            yield made
            return
        engine = open_database(request.getfixturevalue("postgres_url"), tmp_path)
        made.desk.store = store_on(engine, b"h" * 32)
        yield made
        engine.dispose()


def _send(strangers: Strangers, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
    """Send it; nothing that the server does may be its own fault, or let the sender speak in our name."""
    answer = strangers.line.ask(method, path, body, {name.lower(): value for name, value in headers.items()})
    stale = path == "/healthz" and answer.status == 503  # nobody goes round at this desk
    assert answer.status < 500 or stale, (method, path, body)
    assert "set-cookie" not in answer.headers
    assert not UNESCAPED.search("\n".join(answer.headers.values()))
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert not UNESCAPED.search(answer.text), (method, path, body)
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def _mutated(token: str, place: int, letter: str) -> str:
    place %= len(token)
    return token[:place] + letter + token[place + 1 :]


def _tokens(valid: dict[Link, str], link: Link) -> st.SearchStrategy[str]:
    """Return tokens that are worth nothing for this kind of link."""
    others = [token for other, token in valid.items() if other is not link]
    return st.one_of(
        st.sampled_from(others),
        st.builds(_mutated, st.just(valid[link]), st.integers(0, 99), st.sampled_from("Aa-_9=~")).filter(
            lambda token: token != valid[link]
        ),
        st.sampled_from(
            [valid[link][:-1], valid[link] + "A", valid[link] + "=", valid[link].lower(), "A" * 43, "a" * 52]
        ),
        ODD.map(lambda text: quote(text, safe="", errors="surrogatepass")),
    )


def _within(rounds: Callable[[int, int], int], few: int, many: int) -> settings:
    checks = list(HealthCheck)
    return settings(max_examples=rounds(few, many), deadline=None, suppress_health_check=checks, database=None)


def test_nothing_changes_without_a_token_whatever_is_sent(
    strangers: Strangers, rounds: Callable[[int, int], int]
) -> None:
    valid = lives(strangers)
    before = strangers.dump()

    @_within(rounds, 60, 20_000)
    @given(st.data(), METHODS, BODIES, HEADERS)
    def fuzz(data: st.DataObject, method: str, body: bytes, headers: dict[str, str]) -> None:
        link = data.draw(st.sampled_from(list(Link)))
        path = data.draw(st.sampled_from(ROUTES[link]))
        token = data.draw(_tokens(valid, link))
        _send(strangers, method, path.format(token), body, headers)
        assert strangers.dump() == before, (method, path, token)

    fuzz()


def test_whatever_comes_with_a_token_is_answered_and_the_list_stays_right(
    strangers: Strangers, rounds: Callable[[int, int], int]
) -> None:
    _somebody(strangers)
    valid = lives(strangers)

    @_within(rounds, 40, 10_000)
    @given(st.sampled_from(list(Link)), st.data(), METHODS, BODIES, HEADERS)
    def fuzz(link: Link, data: st.DataObject, method: str, body: bytes, headers: dict[str, str]) -> None:
        path = data.draw(st.sampled_from(ROUTES[link]))
        _send(strangers, method, path.format(valid[link]), body, headers)
        ana = strangers.desk.store.audience.get("ana@paper.example")
        if ana is None or ana.state is not Consent.CONFIRMED:
            _somebody(strangers)
            valid.update(lives(strangers))

    fuzz()


def test_the_form_takes_nothing_down_but_requests(strangers: Strangers, rounds: Callable[[int, int], int]) -> None:
    desk = strangers.desk
    before = strangers.dump("request")

    @_within(rounds, 40, 20_000)
    @given(
        METHODS,
        st.sampled_from(["/subscribe", "/subscribe?language=", "/", "/healthz", "/web.css"]),
        FORMS,
        HEADERS,
        ODD,
    )
    def fuzz(method: str, path: str, fields: list[tuple[str, str]], headers: dict[str, str], odd: str) -> None:
        fields = [("stamp", strangers.stamped()), *(field for field in fields if field[0] != "stamp")]
        body = urlencode(fields, errors="surrogatepass").encode()
        text = quote(odd, safe="", errors="surrogatepass")
        _send(strangers, method, f"{path}{text}" if path.endswith("=") else path, body, headers)
        assert strangers.dump("request") == before
        desk.clock.move(minutes=3)

    fuzz()


@pytest.mark.parametrize("strangers", ["sqlite"], indirect=True)
def test_ten_thousand_forms_for_one_victim_are_one_mail(
    strangers: Strangers, rounds: Callable[[int, int], int]
) -> None:
    for number in range(rounds(150, 10_000)):
        spelled = "".join(
            letter.upper() if number >> place & 1 else letter for place, letter in enumerate("victim@paper.example")
        )
        status = strangers.subscribe(spelled, f"10.{number >> 8 & 255}.{number & 255}.7")
        assert status == 200
        if number % 50 == 0:
            strangers.letters()
            strangers.desk.clock.move(minutes=3)
    assert len(strangers.letters()) == 0
    mailed = [address.lower() for address, _ in strangers.desk.post.mails]
    assert mailed == ["victim@paper.example"]
