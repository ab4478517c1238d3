"""Choosing what one gets, by the link in a mail: GET shows the form, POST takes it.

Mails are forwarded. So this shows a masked address, and whoever wants to see more is mailed a link.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.actions.holders import Holder, Link, link_for, who_holds
from digest.actions.personal import ask_to_manage
from digest.actions.ports import Office
from digest.actions.subscribe import choose
from digest.audience.requests import Wish
from digest.audience.subscriber import Consent
from digest.errors import Refused, UnfitText
from digest.moments import local_moment, parse_day
from digest.web.choices import offer_of, wish_of
from digest.web.faces import PERSONAL, Faces
from digest.web.visitors import Form, form_of, ip_of

_LONGEST_PAUSE = timedelta(days=366)
_ROOT, _ROOT_BELOW = "../", "../../"


class Preferences:
    """The page of digests, kinds, topics, language and pause. The token alone says whose they are."""

    def __init__(self, office_now: Callable[[], Office], faces: Faces) -> None:
        self.office_now, self.faces = office_now, faces

    def show(self, request: Request) -> HTMLResponse:
        """Return the form as it was chosen; mail scanners follow links, so this changes nothing."""
        office, holder = self._holder(request)
        return self._form(office, holder) if holder else self.faces.unknown(office.newsroom, request)

    async def take(self, request: Request) -> HTMLResponse:
        """Write down what was chosen."""
        form = await form_of(request)
        return await run_in_threadpool(self._take, request, form)

    def mail_link(self, request: Request) -> HTMLResponse:
        """Let a link to their data be mailed to them."""
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        language = office.newsroom.config.newsroom.read_in(holder.subscriber.language)
        reached = ask_to_manage(office, holder, ip_of(request))
        if reached and reached != "address":
            return self.faces.too_many(office.newsroom, _ROOT_BELOW, language)
        back = f"../{request.path_params['token']}"
        return self.faces.page(
            office.newsroom, "mailed.html.j2", _ROOT_BELOW, language=language, address=holder.masked, back=back
        )

    def _take(self, request: Request, form: Form | None) -> HTMLResponse:
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        config = office.newsroom.config
        language = config.newsroom.read_in(holder.subscriber.language)
        if form is None:
            return self.faces.too_large(office.newsroom, _ROOT, language)
        wish = None
        try:
            wish = wish_of(form, config, language)
            paused_until = _pause(office, form.one("pause"))
            choose(office, holder, wish, paused_until, ip_of(request))
        except UnfitText:
            return self._form(office, holder, wish, pause=form.one("pause"), mistake="pause")
        except Refused as refused:
            empty = len(config.digests) > 1 and not form.all("digest")
            return self._form(office, holder, wish, mistake="digests" if empty else str(refused))
        office, holder = self._holder(request)
        return self._form(office, holder, saved=True) if holder else self.faces.unknown(office.newsroom, request)

    def _holder(self, request: Request) -> tuple[Office, Holder | None]:
        office = self.office_now()
        holder = who_holds(office, Link.PREFERENCES, request.path_params["token"])
        return office, holder if holder and holder.subscriber.state is Consent.CONFIRMED else None

    def _form(  # noqa: PLR0913 - what may stand in it
        self,
        office: Office,
        holder: Holder,
        wish: Wish | None = None,
        *,
        pause: str | None = None,
        saved: bool = False,
        mistake: str = "",
    ) -> HTMLResponse:
        config, who = office.newsroom.config, holder.subscriber
        language = config.newsroom.read_in(who.language)
        today = office.clock().astimezone(config.newsroom.timezone).date()
        return self.faces.page(
            office.newsroom,
            "preferences.html.j2",
            _ROOT,
            HTTPStatus.UNPROCESSABLE_ENTITY if mistake else HTTPStatus.OK,
            PERSONAL,
            language=language,
            address=holder.masked,
            offer=offer_of(config, language),
            chosen=wish or Wish(language, who.digests, who.interests),
            pause=_shown(office, who.paused_until) if pause is None else pause,
            earliest=today + timedelta(days=1),
            latest=today + _LONGEST_PAUSE,
            saved=saved,
            mistake=mistake,
            leave=f"{_ROOT}unsubscribe/{link_for(office, Link.UNSUBSCRIBE, who, holder.number)}",
            mail_link=f"{link_for(office, Link.PREFERENCES, who, holder.number)}/my-data",
        )


def _pause(office: Office, text: str) -> datetime | None:
    """Return until when nothing is to be mailed, the beginning of a day; UnfitText for none in the coming year."""
    if not text:
        return None
    zone = office.newsroom.config.newsroom.timezone
    day, today = parse_day(text), office.clock().astimezone(zone).date()
    if not today < day <= today + _LONGEST_PAUSE:
        raise UnfitText(f"{text} is not in the coming year", "Choose a day from tomorrow on.")
    return local_moment(day, time(), zone)


def _shown(office: Office, until: datetime | None) -> str:
    if until is None or until <= office.clock():
        return ""
    return until.astimezone(office.newsroom.config.newsroom.timezone).date().isoformat()
