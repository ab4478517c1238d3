"""Contrast of every text with its ground, as WCAG 2.2 AA asks for it (success criterion 1.4.3)."""

from collections.abc import Iterator

from digest.colours import READABLE, contrast
from digest.errors import Level
from digest.mail.lint.dark import dark_styles
from digest.mail.lint.finding import Finding
from digest.mail.lint.ink import Colour, Ink, Styles, inked
from digest.mail.lint.page import Page, opening_tag, styles

_READABLE_LARGE = 3.0  # the least contrast of large text
_LARGE_SIZE, _LARGE_BOLD = 24, 18.66  # pixels: 18 points, and 14 where it is bold


def check_contrast(page: Page) -> Iterator[Finding]:
    """Yield each pair of colours that is too weak, in light and in dark mode."""
    # Every reader sees the inlined colours; those for dark mode are mixed anew by some mail programs.
    yield from _too_weak(page, styles, "error", "light", "digest.css")
    dark = dark_styles(page)
    if dark:
        yield from _too_weak(page, dark, "warning", "dark", "adaptive.css")


def _too_weak(page: Page, drawn: Styles, level: Level, mode: str, file: str) -> Iterator[Finding]:
    for element, _, ink in inked(page, drawn):
        least = _READABLE_LARGE if is_large(ink) else READABLE
        if ink.colour is None or ink.ground is None or ink.colour == ink.ground:  # the last is told as hidden
            continue
        colour, ground = _hex(ink.colour), _hex(ink.ground)
        ratio = contrast(colour, ground)
        if ratio < least:
            pair = f"{colour} on {ground}"
            message = f"the text of {opening_tag(element)}, {pair} in {mode} mode, has a contrast of {ratio:.2f}"
            remedy = f"It needs {least:g}: choose another colour in templates/mail/{file} or `newsroom.colors`."
            yield page.finding(element, level, f"contrast-{mode}", message, remedy)


def is_large(ink: Ink) -> bool:
    """Return whether a text counts as large."""
    return ink.size >= (_LARGE_BOLD if ink.bold else _LARGE_SIZE)


def _hex(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"
