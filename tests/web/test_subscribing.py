"""The pages by which people subscribe and look after their subscription, without a network or a browser."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from digest.actions.enlist import choice, enlist
from digest.actions.holders import Link, link_for
from digest.actions.ports import Office
from digest.actions.subscribe import answer_requests
from digest.audience.requests import Says
from digest.audience.subscriber import Consent, Subscriber
from digest.audience.tokens import sign
from digest.web.app import application
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import MovedClock, sample
from tests.store.people import owe_letter

READER = "reader@reader.example"
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
MALFORMED = [
    "",
    "reader",
    "reader@",
    "@reader.example",
    "a b@reader.example",
    "reader@localhost",
    "r@x.example\r\nBcc: y",
]


def richer(config: str) -> str:
    """Return the sample's config.yaml with a second digest, a second language, and a page on privacy."""
    privacy = "  privacy_url: https://amparo.example/privacy\n"
    config = config.replace("  language: en\n", f"  language: en\n  languages: [es]\n{privacy}")
    urgent = "  urgent:\n    title: {en: Urgent actions, es: Acciones urgentes}\n    schedule: manual\n\nmail:\n"
    return config.replace("mail:\n", urgent, 1)


@pytest.fixture
def now() -> MovedClock:
    return MovedClock(AT)


@pytest.fixture
def office_now(tmp_path: Path, now: MovedClock) -> StandingOffice:
    return StandingOffice(sample(tmp_path, change=richer), now, lambda _: None)


@pytest.fixture
def client(office_now: StandingOffice) -> Iterator[TestClient]:
    with TestClient(application(office_now), headers={"Accept-Language": "en"}) as made:
        yield made


@pytest.fixture
def reader(office_now: StandingOffice) -> Subscriber:
    office = office_now()
    enlist(office.store.audience, READER, choice(office.newsroom.config, (), None, "Form."), AT)
    return known(office, READER)


def known(office: Office, address: str) -> Subscriber:
    found = office.store.audience.get(address)
    assert found
    return found


