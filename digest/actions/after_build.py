"""The newsroom's own command after a build, which brings public/ to where it is read: a static host, a CDN.

It runs whenever public/ differs from what it last succeeded with, also after a crash or a failure.
"""

import hashlib
import subprocess
from pathlib import Path

from digest.actions.newsroom import Newsroom
from digest.actions.writing import replace_file
from digest.errors import OutsideFailure, printable

_DONE = "after-build"  # in var/: the site and the command that it last succeeded with
_TIME_LIMIT = 600  # seconds
_LONGEST = 300  # characters of what it said


def run_if_due(newsroom: Newsroom, version: str) -> None:
    """Run it unless it has succeeded with this `version` of public/; OutsideFailure when it fails."""
    command = newsroom.config.after_build
    if command is None:
        return
    done = hashlib.sha256(f"{version} {command}".encode()).hexdigest().encode()
    file = newsroom.var / _DONE
    if _read(file) != done:
        _run(command, newsroom.folder)
        replace_file(file, done)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _run(command: str, folder: Path) -> None:
    """Run the command by the shell, in the newsroom's folder."""
    try:
        ran = subprocess.run(  # noqa: S603 - the newsroom's own command, as config.yaml has it
            ["/bin/sh", "-c", command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failure(f"takes longer than {_TIME_LIMIT} seconds") from error
    if ran.returncode:
        said = printable(ran.stdout.decode("utf-8", "replace").strip())[-_LONGEST:]
        raise _failure(f"ended with status {ran.returncode}{': ' if said else ''}{said}")


def _failure(what: str) -> OutsideFailure:
    remedy = "public/ is up to date; mend the command in config.yaml or its host, then build again."
    return OutsideFailure(f"after_build {what}", remedy)
