"""A copy of the sample newsroom to try things on, with a mail server and a clock of the test's own."""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import fasteners  # type: ignore[import-untyped]

from digest.images.cache import Variants
from digest.items.loading import images_cache

ROOT = Path(__file__).parents[2]
MADRID = ZoneInfo("Europe/Madrid")


def madrid(text: str) -> datetime:
    """Return the moment of `2026-11-27 09:00` in the sample newsroom's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=MADRID).astimezone(UTC)


@dataclass
class MovedClock:
    """A clock that tests move."""

    moment: datetime
    passed: float = field(default=0.0)  # seconds, as a steady clock counts them

    def __call__(self) -> datetime:
        return self.moment

    def steady(self) -> float:
        return self.passed

    def move_to(self, moment: datetime) -> None:
        """Let time pass: both clocks go on."""
        self.passed += (moment - self.moment).total_seconds()
        self.moment = moment

    def move(self, **length: float) -> None:
        self.move_to(self.moment + timedelta(**length))


def sample(folder: Path, port: int = 9, change: Callable[[str], str] = lambda text: text) -> Path:
    """Copy the sample newsroom; its mail goes to `port` of this machine, and `change` may edit config.yaml.

    The copy has what was made of the pictures too: making that takes longer than all else that a build does.
    """
    shutil.copytree(ROOT / "items", folder / "items")
    for made in _made_of_pictures():
        shutil.copytree(made, folder / made.relative_to(ROOT))
    config = (ROOT / "config.yaml").read_text("utf-8")
    config = re.sub(r"host: 127\.0\.0\.1, port: \d+", f"host: 127.0.0.1, port: {port}", config)
    (folder / "config.yaml").write_text(change(config), "utf-8")
    return folder


@cache
def _made_of_pictures() -> list[Path]:
    """Return the folders of what the sample newsroom keeps of its pictures, made by whichever process comes first."""
    pictures = sorted((ROOT / "items").rglob("*.jpg"))
    originals = [(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in pictures]
    kept = images_cache(ROOT)
    kept.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(kept.with_name("test-pictures.lock")):
        for original in originals:
            Variants(kept).of(*original)
    return [kept / sha256 for _, sha256 in originals]


def write_item(newsroom: Path, name: str, **fields: str) -> Path:
    """Write an item of the given fields, each a YAML text; return its file."""
    values = {
        "kind": "update",
        "title": "A title",
        "summary": "A summary.",
        **fields,
    }
    path = newsroom / "items" / f"{name}.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in values.items()), "utf-8")
    return path


def everything_in(folder: Path) -> str:
    """Return the names and the bytes of all files in a folder, as one text to search in."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return "\n".join(f"{path.relative_to(folder)}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in files)
