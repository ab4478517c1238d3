"""Pictures: what is read in their place, and whether mail programs can show them."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from lxml.html import HtmlElement

from digest.mail.lint.finding import Fault, Finding
from digest.mail.lint.links import shown
from digest.mail.lint.page import Page
from digest.mail.lint.site import Site, split

_SHOWN = frozenset({".jpg", ".jpeg", ".png", ".gif"})  # by every mail program; WebP is not by Outlook
_FILE_NAME = re.compile(r"\S+\.(jpe?g|png|gif|webp|heic|tiff?|avif)|(img|dscn?|pxl|pict)[-_ ]?\d{3,}", re.IGNORECASE)
_WIDTH_AT_END = re.compile(r"-\d+$")  # of the names of published pictures


def check_pictures(page: Page, site: Site) -> Iterator[Finding]:
    """Yield what is wrong with the pictures of a page."""
    for picture in page.elements("img"):
        for fault in (*_of_text(picture), *_of_size(picture), *_of_file(picture, site)):
            yield page.finding(picture, *fault)


def _of_text(picture: HtmlElement) -> Iterator[Fault]:
    alt, file = picture.get("alt"), _file(picture)
    if alt is None:
        # Without the attribute, the file's address is read aloud.
        yield "error", "picture-alt", f"the picture {file.name!r} has no `alt`", "Say in it what the picture shows."
    elif not alt.strip():
        remedy = "Say what it shows, in the `alt` of the item's image."
        yield "warning", "picture-alt", f"the picture {file.name!r} has an empty alt text", remedy
    elif _names_a_file(alt.strip(), file):
        message = f"the alt text {alt!r} is the name of a file"
        yield "warning", "picture-alt", message, "Say what the picture shows, in the `alt` of the item's image."


def _names_a_file(alt: str, file: PurePosixPath) -> bool:
    names = {file.name, file.stem, _WIDTH_AT_END.sub("", file.stem)}
    return alt.casefold() in {name.casefold() for name in names if name} or bool(_FILE_NAME.fullmatch(alt))


def _of_size(picture: HtmlElement) -> Iterator[Fault]:
    missing = [name for name in ("width", "height") if not (picture.get(name) or "").strip().isdecimal()]
    if missing:
        # Outlook on Windows sizes pictures by these alone.
        message = f"the picture {_file(picture).name!r} has no {' and no '.join(missing)} in pixels"
        yield "error", "picture-size", message, "Write both into the template, as attributes."


def _of_file(picture: HtmlElement, site: Site) -> Iterator[Fault]:
    address = (picture.get("src") or "").strip()
    parts = split(address)
    if parts is None or parts.scheme.lower() != "https" or not parts.netloc:
        message = f"the picture {shown(address)} has no address that begins with https://"
        yield "error", "picture-https", message, "Publish it there; mail programs load no other."
    elif site.lacks(address):
        remedy = "Name one that is published; if it is new, run `digest build` first."
        yield "error", "picture-dead", f"the picture {shown(address)} is not on the newsroom's site", remedy
    if _file(picture).suffix.lower() not in _SHOWN:
        message = f"the picture {_file(picture).name!r} is neither JPEG nor PNG nor GIF"
        yield "error", "picture-format", message, "Give it one of these formats, which all mail programs show."


def _file(picture: HtmlElement) -> PurePosixPath:
    parts = split(picture.get("src") or "")
    return PurePosixPath(unquote(parts.path) if parts else "")
