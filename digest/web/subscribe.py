"""The form by which anybody can ask to be mailed: GET shows it, POST takes it down. What happens then, a mail says.

too large ─▶ 413   stamp void or young, address malformed ─▶ the form, filled as it was
a program filled in what people do not see ─▶ the same answer as to everybody, and nothing is kept
ask ─▶ limits of networks ─▶ 429     known, unknown, asked already ─▶ “look in your inbox”
"""

from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest import urls
from digest.actions.ports import Office
from digest.actions.subscribe import ask, check_wish
from digest.addresses import parse_address
from digest.audience.requests import Wish
from digest.errors import Refused, UnfitText
from digest.web.choices import offer_of, titles, wish_of
from digest.web.faces import Faces
from digest.web.stamps import age, stamp
from digest.web.visitors import Form, form_of, ip_of, language_of

TRAP = "remark"  # a field that people do not see
_ROOT = "./"


class Subscribe:
    """The page with the form."""

    def __init__(self, office_now: Callable[[], Office], faces: Faces) -> None:
        self.office_now, self.faces = office_now, faces

    def show(self, request: Request) -> HTMLResponse:
        """Return the form with everything ticked."""
        office, language = self._asked(request)
        config = office.newsroom.config
        if not config.takes_subscribers:
            return self._nothing(office, language)
        return self._form(office, language, Form(), Wish(language, tuple(config.digests)))

    async def take(self, request: Request) -> HTMLResponse:
        """Take down who wants what."""
        form = await form_of(request)
        return await run_in_threadpool(self._take, request, form)

    def _take(self, request: Request, form: Form | None) -> HTMLResponse:
        office, language = self._asked(request)
        if not office.newsroom.config.takes_subscribers:
            return self._nothing(office, language)
        if form is None:
            return self.faces.too_large(office.newsroom, _ROOT, language)
        wish, mistake = _wish(office, form, language)
        mistake = mistake or _mistake(office, form, wish, language)
        if mistake:
            return self._form(office, language, form, wish, mistake)
        return self._answer(office, language, form, wish, ip_of(request))

    def _answer(self, office: Office, language: str, form: Form, wish: Wish, ip: str) -> HTMLResponse:
        address = parse_address(form.one("address"))
        reached = None if form.one(TRAP) else ask(office, address, wish, self._evidence(office, language), ip)
        if reached and reached != "address":
            return self.faces.too_many(office.newsroom, _ROOT, language)
        named = titles(office.newsroom.config, wish.digests, wish.language)
        page, read = "inbox.html.j2", wish.language
        return self.faces.page(office.newsroom, page, _ROOT, language=read, titles=named, address=address.address)

    def _asked(self, request: Request) -> tuple[Office, str]:
        office = self.office_now()
        return office, language_of(request, office.newsroom.config.newsroom.mail_languages)

    def _form(self, office: Office, language: str, form: Form, wish: Wish, mistake: str = "") -> HTMLResponse:
        return self.faces.page(
            office.newsroom,
            "subscribe.html.j2",
            _ROOT,
            HTTPStatus.UNPROCESSABLE_ENTITY if mistake else HTTPStatus.OK,
            language=language,
            offer=offer_of(office.newsroom.config, language),
            address=form.one("address"),
            chosen=wish,
            mistake=mistake,
            consent=self._consent(office, language),
            stamp=_stamp(office, form, language),
            trap=TRAP,
        )

    def _nothing(self, office: Office, language: str) -> HTMLResponse:
        return self.faces.page(office.newsroom, "nothing.html.j2", _ROOT, HTTPStatus.NOT_FOUND, language=language)

    def _consent(self, office: Office, language: str) -> str:
        """Return the sentence by which somebody agrees, as the form shows it in a language."""
        named = titles(office.newsroom.config, tuple(office.newsroom.config.digests), language)
        return " ".join(self.faces.text(office.newsroom, "consent.j2", language=language, titles=named).split())

    def _evidence(self, office: Office, language: str) -> str:
        """Return what is kept as the proof: the form's address, what it said, and where it said to read more."""
        config = office.newsroom.config
        form = urls.subscribe(config.web) if config.web else ""
        said = f"{form}: {self._consent(office, language)}"
        return f"{said} {config.newsroom.privacy_url}" if config.newsroom.privacy_url else said


def _wish(office: Office, form: Form, language: str) -> tuple[Wish, str]:
    """Return what the form asks for, and whether that is wrong: config.yaml has changed, or no form of ours sent it."""
    config = office.newsroom.config
    try:
        wish = wish_of(form, config, language)
        check_wish(office, wish)
    except Refused:
        return Wish(language, tuple(config.digests)), "changed"
    return wish, ""


def _mistake(office: Office, form: Form, wish: Wish, language: str) -> str:
    """Return what else keeps the form from being taken; empty: nothing."""
    stands = age(office.keys, _purpose(language), form.one("stamp"), office.clock())
    if stands != "right":
        return stands
    if not wish.digests:
        return "digests"
    try:
        parse_address(form.one("address"))
    except UnfitText:
        return "address"
    return ""


def _stamp(office: Office, form: Form, language: str) -> str:
    """Return the stamp of the form that is shown: the one that it had, where that still holds."""
    had, purpose = form.one("stamp"), _purpose(language)
    if age(office.keys, purpose, had, office.clock()) == "right":
        return had
    return stamp(office.keys, purpose, office.clock())


def _purpose(language: str) -> str:
    return f"subscribe {language}"
