"""Processes that share work.

They are started when there is enough to do for the first time, and then serve whatever comes until the crew goes home:
as forks of this process, which has loaded everything, or of one that does nothing else, where threads run in this one.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from multiprocessing import forkserver, get_all_start_methods, get_context, parent_process, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from threading import Thread, active_count
from types import TracebackType
from typing import Self, TypeVar

from digest.errors import OutsideFailure

_START = 3  # batches; with fewer, starting processes (0.4 s each) takes longer than it saves
_LARGER = 4  # times a batch: the most that a process is given at a time; the least is as much smaller
_SAFE_PATH = "PYTHONSAFEPATH"  # Python's own, as its option -P

Job = TypeVar("Job")
Result = TypeVar("Result")


class Crew:
    """As many processes as there are cores; a context in which they live."""

    def __init__(self, processes: int | None = None, preload: Sequence[str] = ()) -> None:
        """Begin without any process; what starts those to come where threads run begins with `preload` loaded."""
        self._processes = processes or os.cpu_count() or 1
        self._preload = list(preload)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the processes."""
        self._go_home()

    def _go_home(self) -> None:
        """End the processes once each has done what it is at; what is still waiting for one is dropped."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def work(
        self, do: Callable[[Sequence[Job]], Sequence[Result]], jobs: Sequence[Job], batch: int
    ) -> Iterator[Result]:
        """Return what `do` returns for each job, in their order; it is given some `batch` jobs at a time.

        `do`, jobs and results travel between processes, unless there is so little to do that it is done here. The
        processes start at once, perhaps as forks: no transaction may be open in a SQLite file that `do` opens (its
        locks would be taken for its own; sqlite.org/howtocorrupt.html, section 2.6). The iterator raises what `do`
        raises, and OutsideFailure when a process is ended from outside.
        """
        if self._processes == 1 or (self._pool is None and len(jobs) < _START * batch):
            return chain.from_iterable(map(do, _alike(jobs, batch)))
        with self._answering(), _only_the_program():
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self._processes, _context(self._preload), _begin)
            with _not_interrupted():  # processes whose start is cut short would complain
                done = self._pool.map(do, list(_smaller(jobs, batch, self._processes)))
        return chain.from_iterable(self._told(done))

    def _told(self, done: Iterator[Sequence[Result]]) -> Iterator[Sequence[Result]]:
        with self._answering():
            yield from done

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except BrokenProcessPool as error:
            message = "a process that helps to build was ended from outside"
            raise OutsideFailure(message, "Look for too little memory, then build again.") from error
        except BaseException:
            self._go_home()  # before anybody clears away what the others still write
            raise


def _alike(jobs: Sequence[Job], batch: int) -> Iterator[Sequence[Job]]:
    """Yield the jobs in their order, `batch` at a time."""
    for start in range(0, len(jobs), batch):
        yield jobs[start : start + batch]


def _smaller(jobs: Sequence[Job], batch: int, processes: int) -> Iterator[Sequence[Job]]:
    """Yield the jobs in their order: many at a time first, since neighbours have much in common, and few in the end.

    It is always the share of a process of what is left (guided self-scheduling: Polychronopoulos and Kuck, 1987), so
    that all processes end at about the same time.
    """
    start = 0
    while start < len(jobs):
        share = (len(jobs) - start) // processes
        size = max(1, batch // _LARGER, min(share, batch * _LARGER))
        yield jobs[start : start + size]
        start += size


def _context(preload: list[str]) -> BaseContext:
    """Return how processes are started: as forks of this one, unless that would copy locks that its threads hold.

    With threads, they are forks of a process that does nothing else, and has loaded the modules `preload`; so they are
    on macOS, whose own libraries start threads.
    """
    if sys.platform == "linux" and active_count() == 1:
        return get_context("fork")
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(preload)
    resource_tracker.ensure_running()  # it would be started on the way, and begins by hearing signals again
    with _not_interrupted():
        forkserver.ensure_running()
    return context


@contextmanager
def _only_the_program() -> Iterator[None]:
    """Let processes that are started meanwhile find modules only where this one does.

    Otherwise they look first in the folder in which the program is run, usually the newsroom's: a file `yaml.py` there
    would be run.
    """
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait; what is started meanwhile never hears them, since one process is to decide."""
    hearing = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, hearing)


def _begin() -> None:
    """Begin the life of a process of the crew: it ends with the one that it works for, however that ends."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork has the handler of the one that builds
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # by it a pool that lost one ends the others
    gc.disable()  # batches leave hardly any cycles, and looking for them takes a tenth of the time
    employer = parent_process()
    if employer:
        Thread(target=_end_with, args=(employer.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
