"""Whether the schedule is alive, for whoever watches the service."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from digest.actions.ports import Office
from digest.moments import to_stored

MAX_SILENCE = timedelta(minutes=2)  # eight rounds of the schedule


class Health:
    """Answers 200 while the schedule's heart beats, 503 otherwise."""

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now

    def show(self, _request: Request) -> JSONResponse:
        """Return when the schedule last went round."""
        office = self.office_now()
        last = office.store.schedules.last_beat("schedule")
        alive = last is not None and office.clock() - last <= MAX_SILENCE
        status = HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"schedule": {"alive": alive, "last": last and to_stored(last)}}, status)
