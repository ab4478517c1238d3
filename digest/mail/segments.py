"""A rendered edition, cut into pieces where the templates say so. A variant of the edition is a selection of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

# A piece's name stands alone on a line: in a comment of the page, behind a form feed in the text, which no item and
# no note can hold.
_CUT_IN_PAGE = re.compile(r"<!-- cut: ([a-z0-9 -]+) -->\n?")
_CUT_IN_TEXT = re.compile(r"\f([a-z0-9 -]+)\n")
_BLANK_LINES = re.compile(r"\n{3,}")


def page_cut(*words: object) -> Markup:
    """Return what the template of a page writes before the piece of that name."""
    return Markup(f"<!-- cut: {' '.join(map(str, words))} -->")  # noqa: S704 - keys, slugs and numbers


def text_cut(*words: object) -> str:
    """Return what the template of a plain text writes before the piece of that name."""
    return f"\f{' '.join(map(str, words))}"


def cut_named(comment: str) -> str | None:
    """Return the name of the piece that begins at a comment of a page, given without its marks; None at any other."""
    found = _CUT_IN_PAGE.fullmatch(f"<!--{comment}-->")
    return found[1] if found else None


def without_cuts(page: str) -> str:
    """Return the page without its cuts."""
    return _CUT_IN_PAGE.sub("", page)


@dataclass(frozen=True)
class Segments:
    """The pieces of a page and of a plain text by their names, in their order; what is before the first is `head`.

    Each ends a line, and makes sense with or without its neighbours.
    """

    page: Mapping[str, str]
    text: Mapping[str, str]


def segments(page: str, text: str) -> Segments:
    """Return the pieces of a page and a text, in which no more than one empty line stands at a place."""
    in_text = {name: _BLANK_LINES.sub("\n\n", piece) for name, piece in _cut(_CUT_IN_TEXT, text).items()}
    return Segments(_cut(_CUT_IN_PAGE, page), in_text)


def _cut(cut: re.Pattern[str], whole: str) -> dict[str, str]:
    pieces = ["head", *cut.split(whole)]
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def octets(text: str) -> int:
    """Return how many octets a text has in a mail, where each line ends in two (RFC 5322 section 2.3)."""
    return len(text.encode()) + text.count("\n")
