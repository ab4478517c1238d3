import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from digest.images.making import make
from digest.images.original import measured
from digest.images.sizes import JPEG, WEBP, Size, plan
from tests.images.photos import ACCEPTED, metadata, photo, profile, saved, see_through, xmp

TRACES = [b"SECRET-WITNESS", b"Exif", b"EXIF", b"xmpmeta", b"XMP ", b"ICC_PROFILE", b"ICCP", b"acsp", b"Photoshop"]


def made(path: Path) -> list[tuple[Size, bytes]]:
    return list(make(path, plan(*measured(path))))


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_image_gets_every_size_in_the_form_it_says(name: str, tmp_path: Path) -> None:
    for size, data in made(ACCEPTED[name](tmp_path / name)):
        with Image.open(BytesIO(data)) as image:
            assert (image.format, image.size) == (size.form.name, (size.width, size.height))


@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.webp", "x.avif", "x.tif", "x.heic"])
def test_no_metadata_and_no_profile_is_published(name: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"xmp": xmp()} if name != "x.tif" else {"tiffinfo": {700: xmp(), 270: "SECRET-WITNESS"}}
    if name == "x.jpg":
        options["comment"] = b"SECRET-WITNESS"
    path = saved(photo(), tmp_path / name, exif=metadata(6), icc_profile=profile(), **options)
    assert b"SECRET-WITNESS" in path.read_bytes()
    for _, data in made(path):
        assert not [trace for trace in TRACES if trace in data]


def test_the_same_original_gives_the_same_bytes(tmp_path: Path) -> None:
    path = saved(see_through(), tmp_path / "x.png", icc_profile=profile())
    assert made(path) == made(path)


def test_a_jpeg_is_progressive_with_colours_at_half_resolution(tmp_path: Path) -> None:
    data = next(data for size, data in made(saved(photo(), tmp_path / "x.png")) if size.form is JPEG)
    with Image.open(BytesIO(data)) as image:
        assert image.info["progressive"]
        assert [part[1:3] for part in image.layer] == [(2, 2), (1, 1), (1, 1)]  # type: ignore[attr-defined]


def test_what_is_transparent_is_white_in_jpeg_and_stays_so_in_webp(tmp_path: Path) -> None:
    files = {size.form: data for size, data in made(saved(see_through(), tmp_path / "x.png"))}
    with Image.open(BytesIO(files[JPEG])) as jpeg, Image.open(BytesIO(files[WEBP])) as webp:
        assert jpeg.getpixel((100, 100)) == (255, 255, 255)
        assert webp.getpixel((100, 100))[3] == 0  # type: ignore[index]


def test_a_single_pixel_is_published(tmp_path: Path) -> None:
    sizes = [size for size, _ in made(saved(photo(1, 1), tmp_path / "x.png"))]
    assert [(size.width, size.height) for size in sizes] == [(1, 1), (1, 1)]


def test_twenty_megabytes_of_jpeg_are_published(tmp_path: Path) -> None:
    noise = Image.effect_noise((4800, 3600), 90)
    path = saved(Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise)), tmp_path / "x.jpg")
    with path.open("ab") as file:
        file.write(bytes(max(0, 20_000_000 - path.stat().st_size)))  # as cameras append previews
    assert max(size.width for size, _ in make(path, plan(*measured(path))[:1])) == 480


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process")
def test_a_hundred_megapixels_of_jpeg_are_never_held_whole(tmp_path: Path) -> None:
    path = saved(Image.new("L", (10_000, 10_000), 90), tmp_path / "x.jpg")
    script = (
        "import sys; from pathlib import Path; from digest.images.original import upright;"
        "upright(Path(sys.argv[1]), 1600, 1600); print(Path('/proc/self/status').read_text())"
    )
    told = subprocess.run([sys.executable, "-c", script, path], check=True, capture_output=True, text=True).stdout
    peak = next(int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM:"))  # kB
    assert peak < 90_000
