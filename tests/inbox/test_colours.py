"""Our colours when a mail program forces them into the dark, as Outlook and Gmail do."""

from collections.abc import Callable

import pytest

from tests.inbox.colours import Colour, Words, complement, contrast, fully, partly, turned, unfit_colours, words_of
from tests.inbox.letters import Letter

READABLE = 4.5  # WCAG 2.2, 1.4.3

Inversion = Callable[[Words], tuple[Colour, Colour]]
INVERSIONS: dict[str, Inversion] = {
    "none": lambda words: (words.ink, words.ground),
    "all as a negative": fully(complement),
    "all by lightness": fully(turned),
    "what is light below and dark above, as a negative": partly(complement),
    "what is light below and dark above, by lightness": partly(turned),
}


@pytest.mark.parametrize("inversion", INVERSIONS)
def test_all_words_can_be_read_when_colours_are_inverted(letters: list[Letter], inversion: str) -> None:
    faint = {
        f"{words.ink} on {words.ground} becomes {ink} on {ground}: {contrast(ink, ground):.2f} {words.text[:40]!r}"
        for letter in letters
        for words in words_of(letter.html)
        for ink, ground in [INVERSIONS[inversion](words)]
        if contrast(ink, ground) < READABLE
    }

    assert faint == set()


def test_every_colour_has_six_digits_so_that_programs_know_what_to_invert(letters: list[Letter]) -> None:
    assert {colour for letter in letters for colour in unfit_colours(letter.html)} == set()


def test_contrasts_are_those_of_the_standard() -> None:
    white, black = Colour(255, 255, 255), Colour(0, 0, 0)

    assert contrast(white, black) == pytest.approx(21)
    assert contrast(Colour(0x76, 0x76, 0x76), white) == pytest.approx(4.54, abs=0.01)
    assert contrast(black, black) == 1
    assert turned(Colour(0x9C, 0x2F, 0x1C)) == Colour(0xE3, 0x76, 0x63)


def test_faint_words_are_found() -> None:
    page = (
        '<body style="background-color: #ffffff"><p style="color: #767676">Good</p>'
        '<p style="color: #9a9a9a">Faint <b>words</b></p><img alt="A sea" style="color: #ffffff"></body>'
    )

    assert [words.text for words in words_of(page) if contrast(words.ink, words.ground) < READABLE] == [
        "Faint",
        "words",
        "A sea",
    ]
