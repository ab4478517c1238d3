"""The site as `digest serve` serves it: the files of public/, with validators by Starlette."""

import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.actions.ports import Newsroom, Office
from digest.actions.publish import GONE_FILE

_TYPES = {".xml": "application/atom+xml; charset=utf-8"}  # the only XML of the site is its feed
_ONE_YEAR = 31_536_000  # seconds; for files whose address holds the digest of their bytes
_HASHED = ("images/", "documents/", "assets/")


class PublicTree:
    """Serves public/, which may not be there before the first build."""

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file; 404; 410 for what was withdrawn without trace; 503 before the first build."""
        newsroom = self.office_now().newsroom
        path = _path(scope)
        respond: ASGIApp
        if not newsroom.public.is_dir():
            respond = PlainTextResponse("The site is about to be published.", HTTPStatus.SERVICE_UNAVAILABLE)
        elif _is_gone(newsroom, path):
            respond = PlainTextResponse("This page was withdrawn.", HTTPStatus.GONE)
        elif _is_private(path):
            respond = PlainTextResponse("There is nothing here.", HTTPStatus.NOT_FOUND)
        else:
            respond = _Files(newsroom)
        await respond(scope, receive, send)


class _Files(StaticFiles):
    def __init__(self, newsroom: Newsroom) -> None:
        super().__init__(directory=newsroom.public, html=True, check_dir=False)
        self.max_age = newsroom.config.feeds.max_age

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if media_type := _TYPES.get(Path(path).suffix):
            response.headers["Content-Type"] = media_type
        if response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            age = f"{_ONE_YEAR}, immutable" if path.startswith(_HASHED) else str(self.max_age)
            response.headers["Cache-Control"] = f"public, max-age={age}"
        return response


def _path(scope: Scope) -> str:
    """Return the file of public/ that an address means."""
    path = str(scope["path"]).removeprefix(scope.get("root_path", "")).lstrip("/")
    return path if path.endswith(".html") else f"{path.rstrip('/')}/index.html"


def _is_private(path: str) -> bool:
    """Return whether the path leads to a file that a build is about to put in place, or to the host's own."""
    return any(part.startswith(".") and part != ".well-known" for part in path.split("/"))


def _is_gone(newsroom: Newsroom, path: str) -> bool:
    try:
        return path in json.loads((newsroom.var / GONE_FILE).read_text())
    except FileNotFoundError:
        return False
