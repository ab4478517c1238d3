"""Colours as `#rrggbb`: how well one is read on another, and which ones follow from the three a newsroom chooses."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

READABLE = 4.5  # WCAG 2.2 success criterion 1.4.3 (AA), text of usual size
_EASY = 7.0  # success criterion 1.4.6 (AAA)
_NIGHT = "#201f1c"  # the ground of dark pages and mails, about
_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 20


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return how light a colour is, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, share: float) -> str:
    """Return the colour with a share of the other in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def readable(colour: str, grounds: Iterable[str], towards: str, wanted: float = READABLE) -> str:
    """Return the colour with as much of `towards` in it as gives it the wanted contrast on all `grounds`."""
    steps = (mixed(colour, towards, step / _STEPS) for step in range(_STEPS + 1))
    known = list(grounds)
    return next((step for step in steps if all(contrast(step, one) >= wanted for one in known)), towards)


def is_readable(colour: str, grounds: Iterable[str]) -> bool:
    """Return whether text of the colour can be read on each of `grounds`."""
    return all(contrast(colour, ground) >= READABLE for ground in grounds)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - of sRGB


@dataclass(frozen=True)
class Palette:
    """The colours of pages and mails."""

    brand: str
    ink: str
    paper: str  # behind the text; lighter than the ink

    @cached_property
    def ground(self) -> str:
        """Return what is around the paper in mails."""
        return mixed(self.paper, self.ink, 0.06)

    @cached_property
    def quiet(self) -> str:
        """Return the ink of what is less important."""
        return readable(mixed(self.ink, self.paper, 0.3), (self.paper, self.ground), self.ink)

    @cached_property
    def brand_by_night(self) -> str:
        """Return the brand as it is read on dark ground."""
        return readable(self.brand, (_NIGHT,), _WHITE, _EASY)

    def darker(self, colour: str) -> str:
        """Return the nearest to a colour that can be read on paper and ground."""
        return readable(colour, (self.paper, self.ground), _BLACK)
