"""Where templates stand: the shipped ones, and a newsroom's own. What only asks for files need not load Jinja2."""

import importlib.resources
import os
from pathlib import Path


def shipped_templates() -> Path:
    """Return the folder of the templates that come with the program, installed or in a checkout."""
    package = Path(str(importlib.resources.files("digest")))
    packaged = package / "_templates"
    return packaged if packaged.is_dir() else package.parent / "templates"


def template_files(newsroom: Path) -> list[Path]:
    """Return every file that can be a template of the newsroom in that folder, sorted; hidden ones are editors' own."""
    found = []
    for root in (newsroom / "templates", shipped_templates()):
        for here, below, names in os.walk(root, followlinks=True):  # as Jinja2 finds them
            below[:] = [name for name in below if not name.startswith(".")]
            found += [Path(here, name) for name in names if not name.startswith(".")]
    return sorted(found)
