"""The pages that no build makes, and their style sheet: templates/web/."""

from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.actions.newsroom import Newsroom
from digest.templating import environment, rendered, shipped_templates
from digest.web import file_headers
from digest.web.files import Shelf
from digest.web.serving import file_answer

STYLE_SHEET = "web/web.css"
PERSONAL = {"Cache-Control": "private, no-store"}  # of pages that are one person's


def face(
    newsroom: Newsroom, template: str, root: str, status: HTTPStatus, headers: Mapping[str, str], **values: object
) -> HTMLResponse:
    """Return a page; `root` is the reference that leads from its address to the root."""
    templates = environment(newsroom.folder, newsroom.config, escape=True)
    common = {"newsroom": newsroom.config.newsroom, "root": root, "language": newsroom.config.newsroom.language}
    return HTMLResponse(rendered(templates, f"web/{template}", {**common, **values}), status, headers)


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
