"""The colours that stand at each element, what programs turn them into in the dark, and whether it can be read then."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import html

_HEX = re.compile(r"(?:^|;)\s*(color|background-color)\s*:\s*(#[0-9a-f]{6})\b")
_ANY = re.compile(r"(?:^|;)\s*(?:color|background(?:-color)?)\s*:\s*([^;]+)")


class Colour(NamedTuple):
    """Red, green and blue, each of 255."""

    red: int
    green: int
    blue: int

    @property
    def luminance(self) -> float:
        """Return the relative luminance (WCAG 2.2), 0 to 1."""
        red, green, blue = (
            part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4  # of 255, as sRGB
            for part in self
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def light(self) -> bool:
        """Return whether a program takes it for a light one."""
        return max(self) + min(self) > 255

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


@dataclass(frozen=True)
class Words:
    """Some words as they are coloured."""

    text: str
    ink: Colour
    ground: Colour


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio (WCAG 2.2), 1 to 21."""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def complement(colour: Colour) -> Colour:
    """Return the colour as a negative has it."""
    return Colour(*(255 - part for part in colour))


def turned(colour: Colour) -> Colour:
    """Return the colour as light as it was dark, and of the same hue (HSL)."""
    shift = 255 - max(colour) - min(colour)
    return Colour(*(part + shift for part in colour))


def fully(change: Callable[[Colour], Colour]) -> Callable[[Words], tuple[Colour, Colour]]:
    """Return what changes ink and ground, whatever they are."""
    return lambda words: (change(words.ink), change(words.ground))


def partly(change: Callable[[Colour], Colour]) -> Callable[[Words], tuple[Colour, Colour]]:
    """Return what changes light grounds and dark ink, and leaves what is right for the dark already."""
    return lambda words: (
        words.ink if words.ink.light else change(words.ink),
        change(words.ground) if words.ground.light else words.ground,
    )


def words_of(page: str) -> Iterator[Words]:
    """Yield the words of a page with the colours that its inline styles give them."""
    white, black = Colour(255, 255, 255), Colour(0, 0, 0)
    yield from _words(html.document_fromstring(page).find("body"), black, white)


def unfit_colours(page: str) -> set[str]:
    """Return the colours that are not written in six digits, which some programs do not know to invert."""
    styles = [element.get("style", "") for element in html.document_fromstring(page).iter() if element.get("style")]
    named = {value.strip() for style in styles for value in _ANY.findall(style)}
    return {value for value in named if not re.fullmatch(r"#[0-9a-f]{6}", value)}


def _words(element: html.HtmlElement, ink: Colour, ground: Colour) -> Iterator[Words]:
    if not isinstance(element.tag, str):
        return
    own = dict(_HEX.findall(element.get("style", "")))
    ink, ground = _colour(own.get("color"), ink), _colour(own.get("background-color"), ground)
    for text in (element.text, element.get("alt"), *(child.tail for child in element)):
        if text and text.strip():
            yield Words(" ".join(text.split()), ink, ground)
    for child in element:
        yield from _words(child, ink, ground)


def _colour(text: str | None, inherited: Colour) -> Colour:
    return Colour.__new__(Colour, *bytes.fromhex(text[1:])) if text else inherited
