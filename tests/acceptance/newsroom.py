"""A copy of the sample newsroom to try things on, with a mail server and a clock of the test's own."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

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
    """Copy the sample newsroom; its mail goes to `port` of this machine, and `change` may edit config.yaml."""
    shutil.copytree(ROOT / "items", folder / "items")
    config = (ROOT / "config.yaml").read_text("utf-8")
    config = re.sub(r"host: 127\.0\.0\.1, port: \d+", f"host: 127.0.0.1, port: {port}", config)
    (folder / "config.yaml").write_text(change(config), "utf-8")
    return folder


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
