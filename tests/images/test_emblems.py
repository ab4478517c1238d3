import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from digest.config import EmblemSort
from digest.errors import UnfitText
from digest.images import drawing
from digest.images.cache import Proofs, Variants
from digest.images.emblems import emblems_in
from tests.images.photos import metadata, photo, profile, saved, xmp
from tests.images.signs import CLEAR, INK, PAPER, WHITE, emblems, sign


def sizes(folder: Path, sort: EmblemSort, size: tuple[int, int]) -> dict[str, tuple[int, int]]:
    sign(folder / "sign.png", size)
    found, unfit = emblems_in(folder, {sort: "sign.png"}, partial(Variants, folder / "cache"), PAPER)
    assert not unfit
    return {name: (one.width, one.height) for name, one in found[sort].drawings.items()}


def drawn(folder: Path, sort: EmblemSort, name: str) -> Image.Image:
    found, _ = emblems_in(folder, {sort: "sign.png"}, partial(Variants, folder / "cache"), PAPER)
    with Image.open(found[sort].drawings[name].path) as picture:
        picture.load()
        return picture


def refusal(folder: Path, sort: EmblemSort = "logo", name: str = "sign.png") -> UnfitText:
    found, unfit = emblems_in(folder, {sort: name}, partial(Proofs, folder / "cache"), PAPER)
    assert not found
    return unfit[sort]


@pytest.mark.parametrize(
    ("size", "head", "card"),
    [
        ((2800, 480), (960, 165), (1200, 600)),
        ((400, 100), (400, 100), (500, 250)),
        ((500, 1000), (168, 336), (1200, 600)),
        ((4000, 3), (960, 1), (1200, 600)),
    ],
    ids=["wide", "small", "tall", "a line"],
)
def test_a_logo_is_drawn_for_the_head_of_pages_and_on_a_card_twice_as_wide_as_high(
    size: tuple[int, int], head: tuple[int, int], card: tuple[int, int], tmp_path: Path
) -> None:
    assert list(sizes(tmp_path, "logo", size).values()) == [head, head, card]


@pytest.mark.parametrize(
    ("size", "large"), [((800, 800), (512, 512)), ((180, 180), (180, 180)), ((400, 380), (400, 400))]
)
def test_an_icon_is_drawn_small_for_telephones_and_large(
    size: tuple[int, int], large: tuple[int, int], tmp_path: Path
) -> None:
    assert sizes(tmp_path, "icon", size) == {"small": (144, 144), "touch": (180, 180), "large": large}


def test_what_would_be_painted_black_is_opaque_and_all_else_stays_see_through(tmp_path: Path) -> None:
    sign(tmp_path / "sign.png", (600, 600))
    assert drawn(tmp_path, "logo", "card").mode == drawn(tmp_path, "icon", "touch").mode == "RGB"
    assert drawn(tmp_path, "icon", "large").getpixel((0, 0)) == CLEAR


@pytest.mark.parametrize(
    ("colour", "head", "corner"),
    [
        (INK, "head-on-light", (255, 255, 255)),
        (WHITE, "head-on-dark", (27, 26, 24)),
        ((230, 90, 20, 255), "head", (255, 255, 255)),
    ],
    ids=["dark", "white", "orange"],
)
def test_a_logo_gets_the_ground_on_which_it_is_seen(
    colour: tuple[int, int, int, int], head: str, corner: tuple[int, int, int], tmp_path: Path
) -> None:
    sign(tmp_path / "sign.png", (900, 300), colour)
    assert drawn(tmp_path, "logo", head).size == (900, 300)
    assert drawn(tmp_path, "logo", "card").getpixel((0, 0)) == corner


@pytest.mark.parametrize(("colour", "corner"), [(INK, (253, 252, 248)), (WHITE, (27, 26, 24))], ids=["dark", "white"])
def test_mail_gets_a_transparent_logo_with_the_ground_on_which_it_is_seen(
    colour: tuple[int, int, int, int], corner: tuple[int, int, int], tmp_path: Path
) -> None:
    sign(tmp_path / "sign.png", (900, 300), colour)
    mailed = drawn(tmp_path, "logo", "mail")
    assert (mailed.mode, mailed.size, mailed.getpixel((0, 0))) == ("RGB", (900, 300), corner)


@pytest.mark.parametrize(("ground", "head"), [("white", "head-on-light"), ("navy", "head")])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_logo_on_white_paper_gets_more_of_it_and_on_a_ground_of_its_own_nothing(
    ground: str, head: str, mode: str, tmp_path: Path
) -> None:
    Image.new(mode, (900, 300), ground).save(tmp_path / "sign.png")
    assert drawn(tmp_path, "logo", head).size == (900, 300)


