"""The newsroom's looks on the pages that no build makes: its colours and fonts, its icon and its logo."""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from digest.actions.emblems import standing_emblems
from digest.actions.newsroom import Newsroom
from digest.site import looks as site
from digest.site.views import Logo
from digest.template_files import shipped_templates
from digest.web import file_headers, validators

STYLE_SHEET = "web/web.css"


@dataclass(frozen=True)
class Looks:
    """Files of public/assets/, named from the root, as a build put them there."""

    icon: str  # a PNG when there is a touch icon, or else an SVG
    touch_icon: str | None
    logo: Logo | None


def looks_of(newsroom: Newsroom) -> Looks:
    """Return how the newsroom looks."""
    found = site.looks(newsroom.folder, newsroom.config, standing_emblems(newsroom).emblems)
    return Looks(found.icon, found.touch_icon, found.logo)


def emblem_files(newsroom: Newsroom) -> list[Path]:
    """Return the files that, beside config.yaml, say how it looks."""
    return [newsroom.folder / name for name in newsroom.config.newsroom.emblems.values()]


def style_sheet(request: Request, newsroom: Newsroom) -> Response:
    """Return the newsroom's own web.css, or the shipped one, with its colours and fonts behind it."""
    own = newsroom.folder / "templates" / STYLE_SHEET
    css = (own if own.is_file() else shipped_templates() / STYLE_SHEET).read_bytes()
    css += site.own_looks(newsroom.config).encode()
    tag = f'"{sha256(css).hexdigest()[:32]}"'
    headers = {"Cache-Control": file_headers.PAGES_MAY_BE_KEPT, "ETag": tag}
    if validators.standing_tag(request.headers.get("if-none-match"), None, [tag], 0):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(css, headers={**headers, **file_headers.describing(STYLE_SHEET)})
