"""Leaving by the link in a mail: GET asks, POST acts, whoever sends it (RFC 8058 one-click); and saying why."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.actions.holders import Holder, Link, who_holds
from digest.actions.ports import Office
from digest.actions.subscribe import leave, say_why
from digest.audience.subscriber import Consent
from digest.web.faces import Faces
from digest.web.visitors import Form, form_of, ip_of

_ROOT, _ROOT_BELOW = "../", "../../"


class Unsubscribe:
    """The page with one button, and what the button and mail programs post to.

    No cookie, no redirect and no look at the body: the token alone says who leaves, in whatever encoding a mail
    program sends `List-Unsubscribe=One-Click` (RFC 8058 section 3.2).
    """

    def __init__(self, office_now: Callable[[], Office], faces: Faces) -> None:
        self.office_now, self.faces = office_now, faces

    def ask(self, request: Request) -> HTMLResponse:
        """Return the page that asks; mail scanners follow links, so this changes nothing."""
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        state = "left" if holder.subscriber.gone else "ask"
        return self._page(office, holder, request, state)

    def act(self, request: Request) -> HTMLResponse:
        """Record that they left; saying so twice is fine."""
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        leave(office, holder, "link or one-click", ip_of(request))
        return self._page(office, holder, request, "left")

    async def take_reason(self, request: Request) -> HTMLResponse:
        """Remember why they left."""
        form = await form_of(request)
        return await run_in_threadpool(self._take_reason, request, form)

    def _take_reason(self, request: Request, form: Form | None) -> HTMLResponse:
        office, holder = self._holder(request)
        if holder is None or holder.subscriber.state is not Consent.LEFT:
            return self.faces.unknown(office.newsroom, request)
        if form is None:
            language = office.newsroom.config.newsroom.read_in(holder.subscriber.language)
            return self.faces.too_large(office.newsroom, _ROOT_BELOW, language)
        say_why(office, holder, form.one("reason"))
        return self._page(office, holder, request, "thanks", _ROOT_BELOW)

    def _holder(self, request: Request) -> tuple[Office, Holder | None]:
        office = self.office_now()
        return office, who_holds(office, Link.UNSUBSCRIBE, request.path_params["token"])

    def _page(self, office: Office, holder: Holder, request: Request, state: str, root: str = _ROOT) -> HTMLResponse:
        return self.faces.page(
            office.newsroom,
            "unsubscribe.html.j2",
            root,
            language=office.newsroom.config.newsroom.read_in(holder.subscriber.language),
            state=state,
            address=holder.masked,
            say_why=f"{request.path_params['token']}/reason",
            open=office.newsroom.config.takes_subscribers,
        )
