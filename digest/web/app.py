"""The web application, assembled from data: every route on one screen."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.actions.ports import Office
from digest.web.faces import STYLE_SHEET, Accessory
from digest.web.health import Health
from digest.web.preferences import Preferences
from digest.web.security import SecurityHeaders
from digest.web.tree import PublicTree
from digest.web.unsubscribe import Unsubscribe


def application(office_now: Callable[[], Office]) -> Starlette:
    """Return the application; `office_now` gives the newsroom with the configuration in force."""
    unsubscribe, preferences, health = Unsubscribe(office_now), Preferences(office_now), Health(office_now)
    style_sheet = Accessory(office_now().newsroom.folder, STYLE_SHEET)
    tree = PublicTree()

    def site(request: Request) -> Response:
        return tree.answer(request, office_now().newsroom)

    return Starlette(
        routes=[
            Route("/unsubscribe/{token}", unsubscribe.ask, methods=["GET"]),
            Route("/unsubscribe/{token}", unsubscribe.act, methods=["POST"]),
            Route("/preferences/{token}", preferences.show, methods=["GET"]),
            Route("/preferences/{token}", preferences.take, methods=["POST"]),
            Route("/healthz", health.show, methods=["GET"]),
            Route("/web.css", style_sheet.show, methods=["GET"]),
            Route("/{path:path}", site, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )
