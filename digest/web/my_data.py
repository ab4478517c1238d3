"""One's own data, by a fresh link: seen, downloaded, another address asked for, erased. GET only ever shows.

/my-data/<token>            GET shows all that is kept, POST hands it over as a file
/my-data/<token>/address    POST asks the new address by mail
/my-data/<token>/erase      GET asks once more, POST erases
"""

import json
from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.actions.holders import Holder, Link, who_holds
from digest.actions.personal import ask_to_move, erase, own_data
from digest.actions.ports import Office
from digest.addresses import parse_address
from digest.errors import UnfitText
from digest.web.choices import interests_in_words, offer_of, titles
from digest.web.faces import PERSONAL, Faces
from digest.web.visitors import Form, form_of, ip_of

_ROOT, _ROOT_BELOW = "../", "../../"
_FILE = {"Content-Disposition": 'attachment; filename="my-data.json"', "Content-Type": "application/json"}


class MyData:
    """The pages that only the owner of an address gets."""

    def __init__(self, office_now: Callable[[], Office], faces: Faces) -> None:
        self.office_now, self.faces = office_now, faces

    def show(self, request: Request) -> HTMLResponse:
        """Return all that is kept."""
        office, holder = self._holder(request)
        return self._page(office, holder, request) if holder else self.faces.unknown(office.newsroom, request)

    def download(self, request: Request) -> Response:
        """Return all that is kept as a file; by POST, so that what follows links does not get it."""
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        data = own_data(office.store.audience, holder.subscriber)
        return Response(json.dumps(data, ensure_ascii=False, indent=2), headers={**PERSONAL, **_FILE})

    async def take_address(self, request: Request) -> HTMLResponse:
        """Let the new address be asked by mail."""
        form = await form_of(request)
        return await run_in_threadpool(self._take_address, request, form)

    def ask_to_erase(self, request: Request) -> HTMLResponse:
        """Return the page that asks once more."""
        return self._erasure(request, act=False)

    def erase(self, request: Request) -> HTMLResponse:
        """Forget who they were."""
        return self._erasure(request, act=True)

    def _take_address(self, request: Request, form: Form | None) -> HTMLResponse:
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        language = office.newsroom.config.newsroom.read_in(holder.subscriber.language)
        if form is None:
            return self.faces.too_large(office.newsroom, _ROOT_BELOW, language)
        try:
            to = parse_address(form.one("address"))
        except UnfitText:
            return self._page(office, holder, request, _ROOT_BELOW, wrong=form.one("address"))
        reached = ask_to_move(office, holder, to, ip_of(request))
        if reached and reached != "address":
            return self.faces.too_many(office.newsroom, _ROOT_BELOW, language)
        back = f"../{request.path_params['token']}"
        return self.faces.page(
            office.newsroom, "asked_to_move.html.j2", _ROOT_BELOW, language=language, to=to.address, back=back
        )

    def _erasure(self, request: Request, *, act: bool) -> HTMLResponse:
        office, holder = self._holder(request)
        if holder is None:
            return self.faces.unknown(office.newsroom, request)
        erased = act and erase(office, holder)
        return self.faces.page(
            office.newsroom,
            "erase.html.j2",
            _ROOT_BELOW,
            language=office.newsroom.config.newsroom.read_in(holder.subscriber.language),
            address=holder.subscriber.address,
            erased=erased,
            back=f"../{request.path_params['token']}",
        )

    def _holder(self, request: Request) -> tuple[Office, Holder | None]:
        office = self.office_now()
        return office, who_holds(office, Link.MANAGE, request.path_params["token"])

    def _page(
        self, office: Office, holder: Holder, request: Request, root: str = _ROOT, *, wrong: str | None = None
    ) -> HTMLResponse:
        config, who = office.newsroom.config, holder.subscriber
        language = config.newsroom.read_in(who.language)
        here = f"{root}my-data/{request.path_params['token']}"
        return self.faces.page(
            office.newsroom,
            "my_data.html.j2",
            root,
            HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY,
            language=language,
            who=who,
            titles=titles(config, who.digests, language),
            narrowed=interests_in_words(offer_of(config, language), who.interests),
            history=office.store.audience.history(who.key),
            mails=office.store.audience.mails_to(who.key),
            paused=bool(who.paused_until and who.paused_until > office.clock()),
            here=here,
            wrong=wrong,
        )
