"""The site as `digest serve` serves it: the files of public/, and words for what is not there."""

from contextlib import ExitStack
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest.actions.newsroom import Newsroom
from digest.web import addresses, file_headers
from digest.web.addresses import PAGE
from digest.web.departed import Departed
from digest.web.faces import Faces
from digest.web.files import Shelf, is_file, is_variant
from digest.web.serving import file_answer

_NOT_FOUND_PAGE = "404.html"
_GONE_PAGE = "410.html"
_PAGE_HEADERS = {"Cache-Control": file_headers.PAGES_MAY_BE_KEPT}


class PublicTree:
    """Serves a newsroom's public/, which may not be there before the first build."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._shelf = Shelf()
        self._departed = Departed()

    def answer(self, request: Request, newsroom: Newsroom) -> Response:
        """Return a file; 301 to where it is; 410 for what was withdrawn without trace; 404; 503 before all builds."""
        # Of the route's own parameter, a line's end at the end is lost.
        path = addresses.located(str(request.scope["path"]).removeprefix("/"))
        if not newsroom.public.is_dir():
            return PlainTextResponse("The site is about to be published.", HTTPStatus.SERVICE_UNAVAILABLE)
        if path is None:
            return _not_found(newsroom)
        if self._departed.is_gone(newsroom.var, path):
            return self._gone(newsroom, path)
        if reference := self._elsewhere(newsroom, path):
            return _redirect(request, reference)
        return self._file(request, newsroom, path) or _not_found(newsroom)

    def _elsewhere(self, newsroom: Newsroom, path: str) -> str | None:
        """Return the reference to the one address of what this one means, if it is another."""
        if (target := self._departed.moved_to(newsroom.var, path)) is not None:
            return addresses.across(path, target)
        if path.rpartition("/")[2] == PAGE:
            return "./"
        if path and not path.endswith("/") and is_file(newsroom.public, f"{path}/{PAGE}"):
            return addresses.into_folder(path)
        return None

    def _gone(self, newsroom: Newsroom, path: str) -> Response:
        try:
            page = (newsroom.public / _GONE_PAGE).read_bytes()
        except FileNotFoundError:
            root = addresses.way_to_root(path)
            return self._faces.page(newsroom, "gone.html.j2", root, HTTPStatus.GONE, _PAGE_HEADERS)
        return HTMLResponse(page, HTTPStatus.GONE, _PAGE_HEADERS)

    def _file(self, request: Request, newsroom: Newsroom, path: str) -> Response | None:
        file = f"{path}{PAGE}" if path.endswith("/") or not path else path
        if is_variant(newsroom.public, file):
            return None
        with ExitStack() as opened:
            text = file_headers.is_text(file)
            offered = self._shelf.encodings(newsroom.public, file, opened, compressed=text)
            if not offered:
                return None
            lasting = file_headers.lasting(file, newsroom.config)
            return file_answer(request, offered, opened, lasting, file_headers.describing(file))


def _redirect(request: Request, reference: str) -> Response:
    """Return 301; the query goes along, since campaigns count by it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Response(status_code=HTTPStatus.MOVED_PERMANENTLY, headers={**_PAGE_HEADERS, "Location": reference + query})


def _not_found(newsroom: Newsroom) -> Response:
    try:
        page = (newsroom.public / _NOT_FOUND_PAGE).read_bytes()
    except FileNotFoundError:
        return PlainTextResponse("There is nothing here.", HTTPStatus.NOT_FOUND, _PAGE_HEADERS)
    return HTMLResponse(page, HTTPStatus.NOT_FOUND, _PAGE_HEADERS)
