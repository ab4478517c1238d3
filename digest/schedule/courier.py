"""The thread that delivers, so that a long mailing keeps neither the clock nor the web waiting."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from digest.actions.ports import Office
from digest.actions.reconcile import deliver_due
from digest.errors import DigestError

EVERY = 5.0  # seconds between looks for editions to send


@contextmanager
def courier(office_now: Callable[[], Office], halted: Callable[[], bool], every: float = EVERY) -> Iterator[None]:
    """Deliver what is due, unless `halted`, until the context ends; a message being sent then is brought to its end."""
    say = office_now().say
    stop = threading.Event()
    pauses: dict[int, datetime] = {}

    def stop_now() -> bool:
        return stop.is_set() or halted()

    def run() -> None:
        while not stop.is_set():
            if not halted():
                _deliver(office_now, stop_now, pauses, say)
            stop.wait(every)

    thread = threading.Thread(target=run, name="courier")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _deliver(
    office_now: Callable[[], Office],
    stop_now: Callable[[], bool],
    pauses: dict[int, datetime],
    say: Callable[[str], None],
) -> None:
    try:
        deliver_due(office_now(), stop_now, pauses)
    except DigestError as error:
        say(f"delivery failed and will be tried again: {error}")
    except Exception as error:  # noqa: BLE001 - a thread that dies unheard would stop all mail
        say(f"delivery failed unexpectedly and will be tried again: {error!r}")
