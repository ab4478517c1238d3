"""What a preview adds to the site's pages: a bar that says what is shown, and marks at links to what is not public.

Made of strings, not by a template: the bar has to be there when config.yaml is faulty from the start.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from digest import templating, urls
from digest.actions.preview import Shown, Trouble
from digest.items.item import Item
from digest.web.addresses import PAGE

STYLE_SHEET = "/.preview/preview.css"
SCRIPT = "/.preview/preview.js"
STATES = "/.preview/states"
EDITIONS = "/.preview/editions/"

EMPTY_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Preview</title>
</head>
<body>
</body>
</html>
"""

# A link that skips to the main part stays the first on the page.
_TOP = re.compile(rb"""<body(\s[^>]*)?>(\s*<a\s[^>]*href=["']#[^>]*>[^<]*</a>)?""", re.IGNORECASE)
_LINK = re.compile(rb"""<a\s[^>]*?href=(["'])[^"'>]*/items/([a-z0-9-]+)/\1""", re.IGNORECASE)
_HEAD = f"""
<link rel="stylesheet" href="{STYLE_SHEET}">
<script src="{SCRIPT}" defer></script>
"""
_ENDED = "The preview has ended. Start <code>digest preview</code> again, and this page goes on by itself."


def previewed(page: bytes, shown: Shown, at: datetime | None, address: str) -> bytes:
    """Return the page at that address with its links marked and the bar on top; `at` is the moment asked for.

    A page without a body of its own has the bar at its end.
    """
    marks = _marks(shown)
    marked = _LINK.sub(lambda link: _marked(link, marks), page)
    top = _TOP.search(marked)
    place = top.end() if top else len(marked)
    return marked[:place] + _bar(shown, marks, at, address).encode() + marked[place:]


def _marks(shown: Shown) -> dict[str, str]:
    """Return by slug how each item that is not public is marked."""
    if shown.newsroom is None:
        return {}
    zone = shown.newsroom.config.newsroom.timezone
    return {item.slug: _mark(item, zone) for item in shown.unreleased}


def _mark(item: Item, zone: ZoneInfo) -> str:
    return f"Under embargo until {_told(item.published, zone)}" if item.published else "Draft"


def _told(moment: datetime, zone: ZoneInfo) -> str:
    return f"{templating.day(moment, 'en', zone)}, {moment.astimezone(zone):%H:%M}"


def _marked(link: re.Match[bytes], marks: Mapping[str, str]) -> bytes:
    mark = marks.get(link[2].decode())
    return link[0] + (f' data-unreleased="{escape(mark)}"'.encode() if mark else b"")


def _bar(shown: Shown, marks: Mapping[str, str], at: datetime | None, address: str) -> str:
    parts = [
        _HEAD,
        f'<aside id="digest-preview" aria-label="Preview" lang="en" dir="ltr" data-state="{escape(shown.key)}">',
        _what(shown, at),
        *(_badge("p", marks[item.slug]) for item in shown.unreleased if _address(item) == address),
        f'<p><a href="{EDITIONS}">Editions</a></p>' if shown.newsroom and shown.newsroom.config.digests else "",
        _list(shown.unreleased, marks),
        _problems(shown.troubles, beside_pages=shown.newsroom is not None),
        f'<p class="ended" role="status" hidden>{_ENDED}</p>',
        "</aside>",
    ]
    return "\n".join(part for part in parts if part)


def _what(shown: Shown, at: datetime | None) -> str:
    words = "Not public."
    if shown.newsroom and at:
        words += f" As of {_told(at, shown.newsroom.config.newsroom.timezone)}, with drafts."
    elif shown.newsroom:
        words += " As of now, with drafts and what is under embargo."
    return f"<p><strong>Preview</strong> {words}</p>"


def _list(items: Sequence[Item], marks: Mapping[str, str]) -> str:
    if not items:
        return ""
    count = "1 item is" if len(items) == 1 else f"{len(items)} items are"
    lines = [f"<li>{_badge('span', marks[item.slug])} {_link(item)}</li>" for item in items]
    return "\n".join([f"<details><summary>{count} not public yet</summary>", "<ul>", *lines, "</ul>", "</details>"])


def _badge(element: str, mark: str) -> str:
    return f'<{element} class="mark">{escape(mark)}</{element}>'


def _link(item: Item) -> str:
    return f'<a href="{_address(item)}">{escape(item.title)}</a>'


def _problems(troubles: Sequence[Trouble], *, beside_pages: bool) -> str:
    if not troubles:
        return ""
    count = "1 problem" if len(troubles) == 1 else f"{len(troubles)} problems"
    head = f"{count}. Until mended, you see the newsroom as it was before." if beside_pages else count
    lines = [
        f"<li>{f'<code>{escape(each.place)}</code> ' if each.place else ''}{escape(each.words)}</li>"
        for each in troubles
    ]
    return "\n".join(['<section role="alert">', f"<h2>{head}</h2>", "<ul>", *lines, "</ul>", "</section>"])


def _address(item: Item) -> str:
    return f"/{urls.item_path(item.slug).removesuffix(PAGE)}"
