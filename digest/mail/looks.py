"""A mail's page as a person looks at it before it goes out: by day, by night, without pictures.

A frame of a page cannot be told to be dark: a media query asks the browser. So what is looked at is a copy in which
the question `prefers-color-scheme` has its answer in its place, `min-width: 0` (always so) or `max-width: 0` (never),
and `color-scheme` names the one scheme. Nothing else of the styles differs from the mail.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from digest.mail.rendering import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN

EXAMPLE = "example-token"  # in place of a token; none is so short, so nobody's is
_TOKENS = re.compile(f"{UNSUBSCRIBE_TOKEN}|{PREFERENCES_TOKEN}")
_OWN_LINK = re.compile(rf"""(<a\b[^>]*?)\shref="([^"]*(?:{_TOKENS.pattern})[^"]*)\"""", re.IGNORECASE)
_SCHEME_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_STYLES = re.compile(r"<style\b.*?</style>", re.IGNORECASE | re.DOTALL)
_SCHEMES_STYLED = re.compile(r"(color-schemes?\s*:\s*)light dark", re.IGNORECASE)
_SCHEMES_NAMED = re.compile(r"""(<meta name="(?:supported-)?color-schemes?" content=")light dark""", re.IGNORECASE)
_PICTURE = re.compile(r"""(<img\b[^>]*?)\ssrc="([^"]*)\"""", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# Links open beside the proof. Those that hold a token lead nowhere, and still look like links.
_ADDED = '<base target="_blank"><style>a[aria-disabled] { text-decoration: underline; cursor: not-allowed; }</style>'


@dataclass(frozen=True)
class Look:
    """One way to look at a mail."""

    name: str
    width: int  # CSS pixels
    dark: bool = False
    pictures: bool = True


LOOKS = (
    Look("desktop", 700),
    Look("phone", 375),
    Look("dark", 700, dark=True),
    Look("no-pictures", 700, pictures=False),
)


def page_seen(html: str, look: Look, pictures: Mapping[str, str]) -> str:
    """Return the page as it looks; `pictures` has what is shown in place of an address, and others are left out.

    Placeholders for tokens become EXAMPLE, and links that hold one lead nowhere.
    """
    shown = pictures if look.pictures else {}

    def picture(found: re.Match[str]) -> str:
        address = shown.get(unescape(found[2]))
        return f'{found[1]} src="{escape(address)}"' if address else found[1]

    def answer(asked: re.Match[str]) -> str:
        return "(min-width: 0)" if (asked[1].lower() == "dark") is look.dark else "(max-width: 0)"

    one_scheme = rf"\g<1>{'dark' if look.dark else 'light'}"

    def answered(style: re.Match[str]) -> str:
        return _SCHEMES_STYLED.sub(one_scheme, _SCHEME_ASKED.sub(answer, style[0]))

    page = _SCHEMES_NAMED.sub(one_scheme, _STYLES.sub(answered, html))
    page = _TOKENS.sub(EXAMPLE, _OWN_LINK.sub(r'\1 role="link" aria-disabled="true" title="\2"', page))
    return _HEAD.sub(lambda head: head[0] + _ADDED, _PICTURE.sub(picture, page), count=1)


def text_seen(text: str) -> str:
    """Return the plain text with EXAMPLE in place of tokens."""
    return _TOKENS.sub(EXAMPLE, text)


def addresses_of_pictures(html: str) -> list[str]:
    """Return the addresses of the pictures that the page shows, each once."""
    return list(dict.fromkeys(unescape(found[2]) for found in _PICTURE.finditer(html)))
