"""Subscribing as people do it: `digest serve` and its mails, by the keyboard alone and without any script."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from digest import clock
from digest.actions.enlist import choice, enlist
from digest.actions.holders import Link, link_for
from digest.audience.requests import Says
from digest.audience.subscriber import Consent, Subscriber
from digest.delivery.inbox import local_inbox
from digest.web.faces import Faces
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import sample
from tests.acceptance.serving import link_in, mails_to, serving
from tests.browser.test_html_validate import VALIDATOR
from tests.chromium import complaints

READER = "reader@reader.example"
SECONDS = 60_000  # milliseconds to wait at most; the machine may be busy
READING = 2_100  # milliseconds; who fills in the form faster is no person


def richer(config: str) -> str:
    """Return the sample's config.yaml with all that the pages can show: digests, languages, a page on privacy."""
    privacy = "  privacy_url: https://amparo.example/privacy\n"
    config = config.replace("  language: en\n", f"  language: en\n  languages: [es]\n{privacy}")
    config = re.sub(r"(?m)^web:\n  url: .*$", "web:\n  url: http://127.0.0.1:8000", config)
    urgent = "  urgent:\n    title: {en: Urgent actions, es: Acciones urgentes}\n    schedule: manual\n\nmail:\n"
    return config.replace("mail:\n", urgent, 1)


@dataclass(frozen=True)
class Service:
    """A newsroom that is served."""

    address: str
    inbox: Path
    office_now: StandingOffice

    def known(self, address: str) -> Subscriber:
        found = self.office_now().store.audience.get(address)
        assert found
        return found

    def enlisted(self, address: str, language: str) -> Subscriber:
        office = self.office_now()
        enlist(office.store.audience, address, choice(office.newsroom.config, (), language, "Card."), clock.now())
        return self.known(address)

    def link(self, page: str, link: Link, who: Subscriber, number: int = 0) -> str:
        return f"{self.address}/{page}/{link_for(self.office_now(), link, who, number)}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    inbox, folder = tmp_path_factory.mktemp("mail") / "inbox", tmp_path_factory.mktemp("newsroom")
    with local_inbox(inbox) as (_, mail_port), serving(sample(folder, mail_port, richer)) as (port, _):
        yield Service(f"http://127.0.0.1:{port}", inbox, StandingOffice(folder, clock.now, lambda _: None))


