"""Choosing what one gets, by the link in a mail: GET shows the form, POST takes it."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.actions.enlist import interests_of
from digest.actions.holders import Holder, Link, who_holds
from digest.actions.ports import Office
from digest.actions.subscribe import choose
from digest.audience.requests import Wish
from digest.errors import Refused
from digest.web.faces import PERSONAL, face

_MOST = 16_384  # bytes of a form: hundreds of kinds and topics


class Preferences:
    """The page of kinds, topics and language. The token alone says whose they are."""

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now

    def show(self, request: Request) -> HTMLResponse:
        """Return the form as it was chosen; mail scanners follow links, so this changes nothing."""
        office, holder = self._holder(request)
        return _form(office, holder) if holder else _unknown(office)

    async def take(self, request: Request) -> HTMLResponse:
        """Write down what was chosen."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST:
                return HTMLResponse("The form is too large.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, PERSONAL)
        return await run_in_threadpool(self._take, request, body)

    def _take(self, request: Request, body: bytes) -> HTMLResponse:
        office, holder = self._holder(request)
        if holder is None:
            return _unknown(office)
        form = parse_qs(body.decode(errors="replace"))
        config = office.newsroom.config
        try:
            interests = interests_of(config, form.get("kind", ()), form.get("topic", ()))
            language = next(iter(form.get("language", ())), _language(office, holder))
            choose(office, holder, Wish(language, holder.subscriber.digests, interests), None)
        except Refused as refused:
            return _form(office, holder, HTTPStatus.BAD_REQUEST, refused=str(refused))
        office, holder = self._holder(request)
        return _form(office, holder, saved=True) if holder else _unknown(office)

    def _holder(self, request: Request) -> tuple[Office, Holder | None]:
        office = self.office_now()
        holder = who_holds(office, Link.PREFERENCES, request.path_params["token"])
        return office, None if holder and holder.subscriber.gone else holder


def _form(
    office: Office, holder: Holder, status: HTTPStatus = HTTPStatus.OK, *, saved: bool = False, refused: str = ""
) -> HTMLResponse:
    config, subscriber = office.newsroom.config, holder.subscriber
    language = _language(office, holder)
    return face(
        office.newsroom,
        "preferences.html.j2",
        "../",
        status,
        PERSONAL,
        language=language,
        address=holder.masked,
        languages=config.newsroom.mail_languages,
        kinds={key: kind.plural.in_language(language) for key, kind in config.kinds.items()},
        topics={key: topic.label.in_language(language) for key, topic in config.topics.items()},
        interests=subscriber.interests,
        saved=saved,
        refused=refused,
    )


def _language(office: Office, holder: Holder) -> str:
    """Return in which language they get their mails now: their own, it without its region, or the newsroom's."""
    languages, own = office.newsroom.config.newsroom.mail_languages, holder.subscriber.language
    return next((tag for tag in (own, own.partition("-")[0]) if tag in languages), languages[0])


def _unknown(office: Office) -> HTMLResponse:
    return face(office.newsroom, "preferences.html.j2", "../", HTTPStatus.NOT_FOUND, PERSONAL, address="")
