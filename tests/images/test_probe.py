import io
import zlib
from contextlib import suppress
from pathlib import Path

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UnfitText
from digest.images.probe import probe

FORMATS = {
    "jpg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
    "gif": ("GIF", "image/gif"),
    "webp": ("WEBP", "image/webp"),
}


def bytes_of(ending: str, size: tuple[int, int] = (60, 40)) -> bytes:
    held = io.BytesIO()
    PIL.Image.linear_gradient("L").resize(size).convert("RGB").save(held, FORMATS[ending][0])
    return held.getvalue()


@pytest.mark.parametrize("ending", FORMATS)
def test_an_image_has_a_type_and_a_size(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"picture.{ending}"
    file.write_bytes(bytes_of(ending))

    assert probe(file) == (FORMATS[ending][1], 60, 40)


def test_a_jpeg_with_further_pictures_in_it_is_a_jpeg(tmp_path: Path) -> None:
    frames = [PIL.Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "phone.jpeg", "MPO", save_all=True, append_images=frames[1:])

    assert probe(tmp_path / "phone.jpeg") == ("image/jpeg", 60, 40)


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\xff\xd8\xff\xe0", bytes(5000)],
)
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.jpg").write_bytes(content)

    with pytest.raises(UnfitText, match=r"'x.jpg' is no image that can be shown. Save it as JPEG, PNG, GIF or WebP."):
        probe(tmp_path / "x.jpg")


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_an_image_that_was_copied_only_in_part_is_refused(tmp_path: Path, ending: str) -> None:
    whole = bytes_of(ending, (200, 200))
    (tmp_path / f"x.{ending}").write_bytes(whole[: len(whole) * 2 // 3])

    with pytest.raises(UnfitText):
        probe(tmp_path / f"x.{ending}")


def test_an_image_whose_name_promises_another_type_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(bytes_of("gif"))

    with pytest.raises(UnfitText, match=r"'page.html' is image/gif inside. Let its name end in .gif."):
        probe(tmp_path / "page.html")


@pytest.mark.parametrize("side", [9_500, 60_000])
def test_an_image_of_too_many_pixels_is_refused(tmp_path: Path, side: int) -> None:
    data = bytearray(bytes_of("png"))
    data[16:24] = side.to_bytes(4) * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    (tmp_path / "bomb.png").write_bytes(data)

    with pytest.raises(UnfitText, match=r"'bomb.png' has more than 89,478,485 pixels"):
        probe(tmp_path / "bomb.png")


def test_a_file_that_is_not_there_is_not_called_an_image_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nowhere.jpg")


@given(st.sampled_from(list(FORMATS)), st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), min_size=1))
def test_no_damage_makes_it_stumble(
    tmp_path_factory: pytest.TempPathFactory, ending: str, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(bytes_of(ending, (20, 20)))
    for position, byte in damage:
        data[position % len(data)] = byte
    file = tmp_path_factory.getbasetemp() / f"damaged.{ending}"
    file.write_bytes(data)
    with suppress(UnfitText):
        probe(file)
