import os
import subprocess
import sys
from pathlib import Path

import pytest

from digest.delivery.lock import sender_lock
from digest.errors import OutsideFailure, Refused

HOLD = """
import sys
from pathlib import Path
from digest.delivery.lock import sender_lock
with sender_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_which_one_sends(tmp_path: Path) -> None:
    path = tmp_path / "var" / "sender.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match=f"number {other.pid}"), sender_lock(path):
            pass
        other.kill()
    with sender_lock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_the_lock_is_free_again_after_use(tmp_path: Path) -> None:
    for _ in range(2):
        with sender_lock(tmp_path / "sender.lock"):
            pass


def test_a_lock_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "sender.lock"
    with sender_lock(path), pytest.raises(Refused), sender_lock(path):
        pass


def test_a_place_where_no_file_can_be_is_an_outside_failure(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")
    with pytest.raises(OutsideFailure, match=r"sender\.lock"), sender_lock(tmp_path / "var" / "sender.lock"):
        pass
