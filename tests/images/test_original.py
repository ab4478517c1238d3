import struct
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from digest.errors import UnfitText
from digest.images.original import measured, upright
from tests.images.photos import ACCEPTED, BLUE, RED, encoded, metadata, photo, profile, saved, see_through

REFUSED = {
    "empty.jpg": (b"", "is empty"),
    "words.jpg": (b"Dear editors, please find attached\n", "is something else"),
    "press.jpg": (b"%PDF-1.7\n", "is a PDF"),
    "IMG_1.HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), "is damaged"),
    "layers.psd": (b"8BPS\0\1" + bytes(200), "is a Photoshop file"),
    "DSC_1.CR3": (b"\0\0\0\x18ftypcrx \0\0\0\0", "is a camera's raw file"),
    "DSC_2.CR2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(100), "is a camera's raw file"),
    "map.svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG drawing"),
    "page.jpg": (b"<!DOCTYPE html><title>404</title>", "is something else"),
}
NEAR = 6  # of 255: what lossy forms change in a plain colour


def decoded(path: Path) -> Image.Image:
    return upright(path, *measured(path))


def colours(picture: Image.Image) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the colour of the upper left quarter and of the lower right."""
    rgb = picture.convert("RGB")
    return pixel(rgb, rgb.width // 4, rgb.height // 4), pixel(rgb, rgb.width * 3 // 4, rgb.height * 3 // 4)


def pixel(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    value = picture.getpixel((x, y))
    assert isinstance(value, tuple)
    return tuple(int(channel) for channel in value)


@pytest.mark.parametrize("name", ACCEPTED)
def test_images_as_they_are_received_become_rgb_or_rgba_of_their_size(name: str, tmp_path: Path) -> None:
    path = ACCEPTED[name](tmp_path / name)
    assert measured(path) == (900, 600)
    picture = decoded(path)
    assert picture.size == (900, 600)
    assert picture.mode in {"RGB", "RGBA"}
    assert not picture.info


@pytest.mark.parametrize(
    "name",
    [
        "plain.jpg",
        "progressive.jpg",
        "telephone.jpg",
        "palette.png",
        "moving.gif",
        "moving.webp",
        "still.avif",
        "IMG_0001.HEIC",
        "tiled.heic",
        "ten-bits.heic",
        "burst.heic",
    ],
)
def test_the_colours_stay_and_of_an_animation_the_first_frame_is_shown(name: str, tmp_path: Path) -> None:
    upper, lower = colours(decoded(ACCEPTED[name](tmp_path / name)))
    assert upper == pytest.approx(BLUE, abs=NEAR * 3)  # GIF's palette is coarse
    assert lower == pytest.approx(RED, abs=NEAR * 3)


@pytest.mark.parametrize("name", ["print.jpg", "print.tif"])
def test_what_was_made_for_printing_is_not_inverted(name: str, tmp_path: Path) -> None:
    upper, lower = colours(decoded(ACCEPTED[name](tmp_path / name)))
    assert upper[2] > 150 > upper[0]
    assert lower[0] > 150 > lower[2]


@pytest.mark.parametrize(
    "name",
    [
        "see-through.png",
        "palette-with-hole.png",
        "still.webp",
        "grey-alpha.png",
        "see-through.heic",
        "premultiplied.heic",
    ],
)
def test_what_is_transparent_stays_so(name: str, tmp_path: Path) -> None:
    picture = decoded(ACCEPTED[name](tmp_path / name))
    assert picture.mode == "RGBA"
    assert pixel(picture, 100, 100)[3] == 0
    assert pixel(picture, 800, 500)[3] == 255


def test_sixteen_bits_are_scaled_to_eight_and_not_clipped(tmp_path: Path) -> None:
    assert colours(decoded(ACCEPTED["sixteen-bits.png"](tmp_path / "x.png")))[0] == (156, 156, 156)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "avif", "tif", "heic"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int, ending: str, tmp_path: Path) -> None:
    path = saved(photo(90, 60), tmp_path / f"x.{ending}", exif=metadata(orientation))
    lying = orientation >= 5
    assert measured(path) == ((60, 90) if lying else (90, 60))
    picture = decoded(path)
    assert picture.size == measured(path)
    corners = [(15, 15), (picture.width - 15, 15), (picture.width - 15, picture.height - 15), (15, picture.height - 15)]
    blue = [pixel(picture, *corner)[2] > 128 for corner in corners]
    assert blue.index(True) == {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]
    assert blue.count(True) == 1


def test_damaged_exif_does_not_keep_a_whole_picture_back(tmp_path: Path) -> None:
    path = saved(photo(), tmp_path / "x.jpg", exif=b"Exif\0\0" + b"MM\0\x2a\xff\xff\xff\xff" + b"\xff" * 40)
    assert decoded(path).size == (900, 600)


@pytest.mark.parametrize("name", ["x.png", "x.heic"])
def test_colours_of_another_space_are_converted_to_srgb(name: str, tmp_path: Path) -> None:
    exchanged = profile().replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    path = saved(photo(), tmp_path / name, icc_profile=exchanged)
    picture = decoded(path)
    upper, lower = colours(picture)
    assert not picture.info
    assert upper == pytest.approx(RED, abs=NEAR)
    assert lower == pytest.approx(BLUE, abs=NEAR)


def test_a_damaged_profile_is_passed_over(tmp_path: Path) -> None:
    path = saved(photo(), tmp_path / "x.jpg", icc_profile=b"this is no profile")
    assert colours(decoded(path))[1] == pytest.approx(RED, abs=NEAR)


def test_a_large_original_is_reduced_band_by_band_without_seams(tmp_path: Path) -> None:
    ramp = Image.linear_gradient("L").resize((1400, 5210)).convert("RGB")
    small = upright(saved(ramp, tmp_path / "x.png"), 140, 521)
    assert small.size == (140, 521)
    column = [pixel(small, 70, y)[0] for y in range(521)]
    assert all(-1 <= below - above <= 2 for above, below in pairwise(column))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_image_is_refused_by_its_name_with_what_it_is_and_a_remedy(name: str, tmp_path: Path) -> None:
    data, said = REFUSED[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnfitText) as refused:
        measured(tmp_path / name)
    assert f"{name!r} {said}" in refused.value.message
    assert refused.value.remedy.endswith((".", "anew."))


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\1\4\0\0"}])
def test_a_raw_file_that_opens_as_its_tiny_preview_is_refused(tags: dict[int, object], tmp_path: Path) -> None:
    path = saved(photo(160, 120), tmp_path / "DSC_3.NEF", "TIFF", tiffinfo=tags)
    with pytest.raises(UnfitText, match=r"'DSC_3.NEF' is a camera's raw file.* Export it as JPEG\."):
        measured(path)


@pytest.mark.parametrize("mode", ["LAB", "F"])
def test_colours_that_cannot_be_shown_are_refused(mode: str, tmp_path: Path) -> None:
    path = saved(Image.new(mode, (9, 6)), tmp_path / "x.tif")
    with pytest.raises(UnfitText, match=f"'x.tif' has its colours as {mode}"):
        measured(path)


@pytest.mark.parametrize(("width", "height"), [(11_000, 11_000), (65_000, 65_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(width: int, height: int, tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    rest = b"IDAT" + zlib.compress(bytes(1000))
    (tmp_path / "bomb.png").write_bytes(bomb + struct.pack(">I", len(rest) - 4) + rest + bytes(4))
    with pytest.raises(UnfitText, match=r"'bomb.png' has more than 120,000,000 pixels\. Scale it down"):
        measured(tmp_path / "bomb.png")


def test_a_form_whose_decoder_holds_everything_may_have_fewer_pixels(tmp_path: Path) -> None:
    path = saved(Image.new("L", (8000, 6000)), tmp_path / "x.webp", method=0)
    with pytest.raises(UnfitText, match=r"'x.webp' has more than 40,000,000 pixels"):
        measured(path)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "HEIF"])
def test_an_image_cut_in_the_middle_is_refused(form: str, tmp_path: Path) -> None:
    data = encoded(Image.effect_noise((400, 300), 60).convert("RGB"), form)
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(UnfitText, match=r"'cut.jpg' is .*(Copy it anew|Export it as JPEG)"):
        decoded(tmp_path / "cut.jpg")


def test_garbage_after_a_good_header_is_refused(tmp_path: Path) -> None:
    data = encoded(photo(), "JPEG")
    start = data.index(b"\xff\xda")
    (tmp_path / "x.jpg").write_bytes(data[: start + 14] + bytes(range(254)) * 40)
    with pytest.raises(UnfitText, match=r"'x.jpg' is damaged\. Copy it anew"):
        decoded(tmp_path / "x.jpg")


def test_a_link_is_read_as_its_target_and_a_broken_one_is_the_systems_matter(tmp_path: Path) -> None:
    saved(photo(), tmp_path / "target.jpg")
    (tmp_path / "link.jpg").symlink_to("target.jpg")
    (tmp_path / "broken.jpg").symlink_to("nowhere.jpg")
    assert measured(tmp_path / "link.jpg") == (900, 600)
    with pytest.raises(FileNotFoundError):
        measured(tmp_path / "broken.jpg")


SMALL = [
    encoded(picture, form)
    for picture in (photo(48, 32), see_through().resize((48, 32)))
    for form in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "AVIF", "HEIF")
    if form != "JPEG" or picture.mode == "RGB"
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(whole=st.sampled_from(SMALL), data=st.data())
def test_damage_of_any_kind_gives_a_picture_or_a_refusal(whole: bytes, data: st.DataObject, tmp_path: Path) -> None:
    hurt = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(hurt) - 1), min_size=1, max_size=8)):
        hurt[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "hurt.jpg"
    path.write_bytes(bytes(hurt))
    try:
        width, height = measured(path)
        assert upright(path, min(width, 60), min(height, 60)).mode in {"RGB", "RGBA"}
    except UnfitText as refused:
        assert "'hurt.jpg'" in refused.message  # noqa: PT017 - either is right
