"""How every text of a page is drawn: its colour, its ground, its size, as CSS and HTML hand them down."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml.html import HtmlElement

from digest.mail.lint.page import Page

Colour = tuple[int, int, int]  # red, green, blue, 0 to 255 each
Styles = Callable[[HtmlElement], Mapping[str, str]]  # what is declared for an element, by property

_SIZE: Final = re.compile(r"([\d.]+)(px|pt|em|rem|%)")
_POINT: Final = 96 / 72  # pixels
_BOLD: Final = 600  # from this weight on, and in these elements
_BOLD_ELEMENTS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})
_BROWSERS_LINK: Final = "#0000ee"
_HEADINGS: Final = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}  # em, in browsers
_UNSEEN: Final = frozenset({"head", "title", "style", "script"})


@dataclass(frozen=True)
class Ink:
    """How a text is drawn."""

    colour: Colour | None  # None: it cannot be told
    ground: Colour | None
    size: float  # pixels
    bold: bool


_PLAIN: Final = Ink((0, 0, 0), (255, 255, 255), 16, bold=False)


def inked(page: Page, styles: Styles) -> Iterator[tuple[HtmlElement, str, Ink]]:
    """Yield each text that is not blank, also a picture's, with its element and how it is drawn."""
    inks: dict[HtmlElement, Ink] = {}
    for element in page.root.iter():
        parent = element.getparent()
        around = _PLAIN if parent is None else inks.get(parent)
        if around is None:  # in what is not seen
            continue
        if parent is not None and (element.tail or "").strip():
            yield parent, f"{element.tail}", around
        if isinstance(element.tag, str) and element.tag not in _UNSEEN:
            inks[element] = own = _own(element, around, styles(element))
            text = element.get("alt") if element.tag == "img" else element.text
            if (text or "").strip():
                yield element, f"{text}", own


def _own(element: HtmlElement, around: Ink, styles: Mapping[str, str]) -> Ink:
    tag = str(element.tag)
    given = styles.get("color") or element.get("color") or element.get("text")
    if not given and tag == "a" and element.get("href") is not None:
        given = _BROWSERS_LINK
    return Ink(
        colour_of(given, around.colour) if given else around.colour,
        _ground(element, around, styles),
        _size(styles.get("font-size") or (f"{_HEADINGS[tag]}em" if tag in _HEADINGS else ""), around.size),
        _bold(styles.get("font-weight", ""), around.bold or tag in _BOLD_ELEMENTS),
    )


def _ground(element: HtmlElement, around: Ink, styles: Mapping[str, str]) -> Colour | None:
    shorthand = styles.get("background", "")
    given = styles.get("background-color") or shorthand or element.get("bgcolor")
    if "url(" in shorthand or "url(" in styles.get("background-image", ""):
        return None
    return colour_of(given, around.ground) if given else around.ground


def colour_of(text: str, inherited: Colour | None) -> Colour | None:
    """Return the colour that CSS calls so; None for one that cannot be told, such as a half transparent one."""
    word = text.strip().lower()
    return inherited if word in {"inherit", "transparent", "none", "currentcolor"} else _parsed(word)


@lru_cache(maxsize=256)
def _parsed(word: str) -> Colour | None:
    from PIL import ImageColor  # it has all names of CSS

    try:
        red, green, blue, *alpha = ImageColor.getrgb(word)
    except ValueError:
        return None
    return None if alpha and alpha != [255] else (_channel(red), _channel(green), _channel(blue))


def _channel(value: int) -> int:
    return min(max(value, 0), 255)  # as browsers draw `rgb(300, 0, 0)`


def _size(text: str, around: float) -> float:
    if text in {"0", "0.0"}:
        return 0
    found = _SIZE.fullmatch(text)
    if not found:
        return around
    try:
        number = float(found[1])
    except ValueError:  # 1.2.3
        return around
    unit = {"px": 1, "pt": _POINT, "em": around, "rem": _PLAIN.size, "%": around / 100}
    return number * unit[found[2]]


def _bold(text: str, around: bool) -> bool:  # noqa: FBT001 - as inherited
    if text.isdecimal():
        return int(text) >= _BOLD
    return {"bold": True, "bolder": True, "normal": False, "lighter": False}.get(text, around)
