"""Text that is there and cannot be seen: filters take it for a trick, and readers never get it."""

import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from digest.mail.lint.finding import Finding
from digest.mail.lint.ink import inked
from digest.mail.lint.page import Page, opening_tag, styles, words

_NOTHING = re.compile(r"0*\.?0*(px|pt|em|rem|%)?")  # a length of zero
_SMALLEST = 1  # pixels
_REMEDY = "Show it, or take it out: mail programs and filters want no hidden text."


def check_hidden(page: Page) -> Iterator[Finding]:
    """Yield each text that is hidden, where its hiding begins."""
    for element in page.elements():
        how = _hiding(element, styles(element))
        if how and words(element) and element.tag not in {"style", "script", "title", "head"}:
            message = f"{how} hides {words(element)[:40]!r}"
            yield page.finding(element, "error", "hidden", message, _REMEDY)
    for element, text, ink in inked(page, styles):
        shown = " ".join(text.split())[:40]
        if ink.size <= _SMALLEST:
            message = f"`font-size: {ink.size:g}px` hides {shown!r} in {opening_tag(element)}"
            yield page.finding(element, "error", "hidden", message, _REMEDY)
        elif ink.colour is not None and ink.colour == ink.ground:
            message = f"the colour of {opening_tag(element)} is that of its ground and hides {shown!r}"
            yield page.finding(element, "error", "hidden", message, _REMEDY)


def _hiding(element: HtmlElement, own: Mapping[str, str]) -> str | None:
    """Return what hides an element with all that is in it."""
    if element.get("hidden") is not None:
        return "`hidden`"
    for name, hides in (("display", {"none"}), ("visibility", {"hidden", "collapse"})):
        if own.get(name) in hides:
            return f"`{name}: {own[name]}`"
    for name in ("opacity", "max-height", "max-width"):
        if own.get(name) and _NOTHING.fullmatch(own[name]):
            return f"`{name}: {own[name]}`"
    if own.get("overflow") == "hidden":
        return next((f"`{name}: 0`" for name in ("height", "width") if _NOTHING.fullmatch(own.get(name, "1"))), None)
    return None
