"""The web application, assembled from data: every route on one screen."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.actions.ports import Office
from digest.web.confirm import Confirm
from digest.web.faces import Faces
from digest.web.health import Health
from digest.web.looks import style_sheet
from digest.web.metrics import Metrics
from digest.web.move import Move
from digest.web.my_data import MyData
from digest.web.preferences import Preferences
from digest.web.security import SecurityHeaders
from digest.web.subscribe import Subscribe
from digest.web.tree import PublicTree
from digest.web.unsubscribe import Unsubscribe


def application(office_now: Callable[[], Office]) -> Starlette:
    """Return the application; `office_now` gives the newsroom with the configuration in force."""
    faces, health, metrics = Faces(), Health(office_now), Metrics(office_now)
    subscribe, confirm, move = Subscribe(office_now, faces), Confirm(office_now, faces), Move(office_now, faces)
    preferences, my_data = Preferences(office_now, faces), MyData(office_now, faces)
    unsubscribe = Unsubscribe(office_now, faces)
    tree = PublicTree(faces)

    def site(request: Request) -> Response:
        return tree.answer(request, office_now().newsroom)

    def style(request: Request) -> Response:
        return style_sheet(request, office_now().newsroom)

    return Starlette(
        routes=[
            Route("/subscribe", subscribe.show, methods=["GET"]),
            Route("/subscribe", subscribe.take, methods=["POST"]),
            Route("/confirm/{token}", confirm.ask, methods=["GET"]),
            Route("/confirm/{token}", confirm.act, methods=["POST"]),
            Route("/preferences/{token}", preferences.show, methods=["GET"]),
            Route("/preferences/{token}", preferences.take, methods=["POST"]),
            Route("/preferences/{token}/my-data", preferences.mail_link, methods=["POST"]),
            Route("/my-data/{token}", my_data.show, methods=["GET"]),
            Route("/my-data/{token}", my_data.download, methods=["POST"]),
            Route("/my-data/{token}/address", my_data.take_address, methods=["POST"]),
            Route("/my-data/{token}/erase", my_data.ask_to_erase, methods=["GET"]),
            Route("/my-data/{token}/erase", my_data.erase, methods=["POST"]),
            Route("/move/{token}", move.ask, methods=["GET"]),
            Route("/move/{token}", move.act, methods=["POST"]),
            Route("/unsubscribe/{token}", unsubscribe.ask, methods=["GET"]),
            Route("/unsubscribe/{token}", unsubscribe.act, methods=["POST"]),
            Route("/unsubscribe/{token}/reason", unsubscribe.take_reason, methods=["POST"]),
            Route("/healthz", health.show, methods=["GET"]),
            Route("/metrics", metrics.show, methods=["GET"]),
            Route("/web.css", style, methods=["GET"]),
            Route("/{path:path}", site, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )
