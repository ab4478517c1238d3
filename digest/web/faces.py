"""The pages that no build makes, and the files that go with them: templates/web/."""

import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.actions.newsroom import Newsroom
from digest.config import Config
from digest.templating import Environment, environment, rendered, shipped_templates
from digest.web import file_headers
from digest.web.files import Shelf
from digest.web.looks import Dresser
from digest.web.serving import file_answer
from digest.web.visitors import language_of

_Stamp = tuple[str, int, int]  # path, time, size
PERSONAL = {"Cache-Control": "private, no-store"}  # of pages that are one person's


def face(
    newsroom: Newsroom, template: str, root: str, status: HTTPStatus, headers: Mapping[str, str], **values: object
) -> HTMLResponse:
    """Return a page; `root` is the reference that leads from its address to the root."""
    templates = environment(newsroom.folder, newsroom.config, escape=True)
    common = {"newsroom": newsroom.config.newsroom, "root": root, "language": newsroom.config.newsroom.language}
    return HTMLResponse(rendered(templates, f"web/{template}", {**common, **values}), status, headers)


class Shop:
    """Keeps templates compiled as long as neither config.yaml nor a file of theirs changes: compiling takes 20 ms."""

    def __init__(self) -> None:
        self._seen: tuple[Config, list[_Stamp]] | None = None
        self._made: dict[bool, Environment] = {}

    def templates(self, newsroom: Newsroom, *, escape: bool) -> Environment:
        """Return the templates, for pages or for plain text."""
        seen = newsroom.config, _stamps(newsroom.folder / "templates")
        made = self._made
        if self._seen is None or self._seen[0] is not seen[0] or self._seen[1] != seen[1]:
            made = {on: environment(newsroom.folder, newsroom.config, escape=on) for on in (True, False)}
            self._made, self._seen = made, seen
        return made[escape]


def _stamps(folder: Path) -> list[_Stamp]:
    """Return what tells that a file of the newsroom's own templates changed; the shipped ones do not."""
    stamps = []
    for here, _, names in os.walk(folder, followlinks=True):
        for name in names:
            with suppress(OSError):  # removed this moment
                status = Path(here, name).stat()
                stamps.append((f"{here}/{name}", status.st_mtime_ns, status.st_size))
    return stamps


class Faces:
    """Makes pages in the newsroom's looks."""

    def __init__(self) -> None:
        self._dresser = Dresser()
        self._shop = Shop()

    def page(
        self,
        newsroom: Newsroom,
        template: str,
        root: str,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] = PERSONAL,
        **values: object,
    ) -> HTMLResponse:
        """Return a page, one person's unless `headers` say otherwise."""
        looks = self._dresser.looks(newsroom)
        common = {"newsroom": newsroom.config.newsroom, "root": root, "language": newsroom.config.newsroom.language}
        text = rendered(
            self._shop.templates(newsroom, escape=True), f"web/{template}", {**common, "looks": looks, **values}
        )
        return HTMLResponse(text, status, headers)

    def text(self, newsroom: Newsroom, template: str, **values: object) -> str:
        """Return a text that is no page, as a template has it."""
        named = {"newsroom": newsroom.config.newsroom, **values}
        return rendered(self._shop.templates(newsroom, escape=False), f"web/{template}", named)

    def unknown(self, newsroom: Newsroom, request: Request) -> HTMLResponse:
        """Return the answer to a link that is not ours, is void, or has expired."""
        root = "../" * (request.url.path.count("/") - 1)
        language = language_of(request, newsroom.config.newsroom.mail_languages)
        page = "unknown.html.j2"
        return self.page(
            newsroom, page, root, HTTPStatus.NOT_FOUND, language=language, open=newsroom.config.takes_subscribers
        )

    def too_many(self, newsroom: Newsroom, root: str, language: str) -> HTMLResponse:
        """Return the answer to whoever has reached a limit, all of which count the last hour."""
        headers = {**PERSONAL, "Retry-After": "3600"}
        return self.page(newsroom, "busy.html.j2", root, HTTPStatus.TOO_MANY_REQUESTS, headers, language=language)

    def too_large(self, newsroom: Newsroom, root: str, language: str) -> HTMLResponse:
        """Return the answer to a form that none of ours sends."""
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return self.page(newsroom, "too_large.html.j2", root, status, language=language)


class Accessory:
    """A file of templates/ that goes with pages, the newsroom's own or the shipped one.

    Inline, styles and scripts would need a weaker policy.
    """

    def __init__(self, newsroom: Path, name: str) -> None:
        self._own = newsroom / "templates"
        self._name = name
        self._shelf = Shelf()

    def show(self, request: Request) -> Response:
        """Return the file."""
        folder = self._own if (self._own / self._name).is_file() else shipped_templates()
        kept = {"Cache-Control": file_headers.PAGES_MAY_BE_KEPT}
        with ExitStack() as opened:
            offered = self._shelf.encodings(folder, self._name, opened, compressed=False)
            return file_answer(request, offered, opened, kept, file_headers.describing(self._name))
