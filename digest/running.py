"""The long-running process and its one-round twin: schedule, delivery and web, put together.

serve = alarm(Rounds) + courier + web server      tick = one round + one delivery
"""

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from digest.actions.reconcile import deliver_due
from digest.clock import Clock
from digest.errors import OutsideFailure
from digest.schedule.alarm import alarm
from digest.schedule.courier import courier
from digest.schedule.rounds import Rounds
from digest.wiring import StandingOffice


def tick(folder: Path, clock: Clock, say: Callable[[str], None]) -> None:
    """Do one round of what is due, and send what is due."""
    office_now = StandingOffice(folder, clock, say)
    Rounds(office_now).go()
    deliver_due(office_now(), lambda: False, {})


def serve(folder: Path, clock: Clock, say: Callable[[str], None]) -> None:
    """Serve, keep the schedule and deliver until SIGTERM or SIGINT; what is under way is brought to its end."""
    import uvicorn

    from digest.web.app import application

    office_now = StandingOffice(folder, clock, say)
    web = office_now().newsroom.config.web
    host, _, port = (web.listen if web else "127.0.0.1:8000").rpartition(":")
    settings = uvicorn.Config(
        application(office_now),
        host=host,
        port=int(port),
        log_level="warning",
        access_log=False,  # addresses on the web hold tokens
        server_header=False,
    )
    server = uvicorn.Server(settings)
    rounds = Rounds(office_now)
    _stop_quietly()
    with alarm(rounds.go, say), courier(office_now, lambda: rounds.halted):
        say(f"serving http://{host}:{port}/, checking for what is due every few seconds")
        try:
            server.run()
        except SystemExit as error:
            raise OutsideFailure(f"{host}:{port} cannot be listened on", "Set `web.listen` to a free port.") from error
    say("stopped")


def _stop_quietly() -> None:
    """Let the server end by SIGTERM and SIGINT without the process being killed by them afterwards.

    uvicorn raises the signal again once it has stopped, which would end the process before delivery has.
    """

    def noted(_number: int, _frame: FrameType | None) -> None:
        return

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, noted)
