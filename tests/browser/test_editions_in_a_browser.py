"""Editions of the preview, and the page of `edition show --open`, as a browser shows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest import clock
from digest.actions.compose import compose_now
from digest.actions.proofs import write_proof
from digest.audience.interests import Variant
from digest.wiring import newsroom_at, open_store
from tests.acceptance.previewing import previewing
from tests.chromium import complaints
from tests.items.samples import CONFIG, image_of, make_newsroom, write_item, write_picture

MAIL = """\
digests:
  weekly: {title: The week, schedule: manual}
mail: {from: {name: Example, email: digest@example.org}, smtp: [{host: 127.0.0.1, port: 9}]}
web: {url: https://desk.example.org}
"""
NEXT = "/.preview/editions/weekly/next/"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a newsroom with a composed edition; its items came out within the last hour."""
    languages = CONFIG.replace("  timezone:", "  languages: [en, es]\n  timezone:")
    folder = make_newsroom(tmp_path_factory.mktemp("proofs") / "newsroom", languages + MAIL)
    write_picture(folder / "items/red.png", size=(640, 480))
    fresh = f"'{clock.now():%Y-%m-%dT%H:00:00Z}'"
    write_item(folder, "first", published=fresh, image=image_of("red.png"), featured="true")
    write_item(folder, "second", published=fresh, kind="report", topics="[prisons]", image=image_of("red.png"))
    where = newsroom_at(folder)
    compose_now(where, open_store(where), "weekly", clock.now())
    return folder


@pytest.fixture(scope="module")
def address(newsroom: Path) -> Iterator[str]:
    with previewing(newsroom) as running:
        yield running.address


@pytest.fixture(scope="module")
def proof(newsroom: Path) -> str:
    """Return the address of the page that needs no server."""
    where = newsroom_at(newsroom)
    (edition,) = open_store(where).editions.recent()
    return write_proof(where, edition, Variant("en"), clock.now()).as_uri()


def _frames(page: Any) -> dict[str, Any]:  # noqa: ANN401 - no types when it is not installed
    """Return the frames by the class of their look."""
    looks = ("desktop", "phone", "dark", "no-pictures")
    return {look: page.frame_locator(f".{look} iframe") for look in looks}


def _style(element: Any, name: str) -> str:  # noqa: ANN401 - as above
    return str(element.evaluate(f"it => getComputedStyle(it).{name}"))


@pytest.fixture(params=["preview", "file"])
def opened(request: pytest.FixtureRequest, chromium: Any, address: str, proof: str) -> Iterator[Any]:  # noqa: ANN401 - as above
    """Yield the page of an edition in a browser that is dark, where nothing may be fetched from elsewhere."""
    page = chromium.new_page(viewport={"width": 1500, "height": 3000}, color_scheme="dark")
    asked: list[str] = []
    logged: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda message: logged.append(message.text))
    page.goto(f"{address}{NEXT}" if request.param == "preview" else proof)
    yield page
    page.close()
    assert [url for url in asked if not url.startswith((address, "file:", "data:"))] == []
    assert [text for text in logged if "Content Security Policy" in text] == []


def test_only_the_dark_look_has_the_mails_dark_colours_whatever_the_browser_is(opened: Any) -> None:  # noqa: ANN401 - as above
    colours = {look: _style(frame.locator("body"), "backgroundColor") for look, frame in _frames(opened).items()}
    assert colours.pop("dark") == "rgb(23, 22, 20)"
    (light,) = set(colours.values())
    assert light not in {"rgb(23, 22, 20)", "rgba(0, 0, 0, 0)"}


def test_the_phone_look_has_the_mails_rules_for_small_screens(opened: Any) -> None:  # noqa: ANN401 - as above
    sizes = {look: _style(frame.locator("h1"), "fontSize") for look, frame in _frames(opened).items()}
    assert sizes == {"desktop": "34px", "phone": "30px", "dark": "34px", "no-pictures": "34px"}


def test_pictures_are_seen_in_every_look_but_the_one_without(opened: Any) -> None:  # noqa: ANN401 - as above
    for look, frame in _frames(opened).items():
        widths = frame.locator("img.photo").evaluate_all("all => all.map(it => it.naturalWidth)")
        assert len(widths) == 2
        assert all(widths) is (look != "no-pictures"), look


def test_a_link_with_a_token_goes_nowhere_and_another_opens_beside(opened: Any) -> None:  # noqa: ANN401 - as above
    desktop = _frames(opened)["desktop"]
    links = desktop.locator("a[aria-disabled]")
    assert links.count() == 2
    links.first.click(force=True)  # Playwright takes it for one that cannot be clicked, as it should
    assert len(opened.context.pages) == 1
    assert _style(links.first, "textDecorationLine") == "underline"
    assert desktop.locator("a[href]").first.evaluate("it => it.target || document.querySelector('base').target") == (
        "_blank"
    )


def test_no_script_runs_in_a_frame(opened: Any, address: str) -> None:  # noqa: ANN401 - as above
    assert opened.url.startswith((address, "file:"))
    for look in _frames(opened):
        sandbox = opened.get_attribute(f".{look} iframe", "sandbox")
        assert sandbox
        assert not {"allow-scripts", "allow-same-origin", "allow-top-navigation"} & set(sandbox.split())


def test_a_choice_is_made_without_any_script(chromium: Any, address: str) -> None:  # noqa: ANN401 - as above
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{NEXT}")
    page.check("input[name=language][value=es]")
    page.check("input[name=kind][value=report]")
    page.click("button")
    assert page.is_checked("input[name=kind][value=report]")
    text = page.inner_text(".text pre")
    assert text.startswith("En esta edición:\n1 noticia\n")
    assert "Title of second" in text
    assert "Title of first" not in text
    assert "Title of second" in page.frame_locator(".phone iframe").locator("h2 a").first.inner_text()
    context.close()


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_editions_are_readable_on_any_screen(
    chromium: Any,  # noqa: ANN401 - as above
    address: str,
    proof: str,
    scheme: str,
    width: int,
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for url in (f"{address}/.preview/editions/", f"{address}{NEXT}", f"{address}{NEXT}?kind=novel", proof):
        page.goto(url)
        assert complaints(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    page.close()