def test_no_drawing_says_anything_but_what_is_seen(tmp_path: Path) -> None:
    saved(photo(900, 900), tmp_path / "sign.jpg", exif=metadata(), icc_profile=profile(), xmp=xmp())
    found, _ = emblems_in(
        tmp_path, {"logo": "sign.jpg", "icon": "sign.jpg"}, partial(Variants, tmp_path / "cache"), PAPER
    )
    files = [one.path for emblem in found.values() for one in emblem.drawings.values()]
    assert len(files) == 5
    for file in files:
        with Image.open(file) as picture:
            assert picture.info == {}


def test_two_drawings_of_one_file_have_the_same_bytes(tmp_path: Path) -> None:
    first, second = emblems(tmp_path / "a"), emblems(tmp_path / "b")
    for sort, emblem in first.items():
        others = second[sort].drawings
        assert {name: one.sha256 for name, one in emblem.drawings.items()} == {n: o.sha256 for n, o in others.items()}


def test_what_was_drawn_is_found_again_without_opening_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = emblems(tmp_path)
    monkeypatch.setattr(drawing, "logo", lambda _: pytest.fail("it was drawn again"))
    monkeypatch.setattr(drawing, "icon", lambda _: pytest.fail("it was drawn again"))
    assert emblems(tmp_path) == before


def test_a_file_that_is_logo_and_icon_and_a_picture_is_each_of_them(tmp_path: Path) -> None:
    sign(tmp_path / "sign.png", (600, 600))
    draw = partial(Variants, tmp_path / "cache")
    found, _ = emblems_in(tmp_path, {"logo": "sign.png", "icon": "sign.png"}, draw, PAPER)
    picture = Variants(tmp_path / "cache").of(tmp_path / "sign.png", found["logo"].sha256)
    assert {one.media_type for one in picture} == {"image/webp", "image/jpeg"}
    assert [len(found[sort].drawings) for sort in found] == [3, 3]


def test_a_warm_build_loads_none_of_pillows_readers(tmp_path: Path) -> None:
    emblems(tmp_path)
    script = (
        "import sys; from functools import partial; from pathlib import Path;"
        "from digest.images.cache import Variants; from digest.images.emblems import emblems_in;"
        "folder = Path(sys.argv[1]); names = {'logo': 'logo.png', 'icon': 'icon.png'};"
        "found, _ = emblems_in(folder, names, partial(Variants, folder / 'cache'), '#fdfcf8');"
        "sys.exit(len(found) != 2 or 'PIL.Image' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)


def test_trying_an_emblem_writes_nothing(tmp_path: Path) -> None:
    sign(tmp_path / "sign.png", (600, 600))
    found, unfit = emblems_in(tmp_path, {"icon": "sign.png"}, partial(Proofs, tmp_path / "cache"), PAPER)
    assert (list(found), unfit) == (["icon"], {})
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.png", "there is no file 'missing.png'"),
        ("folder", "there is no file 'folder'"),
        ("out.png", "'out.png' leads out of the newsroom's folder"),
        ("loop.png", "'loop.png'"),
        ("sign.png/below", "'sign.png/below'"),
        ("x" * 300, "cannot be read: File name too long"),
        ("vast.png", "'vast.png' has more than 5,000,000 bytes"),
    ],
)
def test_a_file_that_is_not_there_or_unbearable_is_not_opened_as_an_image(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Proofs, "of", lambda *_: pytest.fail("it was opened"))
    folder = tmp_path / "newsroom"
    sign(folder / "sign.png", (600, 600))
    (folder / "folder").mkdir()
    (folder / "out.png").symlink_to(sign(tmp_path / "elsewhere.png", (600, 600)))
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "vast.png").write_bytes(bytes(5_000_001))
    assert message in refusal(folder, name=name).message


@pytest.mark.parametrize(
    ("sort", "size", "message"),
    [
        ("logo", (399, 200), "'sign.png' is only 399 pixels wide"),
        ("icon", (512, 179), "'sign.png' has 512 × 179 pixels"),
        ("icon", (500, 400), "'sign.png' has 500 × 400 pixels, which is no square"),
    ],
)
def test_what_is_too_small_or_no_square_is_refused(
    sort: EmblemSort, size: tuple[int, int], message: str, tmp_path: Path
) -> None:
    sign(tmp_path / "sign.png", size)
    assert refusal(tmp_path, sort).message == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "is an SVG drawing"),
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is something else"),
    ],
)
@pytest.mark.parametrize(
    ("sort", "remedy"),
    [
        ("logo", "Export it as PNG, 400 to 4,000 pixels wide."),
        ("icon", "Export it as a square PNG, 512 pixels a side."),
    ],
)
def test_what_is_no_image_is_refused_and_the_remedy_is_a_png(
    sort: EmblemSort, remedy: str, data: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "sign.png").write_bytes(data)
    unfit = refusal(tmp_path, sort)
    assert message in unfit.message
    assert unfit.remedy == remedy


def test_a_logo_that_was_cut_off_is_damaged(tmp_path: Path) -> None:
    file = saved(photo(), tmp_path / "sign.png")
    file.write_bytes(file.read_bytes()[:600])
    assert refusal(tmp_path).message == "'sign.png' is damaged"
