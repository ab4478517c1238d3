"""Which files of public/ are not as the ledger notes them: looked at by a process of its own while a build reads items.

    python -I -S inspection.py LEDGER PUBLIC      prints the names of the targets whose files they are, as a JSON list

As a program it needs nothing but the standard library, so that it is under way in the blink that another Python takes.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

_MANY = 5000  # files; a look at fewer takes less time than starting a process


class Inspection:
    """A look at the files that a ledger notes, begun when it is made and to be closed."""

    def __init__(self, ledger: Path, public: Path, files: int) -> None:
        """Take the ledger's file, which nobody writes until the end of the look, and how many files it notes."""
        self._places = str(ledger.absolute()), str(public)
        self._process: subprocess.Popen[str] | None = None
        if files >= _MANY and (os.cpu_count() or 1) > 1 and sys.executable:
            command = [sys.executable, "-I", "-S", __file__, *self._places]
            self._process = subprocess.Popen(  # noqa: S603 - this file
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )

    @cached_property
    def broken(self) -> frozenset[str]:
        """Return the names of targets of which a file is not there as it was placed."""
        said = self._process.communicate()[0] if self._process else ""
        if self._process and self._process.returncode == 0:
            return frozenset(json.loads(said))
        return frozenset(broken(*self._places))

    def close(self) -> None:
        """End the look."""
        if self._process:
            with self._process as process:
                process.kill()


def broken(ledger: str, public: str) -> list[str]:
    """Return the names of targets of which a file is not there as it was placed."""
    with closing(sqlite3.connect(f"file:{quote(os.fsencode(ledger))}?mode=ro", uri=True)) as db:
        files = db.execute("SELECT target, path, size, modified FROM file WHERE target != ''")
        return sorted({target for target, path, *noted in files if _noted(f"{public}/{path}") != noted})


def _noted(path: str) -> list[int]:
    """Return what a ledger notes of a file; an empty list when none is there."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path takes as long again, for each of very many files
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(broken(sys.argv[1], sys.argv[2])))
