"""Markdown to safe HTML and to plain text.

    CommonMark + tables ─▶ HTML (raw HTML included) ─▶ allow-list, absolute addresses

The allow-list is the only guard against scripts in an item, so everything that shows a body goes through here. A plain
body skips it, since it would change nothing there (`_is_plain`; a test holds it to that).
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import nh3
import pyromark

from digest.yamlfile import FORBIDDEN_CHARACTER

_MARKDOWN = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH)
_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dfn", "dl",
    "dt", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
    "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
}
# What carries something of its own: without it a reader misses more than its looks.
_LOST_TAG = re.compile(r"<(audio|embed|form|iframe|img|math|object|picture|script|style|svg|video)\b", re.IGNORECASE)
# Most bodies are plain: the allow-list would leave their HTML as it is, and nothing in them is unfit. To see that takes
# a tenth of the time that the allow-list takes. Strange is what may bring HTML and codes of its own (<, &), pictures,
# attributes that are not allowed (the style of tables, the class of code), and what the allow-list writes otherwise
# (NUL, CR, no-break spaces). So is each ] without a link behind it to a host and a path without query and escapes.
_STRANGE = ("<", "&", "|", "![", "```", "~~~", "\0", "\r", "\u00a0")
_STRANGE_LINK = re.compile(
    r"\](?!\(https?://(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]+(?:/[A-Za-z0-9/._~-]*)?\))"  # of [text](address)
)
# Nearly all links name a whole address, and then what they would be relative to makes no difference.
_MAY_BE_RELATIVE = re.compile(r"href(?!=\"(?:https?://|mailto:|tel:))")
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_LINE_TAILS = re.compile(r"[ \t]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_TOP_HEADING = re.compile(r"(</?)h1\b")


@lru_cache(maxsize=256)  # an item's page and its entry in feeds are made one after the other
def body_html(text: str, base: str) -> str:
    """Return the Markdown `text` as safe HTML; relative addresses are resolved against the address `base`.

    A character that cannot be published, which a code such as `&#1;` stands for, is left out of it.
    """
    # The page's title is its only h1, so a body's top heading is one lower.
    html = _TOP_HEADING.sub(r"\1h2", _MARKDOWN.html(text))
    if _is_plain(text):
        return html.replace(" />", ">")  # of <br> and <hr>, as the allow-list writes them
    relative = "<" in text or _MAY_BE_RELATIVE.search(html)  # HTML in a body can be written in any way
    return _publishable(_cleaner(base if relative else None).clean(html), text)


def _is_plain(text: str) -> bool:
    """Return whether the allow-list would leave its HTML as it is, and nothing in it is unfit; in doubt, no."""
    return not any(part in text for part in _STRANGE) and not _STRANGE_LINK.search(text)


@lru_cache(maxsize=16)  # a cleaner takes as long to make as half a body to clean
def _cleaner(base: str | None) -> nh3.Cleaner:
    """Return the allow-list; it resolves relative addresses against `base`, or does away with them."""
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=set(LINK_SCHEMES),
        url_relative=("rewrite_with_base", base) if base else "deny",
        link_rel=None,
        clean_content_tags={"script", "style"},
    )


@lru_cache(maxsize=256)  # as above
def first_paragraph(text: str) -> str:
    """Return the plain text of the first paragraph, on one line and as publishable; empty when there is none."""
    inside = False
    words: list[str] = []
    for event in _MARKDOWN.events(text):
        if event == {"Start": "Paragraph"}:
            inside = True
        elif event == {"End": "Paragraph"}:
            break
        elif inside:
            words.append(_words(event))
    return _publishable(" ".join("".join(words).split()), text)


def _publishable(made: str, text: str) -> str:
    """Return what was made of a text without the characters that only a code in it can have brought."""
    return FORBIDDEN_CHARACTER.sub("", made) if "&#" in text else made


def plain(text: str) -> str:
    """Return the text without markup, paragraphs apart by an empty line, list members marked by a dash."""
    parts: list[str] = []
    for event in _MARKDOWN.events(text):
        match event:
            case {"Start": "Item"}:
                parts.append("- ")
            case {"End": "Paragraph" | {"Heading": _} | {"List": _} | "TableRow" | "TableHead"}:
                parts.append("\n\n")
            case {"End": "Item"}:
                parts.append("\n")
            case {"End": "TableCell"}:
                parts.append("  ")
            case _:
                parts.append(_words(event))
    return _BLANK_LINES.sub("\n\n", _LINE_TAILS.sub("", "".join(parts))).strip()


def _words(event: object) -> str:
    match event:
        case {"Text": str(text)} | {"Code": str(text)}:
            return text
        case "SoftBreak" | "HardBreak":
            return " "
    return ""


def unfit_parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a body may not hold, each with its remedy."""
    if _is_plain(text):
        return
    refers = "&#" in text  # by a code, to a character that may be one that cannot be published
    for event in _MARKDOWN.events(text):
        if isinstance(event, str):
            continue
        [(sort, value)] = event.items()
        if sort == "Start":
            if isinstance(value, dict):
                yield from _unfit_start(value)
        elif sort in {"Html", "InlineHtml"}:
            yield from _unfit_html(str(value))
        elif sort == "Text" and refers and (found := FORBIDDEN_CHARACTER.search(str(value))):
            yield f"the body holds U+{ord(found[0]):04X} as `&#…;`, which cannot be published", "Delete it."


def _unfit_start(begun: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    match begun:
        case {"Image": {"dest_url": str(address)}}:
            yield f"the body shows the image {address!r}", "Name it in `images`, with `alt` and `credit`."
        case {"Link": {"dest_url": str(address), "link_type": kind}} if kind != "Email" and not _allowed(address):
            yield f"the body links to {address!r}", "Link to an http, https, mailto or tel address."


def _unfit_html(html: str) -> Iterator[tuple[str, str]]:
    if not html.startswith("<!--"):
        for tag in _LOST_TAG.findall(html):
            yield f"the body's HTML has <{tag}>, which is not published", "Remove it; files belong in fields."


def _allowed(address: str) -> bool:
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return False
    return not scheme or scheme.lower() in LINK_SCHEMES