def tab_to(page: Any, selector: str) -> None:  # noqa: ANN401 - no types when it is not installed
    """Press the tab key until the focus is there, and see that it shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(selector).first.evaluate("it => it === document.activeElement"):
            style = page.locator(selector).first.evaluate("it => getComputedStyle(it).outlineStyle")
            assert style != "none", selector
            return
    pytest.fail(f"the tab key does not lead to {selector}")


def press(page: Any, selector: str, key: str = "Enter") -> None:  # noqa: ANN401 - as above
    tab_to(page, selector)
    page.keyboard.press(key)


def heading(page: Any, words: str) -> None:  # noqa: ANN401 - as above
    page.wait_for_selector(f"h1:has-text('{words}')", timeout=SECONDS)


def test_from_the_form_to_leaving_by_keys_alone_and_without_scripts(chromium: Any, service: Service) -> None:  # noqa: ANN401 - as above
    context = chromium.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()

    page.goto(f"{service.address}/subscribe")
    tab_to(page, "#address")
    page.keyboard.type(READER)
    press(page, "[name=digest][value=urgent]", "Space")
    press(page, "summary")
    press(page, "[name=kind][value=update]", "Space")
    page.wait_for_timeout(READING)
    press(page, "main button")
    heading(page, "Look in your inbox")

    (question,) = mails_to(service.inbox, READER, 1)
    assert question["Subject"] == "Please confirm your subscription to Amparo Newsroom"
    page.goto(link_in(question, "confirm"))
    assert service.known(READER).state is Consent.ASKED
    press(page, "main button")
    heading(page, "You are on the list")
    reader = service.known(READER)
    assert (reader.state, reader.digests) == (Consent.CONFIRMED, ("weekly",))
    assert reader.interests.kinds == {"press-release", "victory", "report", "campaign"}
    assert mails_to(service.inbox, READER, 2)[1]["Subject"] == "Welcome to Amparo Newsroom"

    press(page, "main a.button")
    heading(page, "Choose what you get")
    press(page, "[name=topic][value=asylum]", "Space")
    tab_to(page, "#pause")
    day = clock.now().date() + timedelta(days=30)
    page.keyboard.type(f"{day:%m%d%Y}")
    press(page, "main button >> nth=0")
    page.wait_for_selector("[role=status]", timeout=SECONDS)
    assert page.input_value("#pause") == day.isoformat()
    assert "asylum" not in service.known(READER).interests.topics

    press(page, "main section:last-of-type a")
    heading(page, "Leave the list?")
    press(page, "main button")
    heading(page, "You have left")
    assert service.known(READER).state is Consent.LEFT
    tab_to(page, "#reason")
    page.keyboard.type("I retire")
    press(page, "main button")
    heading(page, "Thank you")
    assert mails_to(service.inbox, READER, 3)[2]["Subject"] == "You have left Amparo Newsroom"
    context.close()


@dataclass(frozen=True)
class Visit:
    """Somebody before a browser, whose pages are all looked at."""

    page: Any
    service: Service
    name: str  # begins their addresses
    language: str
    look: Callable[[str], None]

    def open(self, address: str, then: str) -> None:
        self.page.goto(address)
        self.look(then)

    def press(self, selector: str, then: str) -> None:
        with self.page.expect_navigation(timeout=SECONDS):
            self.page.click(selector)
        self.look(then)


def every_page(visit: Visit) -> None:
    """Bring each page into the browser and look at it."""
    who = subscribing(visit)
    moving(visit, who)
    leaving(visit, visit.service.known(f"{visit.name}.new@reader.example"))


def subscribing(visit: Visit) -> Subscriber:
    """Go from the form to preferences; return who has subscribed."""
    page, service, name = visit.page, visit.service, visit.name
    visit.open(f"{service.address}/subscribe", "subscribe")
    page.click("summary")
    visit.look("subscribe, open")
    page.fill("#address", "reader@")
    page.uncheck("[name=digest][value=weekly]")
    page.uncheck("[name=digest][value=urgent]")
    page.wait_for_timeout(READING)
    visit.press("main button", "no digest")
    page.check("[name=digest][value=weekly]")
    visit.press("main button", "malformed address")
    page.fill("#address", f"{name}@reader.example")
    visit.press("main button", "look in your inbox")
    mails_to(service.inbox, f"{name}@reader.example", 1)
    visit.open(service.link("confirm", Link.CONFIRM, service.known(f"{name}@reader.example")), "confirm")
    visit.press("main button", "welcome")
    visit.press("main a.button", "preferences")
    page.fill("#pause", "2001-01-01")
    visit.press("main form:first-of-type button", "pause until a day gone by")
    page.fill("#pause", "")
    visit.press("main form:first-of-type button", "saved")
    visit.press("form[action$=my-data] button", "mailed a link")
    return service.known(f"{name}@reader.example")


def moving(visit: Visit, who: Subscriber) -> None:
    """See one's data and change one's address."""
    page, service, name = visit.page, visit.service, visit.name
    visit.open(service.link("my-data", Link.MANAGE, who), "my data")
    page.fill("#address", "x y")
    visit.press("form[action$=address] button", "malformed new address")
    page.fill("#address", f"{name}.new@reader.example")
    visit.press("form[action$=address] button", "asked to move")
    mails_to(service.inbox, f"{name}.new@reader.example", 1)
    letters = service.office_now().store.letters
    owed = (letters.owed(number) for number in range(1, 200))
    number = next(one.number for one in owed if one and one.subscriber == who.key and one.says is Says.MOVE)
    visit.open(service.link("move", Link.MOVE, who, number), "move")
    visit.press("main button", "moved")


def leaving(visit: Visit, who: Subscriber) -> None:
    """Leave, follow what is void then, and be forgotten."""
    page, service = visit.page, visit.service
    visit.open(service.link("unsubscribe", Link.UNSUBSCRIBE, who), "leave")
    visit.press("main button", "left")
    page.fill("#reason", "Too many")
    visit.press("main button", "thanks")
    visit.open(service.link("confirm", Link.MANAGE, who), "unknown")

    who = service.enlisted(f"{visit.name}.old@reader.example", visit.language)
    visit.open(f"{service.link('my-data', Link.MANAGE, who)}/erase", "erase")
    visit.press("main button", "erased")
    visit.open(f"{service.address}/feeds/", "feeds, which lead to the form")


def rare_pages(service: Service, language: str) -> dict[str, str]:
    """Return the HTML of pages that no visitor of the sample newsroom sees who behaves."""
    newsroom, faces = service.office_now().newsroom, Faces()
    answers = {
        "busy": faces.too_many(newsroom, "./", language),
        "too large": faces.too_large(newsroom, "./", language),
        "nothing": faces.page(newsroom, "nothing.html.j2", "./", language=language),
    }
    return {name: bytes(answer.body).decode() for name, answer in answers.items()}


def answered(html: str, route: Any) -> None:  # noqa: ANN401 - as above
    """Answer a request in the server's place."""
    route.fulfill(body=html, content_type="text/html")


SCREENS = [(375, "light"), (1280, "light"), (375, "dark"), (1280, "dark")]
LANGUAGE = "es"  # whose words are longer than the English ones


def test_every_page_is_readable_on_any_screen(chromium: Any, service: Service) -> None:  # noqa: ANN401 - as above
    context = chromium.new_context(locale=LANGUAGE)
    page = context.new_page()
    found: list[str] = []

    def look(name: str) -> None:
        assert name.startswith("feeds") or page.get_attribute("html", "lang") == LANGUAGE, name
        for width, scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if report := complaints(page):
                found.append(f"{name}, {width} {scheme}: {report}")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{name}, {width} {scheme}: {wide} pixels wide")

    every_page(Visit(page, service, "any.screen", LANGUAGE, look))
    for name, html in rare_pages(service, LANGUAGE).items():
        page.route("**/subscribe", partial(answered, html))
        page.goto(f"{service.address}/subscribe")
        look(name)
        page.unroute("**/subscribe")
    context.close()
    assert found == []


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="html-validate is not installed")
def test_every_page_is_right_html(chromium: Any, service: Service, tmp_path: Path) -> None:  # noqa: ANN401 - as above
    page = chromium.new_page(locale="en")
    answers: list[Any] = []
    page.on("response", lambda one: answers.append(one) if one.request.resource_type == "document" else None)

    def keep(name: str) -> None:
        (tmp_path / f"{name}.html").write_text(answers[-1].text())

    every_page(Visit(page, service, "html", "en", keep))
    page.close()
    for name, html in rare_pages(service, "es").items():
        (tmp_path / f"{name}.html").write_text(html)
    files = [str(file) for file in sorted(tmp_path.iterdir())]
    assert len(files) > 25
    config = VALIDATOR.parents[3] / ".htmlvalidate.json"
    command = ["node", str(VALIDATOR), "--config", str(config), "--formatter", "text", *files]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=config.parent)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
