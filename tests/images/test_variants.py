import re
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.images.variants import Variant, address, fitting, srcset, stem


def variant(width: int, media_type: str = "image/webp") -> Variant:
    ending = media_type.removeprefix("image/")
    return Variant(f"images/ab/x-{width}.{ending}", Path("x"), "0" * 64, 9, media_type, width, width)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Niños 2.JPG", "ninos-2"),
        ("IMG_0001.HEIC", "img-0001"),
        ("../../etc/passwd", "passwd"),
        ("写真.png", "image"),
        ("a, b 2x.png", "a-b-2x"),
        ("x" * 300 + ".jpg", "x" * 60),
        (".jpg", "jpg"),
    ],
)
def test_a_file_name_becomes_safe_in_an_address(name: str, expected: str) -> None:
    assert stem(name) == expected


@given(st.text())
def test_any_name_gives_letters_digits_and_single_hyphens(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stem(name))
    assert len(stem(name)) <= 60


def test_the_address_changes_with_the_original() -> None:
    assert address(PurePath("items/2026/Niños 2.JPG"), "0123456789abcdef" * 4) == "images/0123456789abcdef/ninos-2"


def test_srcset_names_the_variants_of_one_type_with_their_widths() -> None:
    variants = [variant(480), variant(800), variant(600, "image/jpeg")]
    assert srcset(variants, "image/webp", "../") == "../images/ab/x-480.webp 480w, ../images/ab/x-800.webp 800w"
    assert srcset(variants, "image/jpeg") == "images/ab/x-600.jpeg 600w"


def test_mail_gets_the_narrowest_that_is_wide_enough_or_else_the_widest() -> None:
    variants = [variant(1200, "image/jpeg"), variant(600, "image/jpeg"), variant(800), variant(900, "image/jpeg")]
    assert fitting(variants, "image/jpeg", 600).width == 600
    assert fitting(variants, "image/jpeg", 700).width == 900
    assert fitting(variants, "image/jpeg", 2000).width == 1200
