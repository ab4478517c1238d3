"""A newsroom in a folder, as its people write it, for the tests of reading."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import PIL.Image

from digest.config import Config, load_config

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONFIG = """\
newsroom:
  id: 6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10
  title: Example Newsroom
  organization: Example Organisation
  url: https://news.example.org
  timezone: Europe/Madrid
  contact: {name: Press desk, email: press@example.org}
kinds:
  press-release: {label: Press release, plural: Press releases}
  report: {label: Report, plural: Reports}
topics:
  asylum: {label: {en: Asylum, es: Asilo}}
  prisons: {label: Prisons}
"""


def make_newsroom(folder: Path, config: str = CONFIG) -> Path:
    """Write a newsroom without items; return its folder."""
    (folder / "items").mkdir(parents=True)
    (folder / "config.yaml").write_text(config)
    return folder


def config_of(newsroom: Path) -> Config:
    """Return the newsroom's configuration."""
    return load_config(newsroom)


def id_of(name: str) -> str:
    """Return the id of the sample item of that name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def item_text(name: str, **fields: str | None) -> str:
    """Return an item, public since 18 November; `fields` are YAML as it stands behind a key, None leaves out."""
    usual: dict[str, str | None] = {
        "id": id_of(name),
        "kind": "press-release",
        "title": f"Title of {name}",
        "published": "2026-11-18 09:30",
        "summary": f"Summary of {name}.",
    }
    return "".join(f"{key}: {text}\n" for key, text in (usual | fields).items() if text is not None)


def write_item(newsroom: Path, name: str = "first", **fields: str | None) -> Path:
    """Write `items/<name>.yaml`; return the file."""
    file = newsroom / "items" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(item_text(Path(name).name, **fields))
    return file


def write_picture(file: Path, colour: str = "red", size: tuple[int, int] = (60, 40)) -> Path:
    """Write a picture in the format that the file's name ends in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", size, colour).save(file)
    return file


def image_of(file: str) -> str:
    """Return the field `image` for that file."""
    return f"{{file: '{file}', alt: A picture, credit: Somebody}}"
