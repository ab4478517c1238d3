"""The newsroom's looks on the pages that no build makes: its colours and fonts, its icon and its logo."""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from digest.actions.emblems import standing_emblems
from digest.actions.newsroom import Newsroom
from digest.config import Config
from digest.site import looks as site
from digest.site.views import Logo
from digest.templating import shipped_templates
from digest.web import file_headers, validators

STYLE_SHEET = "web/web.css"
_Stamp = tuple[int, int] | None


@dataclass(frozen=True)
class Looks:
    """Files of public/assets/, named from the root, as a build put them there."""

    icon: str  # a PNG when there is a touch icon, or else an SVG
    touch_icon: str | None
    logo: Logo | None


class Dresser:
    """Finds out how the newsroom looks, anew when its config.yaml or its files have changed."""

    def __init__(self) -> None:
        self._seen: tuple[Config, list[_Stamp]] | None = None
        self._looks: Looks | None = None

    def looks(self, newsroom: Newsroom) -> Looks:
        """Return the looks."""
        seen = newsroom.config, [_stamp(newsroom.folder / name) for name in newsroom.config.newsroom.emblems.values()]
        looks = self._looks
        if looks is None or self._seen is None or self._seen[0] is not seen[0] or self._seen[1] != seen[1]:
            found = site.looks(newsroom.folder, newsroom.config, standing_emblems(newsroom).emblems)
            looks = self._looks = Looks(found.icon, found.touch_icon, found.logo)
            self._seen = seen
        return looks


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


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
