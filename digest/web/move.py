"""Getting everything at another address from now on, by the link mailed there: GET asks, POST moves."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.actions.holders import Holder, Link, who_holds
from digest.actions.personal import move, where_to
from digest.actions.ports import Office
from digest.addresses import Address, masked
from digest.web.faces import Faces
from digest.web.visitors import ip_of

_ROOT = "../"


class Move:
    """The page with one button that only the owner of the new address can have."""

    def __init__(self, office_now: Callable[[], Office], faces: Faces) -> None:
        self.office_now, self.faces = office_now, faces

    def ask(self, request: Request) -> HTMLResponse:
        """Return the page that asks; mail scanners follow links, so this changes nothing."""
        office, holder, to = self._holder(request)
        if holder is None or to is None:
            return self.faces.unknown(office.newsroom, request)
        return self._page(office, holder, to, "ask")

    def act(self, request: Request) -> HTMLResponse:
        """Mail them at the new address from now on."""
        office, holder, to = self._holder(request)
        if holder is None or to is None:
            return self.faces.unknown(office.newsroom, request)
        moved = move(office, holder, to, ip_of(request))
        return self._page(office, holder, to, "moved" if moved else "taken")

    def _holder(self, request: Request) -> tuple[Office, Holder | None, Address | None]:
        office = self.office_now()
        holder = who_holds(office, Link.MOVE, request.path_params["token"])
        return office, holder, where_to(office, holder) if holder else None

    def _page(self, office: Office, holder: Holder, to: Address, state: str) -> HTMLResponse:
        return self.faces.page(
            office.newsroom,
            "move.html.j2",
            _ROOT,
            HTTPStatus.CONFLICT if state == "taken" else HTTPStatus.OK,
            language=office.newsroom.config.newsroom.read_in(holder.subscriber.language),
            state=state,
            address=holder.masked,
            to=masked(to.address),
        )
