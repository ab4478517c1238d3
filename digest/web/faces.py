"""The pages that no build makes, and their style sheet: templates/web/."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.actions.ports import Newsroom, Office
from digest.templating import environment, rendered, shipped_templates
from digest.web import file_headers
from digest.web.files import Shelf
from digest.web.serving import file_answer

_STYLE_SHEET = "web/web.css"


def face(
    newsroom: Newsroom, template: str, root: str, status: HTTPStatus, headers: Mapping[str, str], **values: object
) -> HTMLResponse:
    """Return a page; `root` is the reference that leads from its address to the root."""
    templates = environment(newsroom.folder, newsroom.config, escape=True)
    common = {"newsroom": newsroom.config.newsroom, "root": root}
    return HTMLResponse(rendered(templates, f"web/{template}", {**common, **values}), status, headers)


class StyleSheet:
    """The faces' style sheet, the newsroom's own or the shipped one: inline, it would need a weaker policy."""

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now
        self._shelf = Shelf()

    def show(self, request: Request) -> Response:
        """Return the style sheet."""
        own = self.office_now().newsroom.folder / "templates"
        folder = own if (own / _STYLE_SHEET).is_file() else shipped_templates()
        kept = {"Cache-Control": file_headers.PAGES_MAY_BE_KEPT}
        with ExitStack() as opened:
            offered = self._shelf.encodings(folder, _STYLE_SHEET, opened, compressed=False)
            return file_answer(request, offered, opened, kept, file_headers.describing(_STYLE_SHEET))
