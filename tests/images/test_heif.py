import struct
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pillow_heif
import pytest

from digest.errors import UnfitText
from digest.images.heif import is_heif, is_whole, largest
from digest.images.original import measured, upright
from tests.images.photos import encoded, metadata, photo, saved

WIDE = struct.pack(">II", 96, 64)  # a photo's size, as its box `ispe` has it


def refused(data: bytes, folder: Path) -> str:
    path = folder / "IMG_1.HEIC"
    path.write_bytes(data)
    with pytest.raises(UnfitText) as told:
        upright(path, *measured(path))
    return str(told.value)


def cropped(data: bytes, width: int, height: int) -> bytes:
    """Return a photo whose profile of 28 bytes has become the box that crops it (ISO/IEC 14496-12 section 12.1.4)."""
    at = data.index(b"colrprof") - 4
    box = struct.pack(">I4s8I", 40, b"clap", width, 1, height, 1, 0, 1, 0, 1)
    return data[:at] + box + data[at + 40 :]


def with_brands(data: bytes, *brands: bytes) -> bytes:
    """Return the file with other brands, so many as it had."""
    size = int.from_bytes(data[:4])
    head = data[:8] + brands[0] + bytes(4) + b"".join(brands[1:])
    assert len(head) == size
    return head + data[size:]


@pytest.mark.parametrize("tiles", [{}, {"tile_size": 512}], ids=["one piece", "tiles"])
@pytest.mark.parametrize("missing", [1, 1000])
def test_a_photo_that_lacks_its_end_is_refused_and_not_filled_up_with_green(
    missing: int, tiles: dict[str, int], tmp_path: Path
) -> None:
    data = encoded(photo(1400, 1000), "HEIF", quality=100, **tiles)
    assert refused(data[:-missing], tmp_path) == "'IMG_1.HEIC' is damaged. Copy it anew, or export it as JPEG."


def test_what_follows_the_photo_in_its_file_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "x.heic"
    for rest in (bytes(100), b"SEFT", struct.pack(">I4s", 99, b"sefd")):
        path.write_bytes(encoded(photo(96, 64), "HEIF") + rest)
        assert measured(path) == (96, 64)


def test_boxes_may_have_long_sizes_or_reach_to_the_end() -> None:
    content = bytes(24)
    assert is_whole(struct.pack(">I4sQ", 1, b"mdat", 40) + content)
    assert not is_whole(struct.pack(">I4sQ", 1, b"mdat", 41) + content)
    assert is_whole(struct.pack(">I4s", 0, b"mdat") + content)
    assert not is_whole(struct.pack(">I4s", 8, b"free") + struct.pack(">I4s", 33, b"mdat") + content)


def test_a_box_without_a_size_that_can_be_ends_the_search() -> None:
    assert is_whole(struct.pack(">I4s", 3, b"free") * 3)
    assert largest(b"") == largest(bytes(9)) == 0


@pytest.mark.parametrize(("width", "height"), [(9_000, 6_000), (65_000, 65_000), (2**32 - 1, 2**32 - 1)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(width: int, height: int, tmp_path: Path) -> None:
    data = encoded(photo(96, 64), "HEIF").replace(WIDE, struct.pack(">II", width, height))
    assert refused(data, tmp_path).startswith("'IMG_1.HEIC' has more than 52,000,000 pixels. Scale it down")


def test_a_small_part_of_a_giant_is_refused_too(tmp_path: Path) -> None:
    data = cropped(encoded(photo(96, 64), "HEIF", icc_profile=bytes(28), save_nclx_profile=False), 32, 32)
    path = tmp_path / "x.heic"
    path.write_bytes(data)
    assert measured(path) == (32, 32)
    assert "52,000,000 pixels" in refused(data.replace(WIDE, struct.pack(">II", 9_000, 6_000)), tmp_path)


def test_the_largest_photos_of_telephones_are_no_giants() -> None:
    for width, height in ((8_064, 6_048), (8_192, 6_144)):
        data = encoded(photo(96, 64), "HEIF").replace(WIDE, struct.pack(">II", width, height))
        assert largest(data) == width * height <= 52_000_000


def test_exif_does_not_turn_what_the_file_itself_does_not_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pillow_heif.as_plugin.set_orientation", lambda _: None)  # which hides it from us
    data = encoded(photo(96, 64), "HEIF", exif=metadata(6))
    at = data.index(b"irot") + 4
    (tmp_path / "x.heic").write_bytes(data[:at] + b"\0" + data[at + 1 :])
    assert measured(tmp_path / "x.heic") == (96, 64)


def test_the_preview_in_the_file_is_not_taken_for_the_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        pytest.fail("the reader was allowed to take the preview")

    monkeypatch.setattr(pillow_heif.HeifImageFile, "draft", refuse)
    made = pillow_heif.from_pillow(photo())
    made.info["thumbnails"] = [256]
    made.save(tmp_path / "x.heic")
    assert upright(tmp_path / "x.heic", 96, 64).size == (96, 64)


@pytest.mark.parametrize("transfer", [16, 18], ids=["PQ", "HLG"])
def test_hdr_colours_are_refused(transfer: int, tmp_path: Path) -> None:
    data = encoded(photo(96, 64), "HEIF", color_primaries=9, transfer_characteristics=transfer)
    assert refused(data, tmp_path).startswith("'IMG_1.HEIC' has HDR colours, which most screens show pale. Export it")


def test_without_the_decoder_a_photo_is_refused_and_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert refused(encoded(photo(96, 64), "HEIF"), tmp_path) == (
        "'IMG_1.HEIC' is a HEIC photo, for which no decoder is installed. "
        "Export it as JPEG, or run `pip install 'newsroom-digest[heic]'`."
    )


def test_the_decoder_is_loaded_for_a_photo_only_and_never_registered(tmp_path: Path) -> None:
    saved(photo(96, 64), tmp_path / "x.jpg")
    saved(photo(96, 64), tmp_path / "x.heic")
    script = (
        "import sys; from pathlib import Path; from digest.images.original import measured; import PIL.Image;"
        "measured(Path('x.jpg')); assert 'pillow_heif' not in sys.modules;"
        "measured(Path('x.heic')); assert 'pillow_heif' in sys.modules; assert 'HEIF' not in PIL.Image.OPEN"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)


def test_heif_is_told_by_any_of_its_brands_and_avif_is_left_to_pillow(tmp_path: Path) -> None:
    heic, avif = encoded(photo(96, 64), "HEIF"), encoded(photo(96, 64), "AVIF")
    assert is_heif(heic)
    assert is_heif(with_brands(heic, b"miaf", b"1pic", b"mif1", b"heic"))
    assert not is_heif(with_brands(heic, b"isom", b"isom", b"iso2", b"mp41"))
    general = with_brands(avif, b"mif1", *[b"avif"] * ((int.from_bytes(avif[:4]) - 16) // 4))
    assert not is_heif(general)
    (tmp_path / "x.jpg").write_bytes(general)
    assert measured(tmp_path / "x.jpg") == (96, 64)
    assert not is_heif(b"")
    assert not is_heif(b"\xff\xd8\xff\xe0")
