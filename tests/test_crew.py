import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from multiprocessing import active_children
from pathlib import Path

import pytest

from digest.crew import Crew
from digest.errors import OutsideFailure


def _who_squares(numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [(os.getpid(), number * number) for number in numbers]


def _how_many(numbers: Sequence[int]) -> list[int]:
    return [len(numbers) for _ in numbers]


def _die(numbers: Sequence[int]) -> list[int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return list(numbers)


def _die_or_linger(numbers: Sequence[int]) -> list[int]:
    if 0 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
    return list(numbers)


def _fail(numbers: Sequence[int]) -> list[int]:
    raise OutsideFailure(f"{numbers[0]} is too much", "Do less.")


def test_a_little_work_is_done_here_without_any_process() -> None:
    with Crew(2) as crew:
        assert list(crew.work(_who_squares, [1, 2, 3], batch=2)) == [(os.getpid(), number) for number in (1, 4, 9)]


def test_much_work_is_shared_and_comes_back_in_its_order() -> None:
    with Crew(2) as crew:
        done = list(crew.work(_who_squares, range(40), batch=5))
    assert [square for _, square in done] == [number * number for number in range(40)]
    assert os.getpid() not in {process for process, _ in done}


def test_much_is_given_at_a_time_first_and_little_in_the_end_so_that_all_end_together() -> None:
    with Crew(2) as crew:
        at_a_time = list(crew.work(_how_many, range(4_000), batch=100))
    assert at_a_time[0] == 400
    assert at_a_time[-1] <= 50


def test_processes_that_are_there_do_a_little_work_too() -> None:
    with Crew(2) as crew:
        list(crew.work(_who_squares, range(40), batch=5))
        few = {process for process, _ in crew.work(_who_squares, range(2), batch=5)}
        crews_own = {process.pid for process in active_children()}
    assert few
    assert few <= crews_own


def test_what_goes_wrong_in_a_process_is_told_here() -> None:
    with Crew(2) as crew, pytest.raises(OutsideFailure, match="0 is too much"):
        list(crew.work(_fail, range(10), batch=1))


def test_a_process_that_is_killed_is_named_in_words() -> None:
    with Crew(2) as crew, pytest.raises(OutsideFailure, match=r"ended from outside.*memory"):
        list(crew.work(_die, range(10), batch=1))


def test_processes_that_are_killed_while_they_wait_for_work_are_named_in_words() -> None:
    with Crew(2) as crew:
        list(crew.work(_who_squares, range(40), batch=5))
        for process in active_children():  # all of them: one alone might do the work before the other is missed
            process.kill()
        with pytest.raises(OutsideFailure, match="ended from outside"):
            list(crew.work(_who_squares, range(40), batch=5))


def test_the_others_end_when_one_is_killed() -> None:
    began = time.monotonic()
    with Crew(2) as crew, pytest.raises(OutsideFailure, match="ended from outside"):
        list(crew.work(_die_or_linger, range(8), batch=1))
    assert time.monotonic() - began < 30


_ORPHANS = """
import os, sys, time
from digest.crew import Crew
def work(numbers):
    os.write(1, f"{os.getpid()}\\n".encode())  # in one piece: the other does so at the same time
    time.sleep(60)
    return numbers
if __name__ == "__main__":
    with Crew(2) as crew:
        list(crew.work(work, range(8), batch=1))
"""


def test_processes_end_with_the_one_that_they_work_for_even_when_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(_ORPHANS)
    employer = subprocess.Popen([sys.executable, tmp_path / "program.py"], stdout=subprocess.PIPE, text=True)
    assert employer.stdout
    workers = [int(employer.stdout.readline()) for _ in range(2)]
    employer.kill()
    employer.communicate()
    deadline = time.monotonic() + 20
    while any(_lives(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(worker) for worker in workers)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


_WHERE_THEY_BEGIN = """
import sys, threading
from digest.crew import Crew
said_after_the_start = "nothing"
def hear(numbers):
    return [said_after_the_start for _ in numbers]
if __name__ == "__main__":
    said_after_the_start = "something"
    done = threading.Event()
    if sys.argv[1] == "threads":
        threading.Thread(target=done.wait).start()
    with Crew(2) as crew:
        print({*crew.work(hear, range(8), batch=1)})
    done.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process is never forked as it is")
@pytest.mark.parametrize(("beside", "heard"), [("nothing", "something"), ("threads", "nothing")])
def test_processes_begin_with_all_that_this_one_has_unless_its_threads_may_hold_locks(
    tmp_path: Path, beside: str, heard: str
) -> None:
    (tmp_path / "program.py").write_text(_WHERE_THEY_BEGIN)
    said = subprocess.check_output([sys.executable, tmp_path / "program.py", beside], text=True)
    assert said == f"{ {heard} }\n"


_HELPED = """
import threading
from digest.crew import Crew
def work(numbers):
    import tempfile
    return numbers
if __name__ == "__main__":
    done = threading.Event()
    threading.Thread(target=done.wait).start()  # so that they are no forks of this one, which has loaded all
    with Crew(2, preload=["digest.yamlfile"]) as crew:
        print(list(crew.work(work, range(8), batch=1)))
    done.set()
"""


def test_nothing_is_run_of_the_folder_that_the_program_is_run_in(tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    (tmp_path / "program/helped.py").write_text(_HELPED)
    here = tmp_path / "newsroom"
    here.mkdir()
    for name in ("yaml", "tempfile", "signal"):
        (here / f"{name}.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w')")
    said = subprocess.check_output([sys.executable, tmp_path / "program/helped.py"], cwd=here, text=True)

    assert said == f"{list(range(8))}\n"
    assert not (tmp_path / "was-run").exists()
