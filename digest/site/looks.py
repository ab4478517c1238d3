"""What the site's looks are made of: the style sheet, the icon, and the logo if the newsroom has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from digest import templating, urls
from digest.config import Colors, Config, EmblemSort
from digest.images.emblems import Emblem, Ground
from digest.images.variants import Variant
from digest.site import paths
from digest.site.feeds import Imprint
from digest.site.targets import Target, as_it_is, ready
from digest.site.views import Logo
from digest.template_files import shipped_templates

_LOGO_WIDTH, _LOGO_HEIGHT = 320, 112  # CSS pixels at most, at the head of pages
_GROUNDS: Mapping[str, Ground | None] = {"head": None, "head-on-light": "light", "head-on-dark": "dark"}  # by drawing


@dataclass(frozen=True)
class Looks:
    """Files under assets/, and how pages and feeds name them."""

    targets: tuple[Target, ...]
    stylesheet: str  # path in public/, as are the following
    icon: str  # a PNG where the newsroom has an icon, or else an SVG
    touch_icon: str | None
    logo: Logo | None
    imprint: Imprint


def looks(newsroom: Path, config: Config, emblems: Mapping[EmblemSort, Emblem]) -> Looks:
    """Return the looks; `newsroom` is the folder whose templates/ come first."""
    css = _style_sheet(newsroom, config)
    logo, icon = (emblems[sort].drawings if sort in emblems else {} for sort in ("logo", "icon"))
    drawn = [_file("logo", one) for one in logo.values()] + [_file("icon", one) for one in icon.values()]
    svg = [] if icon else [_sign(newsroom, config)]
    small = _path("icon", icon["small"]) if icon else svg[0].name
    stylesheet = as_it_is(paths.stylesheet(css), css)

    def address(path: str) -> str:
        return urls.absolute(config.newsroom, path)

    return Looks(
        targets=(stylesheet, *svg, *drawn),
        stylesheet=stylesheet.name,
        icon=small,
        touch_icon=_path("icon", icon["touch"]) if icon else None,
        logo=logo_of(logo, config) if logo else None,
        imprint=Imprint(
            hubs=config.feeds.websub,
            license=config.newsroom.license,
            icon=address(small),
            icon_side=icon["small"].width if icon else None,
            large_icon=address(_path("icon", icon["large"])) if icon else None,
            logo=address(_path("logo", logo["card"])) if logo else None,
        ),
    )


def logo_of(drawings: Mapping[str, Variant], config: Config) -> Logo:
    """Return a logo's drawings as pages and mails show it."""
    name, head = next((name, drawings[name]) for name in _GROUNDS if name in drawings)
    scale = min(1.0, _LOGO_WIDTH / head.width, _LOGO_HEIGHT / head.height)
    card = drawings["card"]
    return Logo(
        path=_path("logo", head),
        mail=_path("logo", drawings.get("mail", head)),
        width=max(1, round(head.width * scale)),
        height=max(1, round(head.height * scale)),
        ground=_GROUNDS[name],
        card=urls.absolute(config.newsroom, _path("logo", card)),
        card_width=card.width,
        card_height=card.height,
    )


def _path(name: str, drawing: Variant) -> str:
    return paths.emblem(name, drawing.sha256)


def _file(name: str, drawing: Variant) -> Target:
    path = _path(name, drawing)
    return Target(path, drawing.sha256, partial(ready, {path: drawing}))


def _style_sheet(newsroom: Path, config: Config) -> bytes:
    """Return site.css with the newsroom's own colours and fonts behind it.

    It is taken as it is: to a template engine, `{#` in it would open a comment.
    """
    own = newsroom / "templates/site/site.css"
    css = (own if own.is_file() else shipped_templates() / "site/site.css").read_bytes()
    return css + own_looks(config).encode()


def own_looks(config: Config) -> str:
    """Return the CSS of what config.yaml has on fonts and colours, empty where it has nothing."""
    colors, fonts = config.newsroom.colors, config.newsroom.fonts
    css = _root({"serif": fonts.headings, "sans": fonts.text})
    if colors != Colors():
        palette = colors.palette
        by_day = _root({"brand": palette.brand, "ink": palette.ink, "paper": palette.paper, "quiet": palette.quiet})
        by_night = _root({"brand": palette.brand_by_night})
        css += f"@media (prefers-color-scheme: light) {{\n{by_day}}}\n"
        css += f"@media (prefers-color-scheme: dark) {{\n{by_night}}}\n"
    return css


def _root(values: Mapping[str, str | None]) -> str:
    """Return the CSS that sets these custom properties, empty where none has a value."""
    lines = [f"--{name}: {value};" for name, value in values.items() if value]
    return f":root {{ {' '.join(lines)} }}\n" if lines else ""


def _sign(newsroom: Path, config: Config) -> Target:
    """Return the sign of a newsroom without an icon, a square SVG drawing."""
    initial = next((sign for sign in config.newsroom.title if sign.isalnum()), "•").upper()
    environment = templating.environment(newsroom, config, escape=True)
    svg = templating.rendered(
        environment, "site/icon.svg.j2", {"initial": initial, "colors": config.newsroom.colors}
    ).encode()
    return as_it_is(paths.icon(svg), svg)
