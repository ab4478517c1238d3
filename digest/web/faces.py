"""The pages that no build makes, and the files that go with them: templates/web/."""

from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.actions.newsroom import Newsroom
from digest.template_files import shipped_templates
from digest.templating import environment, rendered
from digest.web import file_headers
from digest.web.files import Shelf
from digest.web.looks import emblem_files, looks_of
from digest.web.memo import Memo
from digest.web.serving import file_answer
from digest.web.visitors import language_of

PERSONAL = {"Cache-Control": "private, no-store"}  # of pages that are one person's


class Faces:
    """Makes pages in the newsroom's looks."""

    def __init__(self) -> None:
        self._looks = Memo(looks_of, emblem_files)

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
        looks, of = self._looks.of(newsroom), newsroom.config.newsroom
        common = {"newsroom": of, "root": root, "language": of.language, "looks": looks}
        text = _rendered(newsroom, template, {**common, **values}, escape=True)
        return HTMLResponse(text, status, headers)

    def text(self, newsroom: Newsroom, template: str, **values: object) -> str:
        """Return a text that is no page, as a template has it."""
        named = {"newsroom": newsroom.config.newsroom, **values}
        return _rendered(newsroom, template, named, escape=False)

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


def _rendered(newsroom: Newsroom, template: str, named: Mapping[str, object], *, escape: bool) -> str:
    return rendered(environment(newsroom.folder, newsroom.config, escape=escape), f"web/{template}", named)
