import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.colours import READABLE, Palette, contrast, is_readable, mixed, readable
from digest.config import Colors

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WebAIM's contrast checker says so
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


@given(COLOURS, COLOURS)
def test_any_colour_becomes_readable_on_dark_ground_when_it_is_lightened(colour: str, ground: str) -> None:
    if contrast("#ffffff", ground) >= READABLE:
        assert is_readable(readable(colour, (ground,), "#ffffff"), (ground,))


@given(COLOURS, COLOURS, COLOURS)
def test_whatever_colours_a_newsroom_may_have_all_that_is_written_in_them_can_be_read(
    brand: str, ink: str, paper: str
) -> None:
    try:
        palette = Colors(brand=brand, ink=ink, paper=paper).palette
    except ValueError:
        return
    for colour in (palette.brand, palette.ink, palette.quiet):
        assert is_readable(colour, (palette.paper, palette.ground))
    assert is_readable(palette.brand_by_night, ("#201f1c",))


def test_colours_that_cannot_be_read_are_refused_with_the_nearest_that_can() -> None:
    with pytest.raises(ValidationError, match=r"brand #ffcc00 on paper #fcfbf8 has a contrast of 1\.3") as refused:
        Colors(brand="#FFCC00")
    nearest = str(refused.value).partition("such as ")[2][1:8]
    assert Colors(brand=nearest).palette == Palette(nearest, "#1b1a18", "#fcfbf8")
    with pytest.raises(ValidationError, match="darker than the ink"):
        Colors(ink="#ffffff", paper="#000000")
