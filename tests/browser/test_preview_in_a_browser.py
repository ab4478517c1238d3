"""The preview as an editor has it open: it reloads by itself, tells what is wrong, and hides nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.previewing import Running, free_port, previewing
from tests.chromium import complaints
from tests.items.samples import CONFIG, make_newsroom, write_item

SECONDS = 60_000  # milliseconds to wait at most; the machine may be busy
LONG = "|\n" + "".join(f"  Paragraph {number}.\n\n" for number in range(200))


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    folder = make_newsroom(tmp_path / "newsroom")
    write_item(folder, "public", published="2020-01-01", body=LONG)
    write_item(folder, "secret", published="2999-01-01")
    write_item(folder, "draft", published=None)
    return folder


@pytest.fixture
def preview(newsroom: Path) -> Iterator[Running]:
    with previewing(newsroom) as running:
        yield running


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:  # noqa: ANN401 - no types when it is not installed
    opened = chromium.new_page()
    opened.set_default_timeout(SECONDS)
    logged: list[str] = []
    opened.on("console", lambda message: logged.append(message.text))
    yield opened
    opened.close()
    assert [text for text in logged if "Content Security Policy" in text] == []


def test_a_page_reloads_by_itself_after_an_edit_and_stays_where_it_was_scrolled(
    page: Any,  # noqa: ANN401 - as above
    newsroom: Path,
    preview: Running,
) -> None:
    page.goto(f"{preview.address}/items/public/")
    page.evaluate("scrollTo(0, 1500)")
    write_item(newsroom, "public", published="2020-01-01", body=LONG, title="Words of today")
    page.wait_for_selector("h1:has-text('Words of today')")
    page.wait_for_function("scrollY === 1500")


def test_the_panel_shows_every_problem_and_goes_when_they_are_mended(
    page: Any,  # noqa: ANN401 - as above
    newsroom: Path,
    preview: Running,
) -> None:
    page.goto(f"{preview.address}/items/draft/")
    assert page.query_selector("[role=alert]") is None
    write_item(newsroom, "draft", published=None, kind="<b>novel</b>", topics="[x]")
    page.wait_for_selector("[role=alert]")
    assert page.inner_text("[role=alert]").splitlines() == [
        "2 problems. Until mended, you see the newsroom as it was before.",
        "items/draft.yaml:2:1",
        "the kind '<b>novel</b>' is unknown. config.yaml knows: press-release, report.",
        "items/draft.yaml:5:10",
        "the topic 'x' is unknown. config.yaml knows: asylum, prisons.",
    ]
    assert page.inner_text("h1") == "Title of draft"
    write_item(newsroom, "draft", published=None)
    page.wait_for_selector("[role=alert]", state="detached")


def test_what_is_faulty_from_the_start_turns_into_the_newsroom_when_mended(page: Any, newsroom: Path) -> None:  # noqa: ANN401 - as above
    (newsroom / "config.yaml").write_text("newsroom: {}\n")
    with previewing(newsroom) as preview:
        page.goto(preview.address)
        assert "config.yaml" in page.inner_text("[role=alert]")
        (newsroom / "config.yaml").write_text(CONFIG)
        page.wait_for_selector("h2:has-text('Title of public')")


def test_a_page_tells_that_the_preview_ended_and_goes_on_when_it_starts_again(page: Any, newsroom: Path) -> None:  # noqa: ANN401 - as above
    port = free_port()
    with previewing(newsroom, port=port) as preview:
        page.goto(f"{preview.address}/items/draft/")
        assert not page.is_visible(".ended")
    page.wait_for_selector(".ended", state="visible")
    write_item(newsroom, "draft", published=None, title="Written meanwhile")
    with previewing(newsroom, port=port):
        page.wait_for_selector("h1:has-text('Written meanwhile')")
        assert not page.is_visible(".ended")


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bar_is_readable_on_any_screen(
    chromium: Any,  # noqa: ANN401 - as above
    newsroom: Path,
    preview: Running,
    scheme: str,
    width: int,
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(preview.address)
    page.click("#digest-preview summary")
    assert complaints(page) == ""
    write_item(newsroom, "draft", published=None, kind="novel" * 30)
    page.wait_for_selector("[role=alert]")
    assert complaints(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
