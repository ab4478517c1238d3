"""Saying yes by the link in a mail: GET asks, POST confirms, and both welcome whoever has confirmed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.actions.holders import Holder, Link, link_for, who_holds
from digest.actions.ports import Office
from digest.actions.subscribe import confirm
from digest.audience.subscriber import Consent
from digest.editions.slots import slots
from digest.web.choices import interests_in_words, offer_of, titles
from digest.web.faces import Faces
from digest.web.visitors import ip_of

_AHEAD = timedelta(days=62)  # two of the longest period
_ROOT = "../"


class Confirm:
    """The page with one button, and the welcome behind it."""

    def __init__(self, office_now: Callable[[], Office], faces: Faces) -> None:
        self.office_now, self.faces = office_now, faces

    def ask(self, request: Request) -> HTMLResponse:
        """Return the page that asks; mail scanners follow links, so this changes nothing."""
        office, holder = self._holder(request)
        return self._answer(office, holder, request)

    def act(self, request: Request) -> HTMLResponse:
        """Record that the owner of the address said yes; saying so twice is fine."""
        office, holder = self._holder(request)
        if holder:
            confirm(office, holder, ip_of(request))
            office, holder = self._holder(request)
        return self._answer(office, holder, request)

    def _holder(self, request: Request) -> tuple[Office, Holder | None]:
        office = self.office_now()
        return office, who_holds(office, Link.CONFIRM, request.path_params["token"])

    def _answer(self, office: Office, holder: Holder | None, request: Request) -> HTMLResponse:
        if holder is None or holder.subscriber.state is Consent.SUPPRESSED:
            return self.faces.unknown(office.newsroom, request)
        config, who = office.newsroom.config, holder.subscriber
        language = config.newsroom.read_in(who.language)
        offer = offer_of(config, language)
        return self.faces.page(
            office.newsroom,
            "welcome.html.j2" if who.state is Consent.CONFIRMED else "confirm.html.j2",
            _ROOT,
            language=language,
            address=holder.masked,
            left=who.state is Consent.LEFT,
            titles=titles(config, who.digests, language),
            narrowed=interests_in_words(offer, who.interests),
            due={offer.digests[key]: _next(office, key) for key in offer.digests if key in who.digests},
            preferences=f"{_ROOT}preferences/{link_for(office, Link.PREFERENCES, who)}",
        )


def _next(office: Office, digest: str) -> datetime | None:
    """Return when the digest is next due; None when nobody has planned it."""
    config, now = office.newsroom.config, office.clock()
    coming = slots(digest, config.digests[digest], config.newsroom.timezone, now, now + _AHEAD)
    return next((slot.at for slot in coming if not slot.skipped), None)
