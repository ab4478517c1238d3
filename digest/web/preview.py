"""The preview as it is served: the site with a bar on every page, which reloads when anything else is shown.

Addresses of its own start with a dot, as no path of a site does.

    request ─▶ for this computer? ─▶ the site, or an empty page ─▶ the bar is put on ─▶ kept by no browser
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.actions.preview import Preview
from digest.mail import proof
from digest.web import preview_bar, preview_editions
from digest.web.faces import Accessory, Faces
from digest.web.looks import style_sheet
from digest.web.preview_editions import Remembered, nothing_remembered
from digest.web.security import HEADERS
from digest.web.tree import PublicTree

_ALIVE = 0.5  # seconds between words on a stream of which nothing came: who reads it may have gone


def application(preview: Preview, ended: Callable[[], bool], remembered: Remembered = nothing_remembered) -> Starlette:
    """Return the application; streams end when `ended`, so that no open page keeps the server waiting.

    `remembered` opens the database to be read.
    """
    accessories = {
        preview_bar.STYLE_SHEET: "web/preview.css",
        preview_bar.SCRIPT: "web/preview.js",
        preview_editions.STYLE_SHEET: proof.STYLE_SHEET,
    }
    pages = Pages(preview)
    return Starlette(
        routes=[
            Route(preview_bar.STATES, States(preview, ended).stream, methods=["GET"]),
            *(Route(path, Accessory(preview.folder, name).show, methods=["GET"]) for path, name in accessories.items()),
            *preview_editions.Editions(preview, remembered).routes(),
            Route("/web.css", pages.style, methods=["GET"]),
            Route("/{path:path}", pages.answer, methods=["GET"]),
        ],
        middleware=[
            # A page of somebody else's whose name leads to this computer must not read it (DNS rebinding).
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False),
            Middleware(WithBar, preview=preview),
        ],
    )


class Pages:
    """The previewed site; before there is one, an empty page for the bar to stand on."""

    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._tree = PublicTree(Faces())

    def answer(self, request: Request) -> Response:
        """Return what stands at the address."""
        newsroom = self._preview.shown.newsroom
        if newsroom is None:
            return HTMLResponse(preview_bar.EMPTY_PAGE, HTTPStatus.SERVICE_UNAVAILABLE)
        return self._tree.answer(request, newsroom)

    def style(self, request: Request) -> Response:
        """Return the style sheet of the pages that no build makes."""
        newsroom = self._preview.shown.newsroom
        return style_sheet(request, newsroom) if newsroom else Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)


class States:
    """Tells open pages which state is shown, on a stream (HTML section 9.2)."""

    def __init__(self, preview: Preview, ended: Callable[[], bool]) -> None:
        self._preview, self._ended = preview, ended

    def stream(self, _request: Request) -> StreamingResponse:
        """Return the stream."""
        return StreamingResponse(self._states(), media_type="text/event-stream")

    def _states(self) -> Iterator[str]:
        key = ""
        while not self._ended():
            key = self._preview.wait(key, _ALIVE).key
            yield f"data: {key}\n\n"


class WithBar:
    """Puts the bar on every page, and says of all answers that nobody keeps them and no other site shows them."""

    def __init__(self, app: ASGIApp, preview: Preview) -> None:
        self._app, self._preview = app, preview

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        shown = self._preview.shown  # asked first: a page that is older than its bar would not be reloaded
        as_it_is = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        held: list[Message] = []

        async def send_with_bar(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _headers(Request(scope).url.netloc).items():
                    headers.setdefault(name, value)
                headers["Cache-Control"] = "no-store"
                if _is_whole_page(scope, message):
                    held.append(message)
                    return
            elif held:
                held.append(message)
                if message.get("more_body"):
                    return
                page = b"".join(part.get("body", b"") for part in held[1:])
                content = preview_bar.previewed(page, shown, self._preview.at, scope["path"])
                await send(_start_of(held[0], len(content)))
                message = {"type": "http.response.body", "body": content}
            await send(message)

        await self._app({**scope, "headers": as_it_is}, receive, send_with_bar)


def _headers(host: str) -> dict[str, str]:
    origin = f"http://{host}"
    policy = HEADERS["Content-Security-Policy"]
    ours = f"script-src {origin}{preview_bar.SCRIPT}; connect-src {origin}{preview_bar.STATES}"
    ours += f"; frame-src {origin}{preview_editions.MAILS}"
    return {
        **HEADERS,
        "Content-Security-Policy": f"{policy}; {ours}",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _is_whole_page(scope: Scope, start: Message) -> bool:
    if scope["path"].startswith(preview_editions.MAILS):  # a mail in a frame is shown as it is
        return False
    kind = MutableHeaders(scope=start).get("content-type", "")
    return scope["method"] == "GET" and start["status"] != HTTPStatus.PARTIAL_CONTENT and kind.startswith("text/html")


def _start_of(start: Message, size: int) -> Message:
    headers = MutableHeaders(scope=start)
    for name in ("etag", "last-modified", "accept-ranges"):  # they were those of the file
        del headers[name]
    headers["Content-Length"] = str(size)
    return start
