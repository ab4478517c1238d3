"""What the sender's one thread waits for: servers that say something, and servers that let us in."""

import os
import selectors
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE
from types import TracebackType
from typing import Self

from digest import clock
from digest.delivery.lane import Lane
from digest.delivery.transport import Connect, Transport

_LOOK = 1.0  # seconds between looks whose patience is at its end

Connected = tuple[Lane, Transport | BaseException]


class Waits:
    """The waits of one run; only `wake` may be called by other threads."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._bell, self._cord = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._bell, EVENT_READ)
        self._connected: SimpleQueue[Connected] = SimpleQueue()
        self._next_look = clock.monotonic()
        self._over = False
        self._lock = threading.Lock()  # held to let a run end between a connection's being made and its being told

    def __enter__(self) -> Self:
        """Be used until the context ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for nothing any more."""
        with self._lock:
            self._over = True
        for _lane, transport in self.connected():
            _drop(transport)
        self._selector.close()
        os.close(self._bell)
        os.close(self._cord)

    def wake(self) -> None:
        """End the wait that goes on, or the next one."""
        os.write(self._cord, b"!")

    def connect(self, lane: Lane, connect: Connect) -> None:
        """Have a server let us in; `connected` tells how that ended."""

        def run() -> None:
            try:
                made: Transport | BaseException = connect()
            except BaseException as error:  # noqa: BLE001 - raised where the lane is served
                made = error
            with self._lock:
                if not self._over:
                    self._connected.put((lane, made))
                    self.wake()
                    return
            _drop(made)

        threading.Thread(target=run, name="connect", daemon=True).start()

    def connected(self) -> Iterator[Connected]:
        """Yield each lane that a server let in, or did not."""
        while not self._connected.empty():
            yield self._connected.get()

    def watch(self, lane: Lane) -> None:
        """Wait for what the lane's transport waits for."""
        if lane.transport is None:
            return
        # While it writes, nothing that the server says is read: it would be ready to be read again and again.
        events = EVENT_WRITE if lane.transport.writes() else EVENT_READ
        if events == lane.watched:
            return
        if lane.watched:
            self._selector.modify(lane.transport, events, lane)
        else:
            self._selector.register(lane.transport, events, lane)
        lane.watched = events

    def forget(self, lane: Lane) -> None:
        """Wait for nothing that the lane's transport says."""
        if lane.watched and lane.transport:
            self._selector.unregister(lane.transport)
            lane.watched = 0

    def ready(self, seconds: float) -> list[Lane]:
        """Return the lanes that can go on, or whose patience is at its end, after at most so many seconds."""
        found = []
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(self._bell, 4096)
            else:
                found.append(key.data)
        if clock.monotonic() >= self._next_look:
            found += [lane for lane in self._impatient() if lane not in found]
        return found

    def _impatient(self) -> list[Lane]:
        now = clock.monotonic()
        self._next_look = now + _LOOK
        watched = [key.data for key in self._selector.get_map().values() if key.data]
        return [lane for lane in watched if lane.transport.deadline <= now]


def _drop(made: Transport | BaseException) -> None:
    if not isinstance(made, BaseException):
        made.drop()
