"""How the newsroom's own files are written: whole or not at all."""

import os
import threading
from contextlib import suppress
from pathlib import Path

from digest.errors import OutsideFailure


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file, which keeps its mode; OutsideFailure when it cannot be written."""
    # Of two writers at the same time each has its own; the last one wins.
    new = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(data)
        if path.exists():
            new.chmod(path.stat().st_mode)
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise OutsideFailure(f"{path} cannot be written: {error.strerror}", "Mend its rights or free space.") from error
