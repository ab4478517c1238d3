"""APScheduler as an alarm clock: it wakes, the database decides what is due.

Nothing is stored with it: its stored jobs are pickles, are lost when a process dies, and fire twice when two share a
store.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

EVERY = 15  # seconds


@contextmanager
def alarm(go: Callable[[], list[datetime]], say: Callable[[str], None], every: float = EVERY) -> Iterator[None]:
    """Call `go` at once, every 15 seconds, and at each moment that it returned, until the context ends.

    One call follows the other; one that is due while another still runs comes after it.
    """
    from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").addHandler(logging.NullHandler())  # what it would log, `report` says
    scheduler = BackgroundScheduler(timezone="UTC")
    turn, ending = threading.Lock(), threading.Event()

    def ring() -> None:
        with turn:
            for moment in [] if ending.is_set() else go():
                # A job of the same moment replaces the last one, so they do not add up.
                scheduler.add_job(
                    ring, "date", run_date=moment, id=moment.isoformat(), replace_existing=True, misfire_grace_time=None
                )

    def report(event: Any) -> None:  # noqa: ANN401 - APScheduler has no types
        say(f"a round of the schedule failed: {_reason(event)}")

    scheduler.add_listener(report, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    scheduler.add_job(ring, "interval", seconds=every, coalesce=True, max_instances=1, misfire_grace_time=None)
    scheduler.add_job(ring, "date", misfire_grace_time=None)
    scheduler.start()
    try:
        yield
    finally:
        ending.set()
        # While it shuts down it holds the lock of its jobs, so a round must not add any then, nor one become due.
        with turn:
            scheduler.remove_all_jobs()
        scheduler.shutdown(wait=True)


def _reason(event: Any) -> str:  # noqa: ANN401 - the same
    error = getattr(event, "exception", None)
    return f"{type(error).__name__}: {error}" if error else "the one before takes too long"
