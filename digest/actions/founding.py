"""Begin a newsroom: its configuration, a first item, and what editors and git use."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from digest.actions.editor_schema import schema_text
from digest.actions.writing import replace_file
from digest.config import FILE
from digest.errors import Refused
from digest.items.fixing import quoted
from digest.items.loading import FOLDER

_EXECUTABLE = 0o755

_CONFIG = """\
# yaml-language-server: $schema=config.schema.json
newsroom:
  id: {id} # never change it: feed readers know the newsroom by it
  title: {title}
  organization: {title}
  url: https://newsroom.example.org # where public/ will be read
  language: en
  timezone: Europe/London
  contact: {{name: Press desk, email: press@example.org}}

kinds: # in the order of the digest's sections
  press-release: {{label: Press release, plural: Press releases}}
  report: {{label: Report, plural: Reports}}
  update: {{label: Update, plural: Updates}}

digests:
  weekly:
    title: The week
    schedule: {{every: week, on: friday, at: "09:00"}}

mail:
  from: {{name: {title}, email: digest@example.org}}
  reply_to: press@example.org
  smtp:
    - {{host: 127.0.0.1, port: 25, security: none}} # your mail server; see docs for user name and password
  only_to: [press@example.org] # remove it when the digest may go to everybody

web:
  url: https://newsroom.example.org # where `digest serve` is reached

# Whoever stands here is told by mail what waits for approval, is held or was missed; without it only the log says so.
# staff:
#   - {{name: Press desk, email: press@example.org, role: publisher}}
"""

_FIRST_ITEM = """\
# yaml-language-server: $schema=../../item.schema.json
id: {id}
kind: update
title: Our newsroom is open
published: {today} 00:00
summary: From now on, everything that we tell the press stands here, in the feed and in the weekly digest.
body: |
  This is the first item. Change it, or delete it and run `digest new update 'Your title'`.
"""

_HOOK = """\
#!/bin/sh
# Keeps faulty items out of the history. To use it: git config core.hooksPath hooks
exec digest check
"""


def found(folder: Path, today: date, new_id: Callable[[], str]) -> list[Path]:
    """Begin a newsroom in that folder; return what was written. Refused where there is one already.

    Other files that are there stay as they are.
    """
    if (folder / FILE).exists():
        raise Refused(f"{folder} has a {FILE} already", "Choose another folder.")
    hook = folder / "hooks" / "pre-commit"
    texts = {
        folder / FILE: _CONFIG.format(id=new_id(), title=quoted(_title_from(folder))),
        folder / "item.schema.json": schema_text("item"),
        folder / "config.schema.json": schema_text("config"),
        folder / FOLDER / str(today.year) / f"{today}-our-newsroom-is-open.yaml": _FIRST_ITEM.format(
            id=new_id(), today=today
        ),
        folder / ".gitignore": "/public/\n/var/\n",
        hook: _HOOK,
    }
    written = [path for path in texts if not path.exists()]
    for path in written:
        replace_file(path, texts[path].encode())
    if hook in written:
        hook.chmod(_EXECUTABLE)
    return written


def _title_from(folder: Path) -> str:
    name = "".join(letter if letter.isprintable() else " " for letter in folder.resolve().name)
    return name.replace("-", " ").title() or "Newsroom"
