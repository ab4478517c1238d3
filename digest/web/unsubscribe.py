"""Leaving by the link in a mail: GET asks, POST acts, whoever sends it (RFC 8058 one-click)."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.actions.holders import Link, who_holds
from digest.actions.ports import Office
from digest.actions.subscribe import leave
from digest.web.faces import PERSONAL, face


class Unsubscribe:
    """The page with one button, and what the button and mail programs post to.

    No cookie, no redirect and no look at the body: the token alone says who leaves, in whatever encoding a mail
    program sends `List-Unsubscribe=One-Click` (RFC 8058 section 3.2).
    """

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now

    def ask(self, request: Request) -> HTMLResponse:
        """Return the page that asks; mail scanners follow links, so this changes nothing."""
        return self._answer(request, act=False)

    def act(self, request: Request) -> HTMLResponse:
        """Record that they left; saying so twice is fine."""
        return self._answer(request, act=True)

    def _answer(self, request: Request, *, act: bool) -> HTMLResponse:
        office = self.office_now()
        holder = who_holds(office, Link.UNSUBSCRIBE, request.path_params["token"])
        if holder is None:
            return _page(office, "unknown", HTTPStatus.NOT_FOUND)
        if act:
            leave(office, holder, "link or one-click")
        state = "left" if act or holder.subscriber.gone else "ask"
        return _page(office, state, HTTPStatus.OK, holder.masked)


def _page(office: Office, state: str, status: HTTPStatus, address: str = "") -> HTMLResponse:
    root = "../"  # from /unsubscribe/<token>
    return face(office.newsroom, "unsubscribe.html.j2", root, status, PERSONAL, state=state, address=address)
