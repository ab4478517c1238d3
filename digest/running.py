"""The long-running processes and what does one round of `serve`: schedule, delivery and web, put together.

serve = alarm(Rounds) + courier + web server      tick = one round + one delivery
preview = looks for changes + web server
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from digest.actions.letters import deliver_letters
from digest.actions.preview import Preview
from digest.actions.reconcile import deliver_due
from digest.clock import Clock
from digest.config import FILE
from digest.errors import OutsideFailure
from digest.schedule.alarm import alarm
from digest.schedule.courier import courier, letters, mailings
from digest.schedule.rounds import Rounds
from digest.wiring import StandingOffice, newsroom_at, store_to_read

if TYPE_CHECKING:
    import uvicorn

_HERE = "127.0.0.1"  # a preview shows what nobody else may read yet
_BACKLOG = 2048  # visitors that wait to be taken, as uvicorn has it
_LOOK = 0.3  # seconds between looks for changes


def tick(folder: Path, clock: Clock, say: Callable[[str], None]) -> None:
    """Do one round of what is due, and send what is due."""
    office_now = StandingOffice(folder, clock, say)
    Rounds(office_now).go()
    deliver_letters(office_now(), lambda: False)
    deliver_due(office_now(), lambda: False)


def serve(folder: Path, clock: Clock, say: Callable[[str], None]) -> None:
    """Serve, keep the schedule and deliver until SIGTERM or SIGINT; what is under way is brought to its end."""
    import uvicorn

    from digest.web.app import application

    office_now = StandingOffice(folder, clock, say)
    web = office_now().newsroom.config.web
    host, _, port = (web.listen if web else "127.0.0.1:8000").rpartition(":")
    listeners = _listening(host, int(port), "Set `web.listen` to a free port.")  # before anything is done
    settings = uvicorn.Config(
        application(office_now),
        forwarded_allow_ips=list(web.trusted_proxies) if web else [],
        log_level="warning",
        access_log=False,  # addresses on the web hold tokens
        server_header=False,
    )
    server = uvicorn.Server(settings)
    rounds = Rounds(office_now)
    _stop_quietly(server)
    couriers = courier(office_now, mailings, lambda: rounds.halted), courier(office_now, letters, lambda: rounds.halted)
    with alarm(rounds.go, say), couriers[0], couriers[1]:
        say(f"serving http://{host}:{port}/, checking for what is due every few seconds")
        server.run(sockets=listeners)
    say("stopped")


def preview(folder: Path, port: int, at: datetime | None, clock: Clock, say: Callable[[str], None]) -> None:
    """Serve the newsroom as it is written until SIGTERM or SIGINT, to this computer only.

    Raises InvalidInput when the folder is no newsroom, OutsideFailure when the port is taken.
    """
    import uvicorn

    from digest.web.preview import application

    if not (folder / FILE).is_file():
        newsroom_at(folder)  # tells so
    with closing(_listening(_HERE, port, "Give another port with --port.")[0]) as listener:
        shown = Preview(folder.resolve(), port, at, clock, say)
        shown.look()
        settings = uvicorn.Config(
            application(shown, lambda: server.should_exit, store_to_read),
            log_level="critical",  # what is cut off at the end is no error
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,  # second; a browser may hold a film half loaded
        )
        server = uvicorn.Server(settings)
        _stop_quietly(server)
        with _looking(shown.look):
            say(f"preview: http://{_HERE}:{port}/, built anew when you save; Ctrl-C ends it")
            server.run(sockets=[listener])
    say("stopped")


def _listening(host: str, port: int, remedy: str) -> list[socket.socket]:
    """Return a socket for each address that the host has; OutsideFailure when one cannot be listened on."""
    listeners: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((family, address) for family, *_, address in found):
            listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
            # Visitors' connections inherit it. asyncio would set it on sockets of its own making only, and without it
            # the second part of each answer waits 40 ms for the first one's acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listeners.append(listener)
    except OSError as error:
        for listener in listeners:
            listener.close()
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise OutsideFailure(f"{host}:{port} cannot be listened on: {reason}", remedy) from error
    return listeners


@contextmanager
def _looking(look: Callable[[], None]) -> Iterator[None]:
    """Look again and again until the context ends; what is being built then is left as it is."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(_LOOK):
            look()

    threading.Thread(target=run, name="preview", daemon=True).start()
    try:
        yield
    finally:
        stop.set()


def _stop_quietly(server: "uvicorn.Server") -> None:
    """Let the server end by SIGTERM and SIGINT without the process being killed by them afterwards.

    uvicorn raises the signal again once it has stopped, which would end the process before delivery has.
    One that comes before it listens to signals is not lost: the port is open by then, so that somebody may send it.
    """

    def noted(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, noted)
