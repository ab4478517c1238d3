from hypothesis import given
from hypothesis import strategies as st

from digest.images.sizes import JPEG, WEBP, Form, plan


def widths(width: int, height: int, form: Form) -> list[int]:
    return [size.width for size in plan(width, height) if size.form is form]


def test_a_photo_gets_page_widths_in_both_forms_and_mail_its_two() -> None:
    assert widths(6000, 4000, WEBP) == [480, 800, 1200, 1600]
    assert widths(6000, 4000, JPEG) == [600, 800, 1200, 1600]


def test_what_is_smaller_than_a_step_stays_as_wide_as_it_is() -> None:
    assert widths(1000, 700, WEBP) == [480, 800, 1000]
    assert widths(1000, 700, JPEG) == [600, 800, 1000]
    assert widths(1, 1, JPEG) == [1]


def test_a_portrait_is_as_wide_as_a_landscape() -> None:
    assert [(size.width, size.height) for size in plan(3000, 4500)][3] == (1600, 2400)


def test_an_information_graphic_that_scrolls_for_ever_is_narrower() -> None:
    assert max(widths(2000, 16_000, WEBP)) == 707


def test_a_panorama_keeps_its_width() -> None:
    assert [(size.width, size.height) for size in plan(12_000, 1500)][3] == (1600, 200)


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_nothing_is_enlarged_made_empty_or_too_large_for_webp(width: int, height: int) -> None:
    for size in plan(width, height):
        assert 1 <= size.width <= min(width, 1600)
        assert 1 <= size.height <= min(height, 16_383)
        assert size.width * size.height <= 4_100_000


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_each_form_has_each_width_once_narrowest_first(width: int, height: int) -> None:
    for form in (WEBP, JPEG):
        assert widths(width, height, form) == sorted(set(widths(width, height, form)))
        assert widths(width, height, form)