def stamp_in(page: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found
    return found[1]


def filled(client: TestClient, now: MovedClock, **fields: object) -> dict[str, object]:
    """Return a form that somebody has filled in at the pace of people."""
    page = client.get("/subscribe").text
    now.move(seconds=20)
    form = {"address": READER, "digest": ["weekly", "urgent"], "language": "en", "stamp": stamp_in(page)}
    return form | fields


def asked(office: Office) -> int:
    return len(office.store.requests.waiting())


def letters(office: Office) -> list[Says]:
    answer_requests(office)
    owed = (office.store.letters.owed(number) for number in range(1, 20))
    return [one.says for one in owed if one]


# The form


def test_the_form_takes_down_who_asks_for_what_with_the_words_they_read(
    client: TestClient, now: MovedClock, office_now: StandingOffice
) -> None:
    form = filled(client, now, digest="weekly", kind=["report", "victory"], topic="asylum", language="es")
    answer = client.post("/subscribe", data=form)
    assert answer.status_code == 200
    assert "Mire en su buzón" in answer.text
    assert letters(office_now()) == [Says.CONFIRM]
    new = known(office_now(), READER)
    assert (new.state, new.language, new.digests) == (Consent.ASKED, "es", ("weekly",))
    assert str(new.interests) == "kinds:report,victory topics:asylum"
    (event,) = office_now().store.audience.history(new.key)
    assert event.source == "form"
    assert event.evidence == (
        "https://newsroom.amparo.example/subscribe: By subscribing you agree that Amparo International mails you the "
        "digests that you have ticked. Each mail has a link by which you can leave at once. "
        "https://amparo.example/privacy"
    )
    assert event.ip == "testclient"


def test_the_words_that_are_kept_are_those_that_stood_in_the_form(client: TestClient, now: MovedClock) -> None:
    for language in ("en", "es"):
        page = client.get(f"/subscribe?language={language}").text
        now.move(seconds=5)
        assert client.post(f"/subscribe?language={language}", data={"stamp": stamp_in(page)}).status_code == 422
        # A form in other words has another stamp.
        other = "es" if language == "en" else "en"
        again = client.post(f"/subscribe?language={other}", data={"address": READER, "stamp": stamp_in(page)})
        assert again.status_code == 422


def test_nobody_learns_from_the_answer_who_is_on_the_list(
    client: TestClient, now: MovedClock, office_now: StandingOffice, reader: Subscriber
) -> None:
    answers = []
    for address in (reader.address, "nobody@reader.example"):
        form = filled(client, now, address=address)
        answers += [client.post("/subscribe", data=form) for _ in range(2)]
    pages = {answer.text.replace("nobody@", "reader@") for answer in answers}
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(pages) == 1
    assert asked(office_now()) == 2


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_address_brings_the_form_back_with_all_that_was_filled_in(
    client: TestClient, now: MovedClock, office_now: StandingOffice, address: str
) -> None:
    form = filled(client, now, address=address, digest="urgent", kind="report", language="es")
    answer = client.post("/subscribe", data=form)
    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="address-error"' in answer.text
    assert 'id="address-error"' in answer.text
    ticked = re.findall(r'value="(\w+)" checked', answer.text)
    assert {"urgent", "report", "es"} <= set(ticked)
    assert not {"weekly", "victory", "en"} & set(ticked)
    assert asked(office_now()) == 0
    assert client.post("/subscribe", data=form | {"address": READER}).status_code == 200


def test_a_form_without_any_digest_is_not_taken(
    client: TestClient, now: MovedClock, office_now: StandingOffice
) -> None:
    answer = client.post("/subscribe", data=filled(client, now, digest=[]))
    assert answer.status_code == 422
    assert 'aria-describedby="digest-error"' in answer.text
    assert asked(office_now()) == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "too quick"), (86_401, "open for too long")],
)
def test_a_form_is_not_taken_faster_than_people_are_nor_days_later(
    client: TestClient, now: MovedClock, office_now: StandingOffice, seconds: int, words: str
) -> None:
    form = {"address": READER, "digest": "weekly", "language": "en", "stamp": stamp_in(client.get("/subscribe").text)}
    now.move(seconds=seconds)
    answer = client.post("/subscribe", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{READER}"' in answer.text
    assert asked(office_now()) == 0
    now.move(seconds=5)
    assert client.post("/subscribe", data=form | {"stamp": stamp_in(answer.text)}).status_code == 200
    assert asked(office_now()) == 1


@pytest.mark.parametrize("forged", ["", "x" * 43, None])
def test_a_form_without_our_stamp_is_not_taken(
    client: TestClient, now: MovedClock, office_now: StandingOffice, forged: str | None
) -> None:
    keys = office_now().keys
    stamp = sign(keys, "unsubscribe", 0, int(AT.timestamp())) if forged is None else forged
    assert client.post("/subscribe", data=filled(client, now, stamp=stamp)).status_code == 422
    assert asked(office_now()) == 0


def test_a_program_that_fills_in_every_field_gets_the_same_answer_and_nothing_is_kept(
    client: TestClient, now: MovedClock, office_now: StandingOffice
) -> None:
    trapped = client.post("/subscribe", data=filled(client, now, remark="Cheap watches"))
    assert asked(office_now()) == 0
    assert trapped.text == client.post("/subscribe", data=filled(client, now)).text
    assert asked(office_now()) == 1


def test_a_network_that_asks_too_much_is_told_when_to_try_again(
    client: TestClient, now: MovedClock, office_now: StandingOffice
) -> None:
    form = filled(client, now)
    for number in range(30):
        assert client.post("/subscribe", data=form | {"address": f"r{number}@r{number}.example"}).status_code == 200
    answer = client.post("/subscribe", data=form | {"address": "one@more.example"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "3600"
    assert "try again in an hour" in answer.text
    assert asked(office_now()) == 30


def test_what_the_newsroom_does_not_have_is_not_taken(
    client: TestClient, now: MovedClock, office_now: StandingOffice
) -> None:
    for wrong in ({"digest": "daily"}, {"kind": "gossip"}, {"language": "tlh"}):
        assert client.post("/subscribe", data=filled(client, now, **wrong)).status_code == 422
    assert asked(office_now()) == 0


@pytest.mark.parametrize("section", ["mail", "digests", "web"])
def test_a_newsroom_that_mails_nothing_says_so(tmp_path: Path, now: MovedClock, section: str) -> None:
    def without(config: str) -> str:
        return re.sub(rf"^{section}:\n(?:[ ].*\n|\n)+", "", config, flags=re.MULTILINE)

    office_now = StandingOffice(sample(tmp_path, change=without), now, lambda _: None)
    with TestClient(application(office_now)) as client:
        for answer in (client.get("/subscribe"), client.post("/subscribe", data={"address": READER})):
            assert answer.status_code == 404
            assert "There is nothing to subscribe to" in answer.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es", "es"),
        ("es-MX,en;q=0.5", "es"),
        ("fr, es;q=0.7, en;q=0.9", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("en;q=0, es;q=0.1", "es"),
        ("nonsense;;q=7, es", "es"),
        ("", "en"),
    ],
)
def test_the_form_is_in_the_visitors_language(client: TestClient, header: str, language: str) -> None:
    assert f'<html lang="{language}"' in client.get("/subscribe", headers={"Accept-Language": header}).text


def test_another_language_can_be_picked(client: TestClient) -> None:
    assert '<html lang="es"' in client.get("/subscribe?language=es").text
    assert '<html lang="en"' in client.get("/subscribe?language=tlh").text


# Links in mails


Path_ = Callable[[Office, Subscriber], str]
PAGES: dict[str, Path_] = {
    "confirm": lambda office, who: f"/confirm/{link_for(office, Link.CONFIRM, who)}",
    "preferences": lambda office, who: f"/preferences/{link_for(office, Link.PREFERENCES, who)}",
    "my data": lambda office, who: f"/my-data/{link_for(office, Link.MANAGE, who)}",
    "erase": lambda office, who: f"/my-data/{link_for(office, Link.MANAGE, who)}/erase",
    "unsubscribe": lambda office, who: f"/unsubscribe/{link_for(office, Link.UNSUBSCRIBE, who)}",
    "move": lambda office, who: f"/move/{link_for(office, Link.MOVE, who, _letter_to_move(office, who))}",
}


def _letter_to_move(office: Office, who: Subscriber) -> int:
    owe_letter(office.store.letters, who.key, Says.MOVE, AT, "new@reader.example")
    return max(number for number in range(1, 9) if office.store.letters.owed(number))


@pytest.mark.parametrize("name", PAGES)
def test_looking_changes_nothing_and_is_kept_by_nobody(
    client: TestClient, office_now: StandingOffice, reader: Subscriber, name: str
) -> None:
    path = PAGES[name](office_now(), reader)
    history = office_now().store.audience.history(reader.key)
    owed = letters(office_now())
    for method in ("GET", "HEAD"):
        answer = client.request(method, path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert known(office_now(), READER) == reader
    assert office_now().store.audience.history(reader.key) == history
    assert letters(office_now()) == owed


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_link_that_is_not_ours_is_a_page_in_words(
    client: TestClient, office_now: StandingOffice, reader: Subscriber, name: str, method: str
) -> None:
    genuine = PAGES[name](office_now(), reader).split("/")
    for token in ("nonsense", "x" * 43, sign(office_now().keys, "bounce", reader.key, 0)):
        answer = client.request(method, "/".join([*genuine[:2], token, *genuine[3:]]))
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "private, no-store"
        assert method == "HEAD" or "This link is not known" in answer.text
        assert method == "HEAD" or "../subscribe?language=en" in answer.text
    assert known(office_now(), READER) == reader


def test_only_the_owners_own_pages_show_the_address_in_full(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    shown = {name for name, path in PAGES.items() if READER in client.get(path(office_now(), reader)).text}
    assert shown == {"my data", "erase"}


def test_whoever_confirms_is_welcomed_as_often_as_they_press(
    client: TestClient, now: MovedClock, office_now: StandingOffice
) -> None:
    client.post("/subscribe", data=filled(client, now))
    letters(office_now())
    path = PAGES["confirm"](office_now(), known(office_now(), READER))
    question = client.get(path).text
    assert "Shall Amparo International mail “Amparo weekly”, “Urgent actions” to r•••@reader.example?" in question
    for _ in range(2):
        page = client.post(path).text
        assert "You are on the list" in page
        assert "27 November 2026" in page  # Friday
    assert known(office_now(), READER).state is Consent.CONFIRMED
    assert letters(office_now()) == [Says.CONFIRM, Says.WELCOME]
    [preferences] = re.findall(r'href="\.\./(preferences/[^"]+)"', page)
    assert client.get(f"/{preferences}").status_code == 200


def test_a_link_to_confirm_works_for_a_week(client: TestClient, now: MovedClock, office_now: StandingOffice) -> None:
    client.post("/subscribe", data=filled(client, now))
    letters(office_now())
    path = PAGES["confirm"](office_now(), known(office_now(), READER))
    now.move(days=7, seconds=1)
    assert client.post(path).status_code == 404
    assert known(office_now(), READER).state is Consent.ASKED


def test_what_is_chosen_is_kept_with_a_pause_until_the_day_begins(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    path = PAGES["preferences"](office_now(), reader)
    form = {"digest": "urgent", "kind": "report", "language": "es", "pause": "2027-01-11"}
    page = client.post(path, data=form).text
    assert "Está guardado" in page
    assert 'value="2027-01-11"' in page
    chosen = known(office_now(), READER)
    assert (chosen.digests, chosen.language) == (("urgent",), "es")
    assert chosen.paused_until == datetime(2027, 1, 10, 23, tzinfo=UTC)  # midnight in Madrid
    assert office_now().store.audience.history(reader.key)[-1].evidence.endswith("paused until 2027-01-11")
    client.post(path, data=form | {"pause": ""})
    assert known(office_now(), READER).paused_until is None


@pytest.mark.parametrize("day", ["2026-11-23", "2020-01-01", "2027-11-25", "2027-02-30", "tomorrow", "2027-1-1"])
def test_a_pause_until_no_day_of_the_coming_year_is_not_saved(
    client: TestClient, office_now: StandingOffice, reader: Subscriber, day: str
) -> None:
    answer = client.post(PAGES["preferences"](office_now(), reader), data={"digest": "urgent", "pause": day})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "24 November 2027" in answer.text
    assert re.search(r'value="urgent" checked', answer.text)
    assert known(office_now(), READER) == reader


def test_who_ticks_no_digest_is_told_how_to_leave(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    answer = client.post(PAGES["preferences"](office_now(), reader), data={"kind": "report"})
    assert answer.status_code == 422
    assert "Tick at least one, or leave the list" in answer.text
    assert known(office_now(), READER) == reader


def test_who_leaves_by_way_of_their_choices_has_left_by_the_edition_that_led_there(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    office = office_now()
    edition = office.store.editions.add("weekly", AT.date(), AT)
    page = client.get(f"/preferences/{link_for(office, Link.PREFERENCES, reader, edition.key)}").text
    [leave] = re.findall(r'"\.\./(unsubscribe/[^"]+)"', page)
    client.post(f"/{leave}")
    assert office.store.audience.history(reader.key)[-1].evidence == f"link in {edition.id}"


def test_a_link_to_ones_data_goes_by_mail_and_is_not_shown(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    path = PAGES["preferences"](office_now(), reader)
    [action] = re.findall(r'action="([^"]+/my-data)"', client.get(path).text)
    for _ in range(5):
        answer = client.post(f"/preferences/{action}")
        assert answer.status_code == 200
        assert "Look in your inbox" in answer.text
        assert "/my-data/" not in answer.text
    assert letters(office_now()) == [Says.MANAGE] * 3  # the most within a day


def test_all_that_is_kept_is_shown_and_handed_over(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    path = PAGES["my data"](office_now(), reader)
    page = client.get(path).text
    assert READER in page
    assert "Form." in page
    answer = client.post(path)
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert json.loads(answer.text)["address"] == READER


def test_another_address_is_asked_by_mail_and_changed_by_its_owner_alone(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    path = f"{PAGES['my data'](office_now(), reader)}/address"
    assert client.post(path, data={"address": "new@"}).status_code == 422
    answer = client.post(path, data={"address": "new@reader.example"})
    assert "Look in the new inbox" in answer.text
    assert letters(office_now()) == [Says.MOVE]
    assert known(office_now(), READER) == reader
    link = f"/move/{link_for(office_now(), Link.MOVE, reader, 1)}"
    page = client.get(link).text
    assert "n•••@reader.example" in page
    assert "Everything goes to n•••@reader.example" in client.post(link).text
    assert known(office_now(), "new@reader.example").key == reader.key
    assert client.post(link).status_code == 404
    assert letters(office_now()) == [Says.MOVE, Says.MOVED]


def test_an_address_that_is_somebodys_is_not_taken_over(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    office = office_now()
    link = PAGES["move"](office, reader)
    enlist(office.store.audience, "new@reader.example", choice(office.newsroom.config, (), None, "Form."), AT)
    answer = client.post(link)
    assert answer.status_code == 409
    assert "This address cannot be used" in answer.text
    assert known(office_now(), READER) == reader


def test_who_asks_twice_to_be_erased_is_forgotten(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    path = PAGES["erase"](office_now(), reader)
    assert "Erase your data for good?" in client.get(path).text
    assert "You are forgotten" in client.post(path).text
    assert office_now().store.audience.get(READER) is None
    assert client.get(path).status_code == 404


def test_a_link_to_ones_data_works_for_a_day(
    client: TestClient, now: MovedClock, office_now: StandingOffice, reader: Subscriber
) -> None:
    path = PAGES["my data"](office_now(), reader)
    now.move_to(AT + timedelta(days=1, seconds=1))
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


ONE_CLICK = {
    "application/x-www-form-urlencoded": b"List-Unsubscribe=One-Click",
    "multipart/form-data; boundary=x": (
        b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    ),
}


@pytest.mark.parametrize("encoding", ONE_CLICK)
def test_one_click_leaves_and_a_reason_may_follow(
    client: TestClient, office_now: StandingOffice, reader: Subscriber, encoding: str
) -> None:
    path = PAGES["unsubscribe"](office_now(), reader)
    assert client.post(f"{path}/reason", data={"reason": "No"}).status_code == 404  # before leaving
    answer = client.post(path, content=ONE_CLICK[encoding], headers={"Content-Type": encoding}, follow_redirects=False)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert known(office_now(), READER).state is Consent.LEFT
    [action] = re.findall(r'action="([^"]+/reason)"', answer.text)
    thanks = client.post(f"/unsubscribe/{action}", data={"reason": "Too\nmany"})
    assert "Thank you" in thanks.text
    assert "../../subscribe?language=en" in thanks.text
    client.post(f"/unsubscribe/{action}", data={"reason": "Far too many"})
    assert office_now().store.audience.history(reader.key)[-1].evidence == "Too many"  # the first is kept


def test_pages_are_in_the_language_of_the_subscriber(
    client: TestClient, office_now: StandingOffice, reader: Subscriber
) -> None:
    client.post(PAGES["preferences"](office_now(), reader), data={"digest": "weekly", "language": "es"})
    who = known(office_now(), READER)
    for path in PAGES.values():
        assert '<html lang="es"' in client.get(path(office_now(), who)).text
    assert '<html lang="es"' in client.post(PAGES["unsubscribe"](office_now(), who)).text


@pytest.mark.parametrize("below", ["/subscribe", "preferences", "my data", "unsubscribe"])
def test_a_form_that_is_too_large_changes_nothing(
    client: TestClient, office_now: StandingOffice, reader: Subscriber, below: str
) -> None:
    path = below if below.startswith("/") else PAGES[below](office_now(), reader)
    if below == "unsubscribe":
        client.post(path)
        path += "/reason"
    path += "/address" if below == "my data" else ""
    history = office_now().store.audience.history(reader.key)
    answer = client.post(path, content=b"digest=weekly&reason=" + b"x" * 20_000)
    assert answer.status_code == 413
    assert "The form is too large" in answer.text
    assert office_now().store.audience.history(reader.key) == history


# Looks


def test_the_pages_wear_the_newsrooms_colours_and_its_own_templates(tmp_path: Path, now: MovedClock) -> None:
    def green(config: str) -> str:
        return config.replace("  contact:\n", '  colors: {brand: "#0b5d3b"}\n  contact:\n', 1)

    office_now = StandingOffice(sample(tmp_path, change=green), now, lambda _: None)
    own = tmp_path / "templates/web"
    own.mkdir(parents=True)
    (own / "nothing.html.j2").write_text("ours")
    (own / "unknown.html.j2").write_text("{% extends 'web/base.html.j2' %}{% block main %}Ours{% endblock %}")
    with TestClient(application(office_now)) as client:
        style = client.get("/web.css")
        assert "--brand: #0b5d3b" in style.text
        assert style.text.index("--brand: #9c2f1c") < style.text.index("--brand: #0b5d3b")
        assert client.get("/web.css", headers={"If-None-Match": style.headers["etag"]}).status_code == 304
        assert "Ours" in client.get("/confirm/x").text
        (own / "web.css").write_text("body { color: red }")
        assert client.get("/web.css").text.startswith("body { color: red }")
