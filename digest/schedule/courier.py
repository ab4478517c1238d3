"""The threads that deliver, so that a long mailing keeps neither the clock nor the web nor a letter waiting."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from digest import clock
from digest.actions.letters import deliver_letters
from digest.actions.ports import Office
from digest.actions.reconcile import deliver_due
from digest.delivery.route import rest_of
from digest.errors import Busy, DigestError
from digest.moments import to_stored

Stop = Callable[[], bool]
BEAT_EVERY = 15.0  # seconds between heartbeats, also while a mailing takes hours


@dataclass(frozen=True)
class Load:
    """What a courier carries."""

    name: str
    every: float  # seconds between looks
    deliver: Callable[[Office, Stop], None]  # what is due


def _letters(office: Office, stop: Stop) -> None:
    if rest_of(office.routes, office.clock()):
        return
    try:
        summary = deliver_letters(office, stop)
    except Busy:  # another process mails them
        return
    if summary and summary.paused_until:
        office.say(f"letters rest until {to_stored(summary.paused_until)}: {summary.reason}")


mailings = Load("mailings", 5.0, deliver_due)
letters = Load("letters", 1.0, _letters)  # people wait for them


@contextmanager
def courier(
    office_now: Callable[[], Office], load: Load, halted: Callable[[], bool], every: float | None = None
) -> Iterator[None]:
    """Deliver what is due, unless `halted`, until the context ends; a message being sent then is brought to its end."""
    say = office_now().say
    stop = threading.Event()
    said = ""
    beaten = -BEAT_EVERY

    def stop_now() -> bool:
        """Return whether to stop; who delivers asks that all the time, so it is where the heart beats."""
        nonlocal beaten
        if clock.monotonic() - beaten >= BEAT_EVERY:
            beaten = clock.monotonic()
            office = office_now()
            office.store.schedules.beat(load.name, office.clock())
        return stop.is_set() or halted()

    def run() -> None:
        nonlocal said
        while not stop.is_set():
            if not halted() and (failure := _failure(office_now, load.deliver, stop_now)) != said:
                said = failure
                if failure:
                    say(failure)
            stop.wait(every or load.every)

    thread = threading.Thread(target=run, name=load.name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _failure(office_now: Callable[[], Office], deliver: Callable[[Office, Stop], None], stop_now: Stop) -> str:
    """Deliver, and return what went wrong in words, or an empty text."""
    try:
        stop_now()
        deliver(office_now(), stop_now)
    except DigestError as error:
        return f"delivery failed and will be tried again: {error}"
    except Exception as error:  # noqa: BLE001 - a thread that dies unheard would stop all mail
        return f"delivery failed unexpectedly and will be tried again: {error!r}"
    return ""
