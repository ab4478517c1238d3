"""Editions in the preview: a list, and each as its readers get it; only looked at, never kept and never changed.

/.preview/editions/                        those of the database, and each digest's next as it would be composed now
/.preview/editions/<digest>/<name>/        one, for a choice of language, kinds and topics; `next` for the next
/.preview/mails/<digest>/<name>/<look>     the mail itself, for a frame
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.actions.compose import Past, frozen_content, past_of
from digest.actions.find import find_edition
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Store
from digest.actions.preview import Preview, Shown
from digest.actions.proofs import composed_now, next_edition, pictures_of, variant_of
from digest.editions.edition import Edition
from digest.editions.freezing import Frozen
from digest.errors import DigestError, Refused
from digest.mail.looks import LOOKS, addresses_of_pictures, page_seen
from digest.mail.proof import SANDBOX, Circumstances, Framed, Proof, proof_of, proof_page
from digest.templating import environment, rendered
from digest.web import preview_bar

LIST = preview_bar.EDITIONS
MAILS = "/.preview/mails/"
STYLE_SHEET = "/.preview/proof.css"
_NEXT = "next"
_LOOKS = {look.name: look for look in LOOKS}
_FRAME = {
    # The sandbox holds for who opens the frame's address by itself, too.
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; "
        f"sandbox {SANDBOX}"
    ),
}

Remembered = Callable[[Newsroom], AbstractContextManager[Store | None]]


def nothing_remembered(_newsroom: Newsroom) -> AbstractContextManager[None]:
    """Give no store, as where there is no database yet."""
    return nullcontext()


class Editions:
    """The pages about editions and the frames in them; `remembered` opens the database to be read."""

    def __init__(self, preview: Preview, remembered: Remembered) -> None:
        self._preview, self._remembered = preview, remembered
        self._composed = dict[tuple[str, Edition, Past], Frozen]()  # as of what is shown

    def routes(self) -> list[Route]:
        """Return where they are."""
        return [
            Route(LIST, self.overview, methods=["GET"]),
            Route(f"{LIST}{{digest}}/{{name}}/", self.page, methods=["GET"]),
            Route(f"{MAILS}{{digest}}/{{name}}/{{look}}", self.mail, methods=["GET"]),
        ]

    def overview(self, _request: Request) -> Response:
        """Return the list."""

        def page(newsroom: Newsroom, _shown: Shown) -> Response:
            moment = self._moment()
            with self._remembered(newsroom) as store:
                kept = store.editions.recent() if store else ()
                coming = [
                    next_edition(newsroom, store.editions if store else None, name, moment)
                    for name in newsroom.config.digests
                ]
            return _overview(newsroom, kept=kept, coming=coming)

        return self._answer(page)

    def page(self, request: Request) -> Response:
        """Return the page of one edition."""

        def page(newsroom: Newsroom, shown: Shown) -> Response:
            edition, proof = self._proof(request, newsroom, shown)
            pictures = self._pictures(proof, newsroom, shown)
            missing = len(set(addresses_of_pictures(proof.copy.html)) - pictures.keys())
            below = f"{MAILS}{quote(edition.digest)}/{quote(request.path_params['name'])}/"
            frames = [Framed(look, source=f"{below}{look.name}?{_query(proof)}") for look in LOOKS]
            about = Circumstances(
                edition, as_it_would_be=_is_next(request), now=self._preview.now(), missing=missing, alone=False
            )
            return HTMLResponse(proof_page(proof, about, frames, newsroom.config, newsroom.folder))

        return self._answer(page)

    def mail(self, request: Request) -> Response:
        """Return the mail itself as a frame shows it."""
        look = _LOOKS.get(request.path_params["look"])

        def page(newsroom: Newsroom, shown: Shown) -> Response:
            if look is None:
                return PlainTextResponse("There is no such look.", HTTPStatus.NOT_FOUND)
            _, proof = self._proof(request, newsroom, shown)
            pictures = self._pictures(proof, newsroom, shown)
            return HTMLResponse(page_seen(proof.copy.html, look, pictures), headers=_FRAME)

        return self._answer(page)

    def _proof(self, request: Request, newsroom: Newsroom, shown: Shown) -> tuple[Edition, Proof]:
        query = request.query_params
        languages = query.getlist("language")
        variant = variant_of(
            newsroom.config, languages[0] if languages else None, query.getlist("kind"), query.getlist("topic")
        )
        digest, name = request.path_params["digest"], request.path_params["name"]
        with self._remembered(newsroom) as store:
            if not _is_next(request):
                if store is None:
                    raise Refused("there is no database yet", "`digest serve` or `digest edition compose` makes it.")
                edition = find_edition(store, f"{digest}/{name}")
                frozen = frozen_content(newsroom, edition)
            else:
                edition = next_edition(newsroom, store.editions if store else None, digest, self._moment())
                past = past_of(store, digest) if store else Past()
                frozen = self._as_of_now(newsroom, shown, edition, past)
        return edition, proof_of(frozen, variant)

    def _as_of_now(self, newsroom: Newsroom, shown: Shown, edition: Edition, past: Past) -> Frozen:
        """Return what would be composed, composed once for all frames of a page."""
        key = (shown.key, edition, past)
        if key not in self._composed:
            frozen = composed_now(newsroom, past, edition, shown.items, self._moment())
            self._composed = {one: kept for one, kept in self._composed.items() if one[0] == shown.key} | {key: frozen}
        return self._composed[key]

    @staticmethod
    def _pictures(proof: Proof, newsroom: Newsroom, shown: Shown) -> dict[str, str]:
        sites = [one.public for one in (shown.newsroom, newsroom) if one]
        return pictures_of(proof, sites, lambda: shown.items)

    def _moment(self) -> datetime:
        return self._preview.at or self._preview.now()

    def _answer(self, make: Callable[[Newsroom, Shown], Response]) -> Response:
        """Return what `make` does, or why it cannot, in words."""
        shown = self._preview.shown
        if shown.newsroom is None:
            return HTMLResponse(preview_bar.EMPTY_PAGE, HTTPStatus.SERVICE_UNAVAILABLE)
        # What was composed stands in the newsroom's own var/, not in the preview's.
        newsroom = Newsroom(shown.newsroom.folder, shown.newsroom.config)
        try:
            return make(newsroom, shown)
        except DigestError as error:
            return _failed(newsroom, str(error))
        except Exception as error:  # noqa: BLE001 - a newsroom's own template can raise anything
            return _failed(newsroom, f"{type(error).__name__}: {error}")


def _failed(newsroom: Newsroom, failure: str) -> Response:
    try:
        return _overview(newsroom, failure=failure)
    except DigestError:  # the template that failed is that of this very page
        return PlainTextResponse(failure, HTTPStatus.CONFLICT)


def _overview(
    newsroom: Newsroom, *, kept: Sequence[Edition] = (), coming: Sequence[Edition] = (), failure: str | None = None
) -> HTMLResponse:
    config = newsroom.config
    values = {
        "newsroom": config.newsroom,
        "root": "/",
        "language": config.newsroom.language,
        "list": LIST,
        "kept": kept,
        "coming": coming,
        "failure": failure,
        "titles": {name: one.title.in_language(config.newsroom.language) for name, one in config.digests.items()},
    }
    page = rendered(environment(newsroom.folder, config, escape=True), "web/proofs.html.j2", values)
    return HTMLResponse(page, HTTPStatus.CONFLICT if failure else HTTPStatus.OK)


def _is_next(request: Request) -> bool:
    return bool(request.path_params["name"] == _NEXT)


def _query(proof: Proof) -> str:
    """Return the choice as a form would send it."""
    chosen = proof.variant.interests
    pairs = [("language", proof.variant.language)]
    pairs += [("kind", kind) for kind in sorted(chosen.kinds)] + [("topic", topic) for topic in sorted(chosen.topics)]
    return urlencode(pairs)
