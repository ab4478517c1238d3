"""One process sends at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import Busy, OutsideFailure


@contextmanager
def sender_lock(path: Path) -> Iterator[None]:
    """Hold the lock of that file, which the kernel releases however this process ends.

    Raises Busy, naming the process, when another one holds it, and OutsideFailure when the file cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
    except OSError as error:
        raise OutsideFailure(f"{path} cannot be opened: {error.strerror}", "Mend the folder's rights.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Busy(
                f"another process is sending (number {holder}, by {path})", "Let it finish, or stop it first."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
