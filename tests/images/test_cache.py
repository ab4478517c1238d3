import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.errors import OutsideFailure, UnfitText
from digest.images import cache, making
from digest.images.cache import Proofs, Variants
from digest.images.sizes import Size
from tests.images.photos import photo, saved


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return saved(photo(), tmp_path / "Niños 2.JPG")


@pytest.fixture
def variants(tmp_path: Path) -> Variants:
    return Variants(tmp_path / "cache")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def no_making(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("an image was opened")

    monkeypatch.setattr(making, "make", refuse)


def test_each_variant_says_what_and_where_its_bytes_are(original: Path, variants: Variants) -> None:
    made = variants.of(original, sha256(original))
    folder = f"images/{sha256(original)[:16]}"
    assert [(one.public_path, one.width, one.height, one.media_type) for one in made] == [
        (f"{folder}/ninos-2-480.webp", 480, 320, "image/webp"),
        (f"{folder}/ninos-2-800.webp", 800, 533, "image/webp"),
        (f"{folder}/ninos-2-900.webp", 900, 600, "image/webp"),
        (f"{folder}/ninos-2-600.jpg", 600, 400, "image/jpeg"),
        (f"{folder}/ninos-2-800.jpg", 800, 533, "image/jpeg"),
        (f"{folder}/ninos-2-900.jpg", 900, 600, "image/jpeg"),
    ]
    assert all(one.sha256 == sha256(one.path) and one.size == one.path.stat().st_size for one in made)


def test_what_is_kept_is_found_without_opening_an_image(
    original: Path, variants: Variants, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = variants.of(original, sha256(original))
    no_making(monkeypatch)
    assert variants.of(original, sha256(original)) == made


def test_a_warm_build_loads_none_of_pillows_readers(original: Path, variants: Variants, tmp_path: Path) -> None:
    variants.of(original, sha256(original))
    script = (
        "import sys; from pathlib import Path; from digest.images.cache import Variants;"
        "Variants(Path(sys.argv[1])).of(Path(sys.argv[2]), sys.argv[3]); sys.exit('PIL.Image' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path / "cache", original, sha256(original)], check=True)


@pytest.mark.parametrize(
    "damage", ["remove a file", "shorten a file", "remove facts", "break facts", "facts of others"]
)
def test_a_damaged_cache_is_made_whole_again(damage: str, original: Path, variants: Variants, tmp_path: Path) -> None:
    made = variants.of(original, sha256(original))
    whole = files(tmp_path / "cache")
    facts = made[0].path.with_name("facts.json")
    match damage:
        case "remove a file":
            made[0].path.unlink()
        case "shorten a file":
            made[0].path.write_bytes(made[0].path.read_bytes()[:-1])
        case "remove facts":
            facts.unlink()
        case "break facts":
            facts.write_text("[{")
        case _:
            facts.write_text('[{"name": "480.webp"}]')
    assert variants.of(original, sha256(original)) == made
    assert files(tmp_path / "cache") == whole


def test_a_build_cut_short_is_not_taken_for_whole(
    original: Path, variants: Variants, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(_: Path, sizes: Sequence[Size]) -> Iterator[tuple[Size, bytes]]:
        yield sizes[0], b"a whole file"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(making, "make", cut_short)
        with pytest.raises(KeyboardInterrupt):
            variants.of(original, sha256(original))
    assert len(variants.of(original, sha256(original))) == 6


def test_other_settings_make_all_anew(original: Path, variants: Variants, monkeypatch: pytest.MonkeyPatch) -> None:
    before = variants.of(original, sha256(original))
    monkeypatch.setattr(cache, "SETTINGS", cache.SETTINGS + 1)
    after = variants.of(original, sha256(original))
    assert before[0].path != after[0].path
    assert before[0].public_path == after[0].public_path


def test_builders_at_once_find_the_same_and_leave_no_litter(original: Path, variants: Variants, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = set(pool.map(lambda _: variants.of(original, sha256(original)), range(6)))
    assert len(results) == 1
    assert len(files(tmp_path / "cache")) == 7


def test_several_processes_make_the_same_as_one(tmp_path: Path) -> None:
    originals = [saved(photo(100 + index, 60), tmp_path / f"{index}.jpg") for index in range(4)]
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    known = [(path, sha256(path)) for path in [*originals, broken]]
    alone, together = Variants(tmp_path / "alone"), Variants(tmp_path / "together")
    together.prepare(known, processes=2)
    for path, digest in known[:-1]:
        alone.of(path, digest)
    assert files(tmp_path / "alone") == files(tmp_path / "together")
    with pytest.raises(UnfitText, match=r"'broken\.jpg' is something else"):
        together.of(*known[-1])


def test_what_is_kept_is_not_prepared_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    originals = [saved(photo(100 + index, 60), tmp_path / f"{index}.jpg") for index in range(3)]
    known = [(path, sha256(path)) for path in originals]
    variants = Variants(tmp_path / "cache")
    for path, digest in known:
        variants.of(path, digest)
    monkeypatch.setattr("digest.crew.ProcessPoolExecutor", lambda *_: pytest.fail("processes were started"))
    variants.prepare(known, processes=2)


def test_an_original_that_changed_meanwhile_is_not_kept_under_the_old_name(original: Path, variants: Variants) -> None:
    before = sha256(original)
    saved(photo(90, 60), original)
    for _ in range(2):
        with pytest.raises(OutsideFailure, match=r"Niños 2\.JPG changed while it was read\. Build again"):
            variants.of(original, before)


def test_a_refused_original_leaves_nothing(tmp_path: Path, variants: Variants) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"no image")
    with pytest.raises(UnfitText):
        variants.of(path, sha256(path))
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_named(original: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file stands here")
    with pytest.raises(OutsideFailure, match=r"cache/.*480\.webp cannot be written: .*Mend its rights or make room"):
        Variants(tmp_path / "cache").of(original, sha256(original))


def test_looking_at_an_original_finds_what_is_kept_and_makes_nothing(
    original: Path, variants: Variants, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs = Proofs(tmp_path / "cache")
    assert proofs.of(original, sha256(original)) == ()
    assert not (tmp_path / "cache").exists()
    made = variants.of(original, sha256(original))
    no_making(monkeypatch)
    assert proofs.of(original, sha256(original)) == made


def test_looking_at_an_original_finds_that_it_ends_too_soon(original: Path, tmp_path: Path) -> None:
    original.write_bytes(original.read_bytes()[:-90])
    with pytest.raises(UnfitText, match="is damaged"):
        Proofs(tmp_path / "cache").of(original, sha256(original))
