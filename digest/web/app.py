"""The web application, assembled from data: every route on one screen."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from digest.actions.ports import Office
from digest.web.faces import StyleSheet
from digest.web.health import Health
from digest.web.security import SecurityHeaders
from digest.web.tree import PublicTree
from digest.web.unsubscribe import Unsubscribe


def application(office_now: Callable[[], Office]) -> Starlette:
    """Return the application; `office_now` gives the newsroom with the configuration in force."""
    unsubscribe, health, style_sheet = Unsubscribe(office_now), Health(office_now), StyleSheet(office_now)
    return Starlette(
        routes=[
            Route("/unsubscribe/{token}", unsubscribe.ask, methods=["GET"]),
            Route("/unsubscribe/{token}", unsubscribe.act, methods=["POST"]),
            Route("/healthz", health.show, methods=["GET"]),
            Route("/web.css", style_sheet.show, methods=["GET"]),
            Route("/{path:path}", PublicTree(office_now).answer, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )
