"""Whether schedule and sender are alive, for whoever watches the service."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from digest.actions.ports import Office
from digest.editions.edition import State
from digest.moments import to_stored

MAX_SILENCE = timedelta(minutes=2)  # eight rounds of the schedule
HEARTS = ("schedule", "mailings", "letters")  # of the schedule and of the threads that deliver


class Health:
    """Answers 200 while the hearts of the schedule and of what delivers beat, 503 otherwise."""

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now

    def show(self, _request: Request) -> JSONResponse:
        """Return when each of them beat last, and how many editions wait for a person or are under way."""
        office = self.office_now()
        hearts = {name: self._heart(office, name) for name in HEARTS}
        # What never beat is not run here, but for the schedule: `serve` without it is not well.
        dead = [name for name, heart in hearts.items() if not heart["alive"] and (heart["last"] or name == "schedule")]
        states = Counter(edition.state for edition in office.store.editions.open_editions())
        editions = {state.value: states[state] for state in (State.SENDING, State.PAUSED, State.HELD)}
        status = HTTPStatus.SERVICE_UNAVAILABLE if dead else HTTPStatus.OK
        return JSONResponse({**hearts, "editions": editions}, status)

    @staticmethod
    def _heart(office: Office, name: str) -> dict[str, object]:
        last = office.store.schedules.last_beat(name)
        return {"alive": last is not None and office.clock() - last <= MAX_SILENCE, "last": last and to_stored(last)}
