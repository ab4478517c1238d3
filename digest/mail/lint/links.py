"""Links: where they lead, and whether their text says so."""

import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from digest.editions.composition import Composition
from digest.mail.lint.finding import Fault, Finding
from digest.mail.lint.page import Page, words
from digest.mail.lint.site import Site, split
from digest.mail.rendering import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN

_RUN = frozenset({"javascript", "vbscript", "data"})  # what is run, or shown as a page of its own
_WITHOUT_HOST = frozenset({"mailto", "tel"})
_TOKEN = re.compile(f"{UNSUBSCRIBE_TOKEN}|{PREFERENCES_TOKEN}")
_LONGEST = 120  # characters of an address in a message


def check_links(page: Page, composition: Composition, site: Site) -> Iterator[Finding]:
    """Yield what is wrong with the links of a page."""
    links = [one for one in page.elements("a", "area") if one.get("href") is not None]
    for link in links:
        for fault in _faults(link, site):
            yield page.finding(link, *fault)
    yield from _ambiguous(page, links, _titles(composition))


def _faults(link: HtmlElement, site: Site) -> Iterator[Fault]:
    address = (link.get("href") or "").strip()
    if not named(link):
        remedy = "Give it words that say where it leads."
        yield "error", "link-empty", f"the link to {shown(address)} has no text", remedy
    unsafe = _unsafe(address, site)
    if unsafe:
        yield unsafe
    if site.lacks(address):
        remedy = "Correct it; if the page is new, run `digest build` first."
        yield "error", "link-dead", f"the link {shown(address)} leads to no page of the newsroom's site", remedy


def _unsafe(address: str, site: Site) -> Fault | None:
    parts = split(address)
    scheme = parts.scheme.lower() if parts else ""
    if parts is None or (scheme in {"http", "https"} and not parts.netloc):
        return "error", "link-broken", f"the link {shown(address)} is no address", "Correct it."
    if not scheme:
        return "error", "link-relative", f"the link {shown(address)} is relative", "Write it whole, from https:// on."
    if scheme in _RUN:
        message = f"the link {shown(address)} begins with {scheme}:, which mail programs refuse"
        return "error", "link-scheme", message, "Lead to a page."
    if scheme == "http":
        return "warning", "link-http", f"the link {shown(address)} is not encrypted", _encrypted(address, site)
    if scheme not in {"https", *_WITHOUT_HOST}:
        message = f"the link {shown(address)} begins with {scheme}:, which few mail programs open"
        return "warning", "link-scheme", message, "Lead to a page."
    return None


def _encrypted(address: str, site: Site) -> str:
    """Return where https:// is to be written."""
    if _TOKEN.search(address):
        return "Write https:// in `web.url` of config.yaml, and put TLS in front of `digest serve`."
    if site.owns(address):
        return "Write https:// in `newsroom.url` of config.yaml, if the site answers so."
    return "Write https:// if it answers so."


def named(link: HtmlElement) -> str:
    """Return what a link says of itself, to the eye or to the ear."""
    return words(link) or (link.get("aria-label") or "").strip()


def shown(address: str) -> str:
    """Return an address for a message; what every reader has of their own in it is `…`."""
    address = _TOKEN.sub("…", address)
    return repr(address if len(address) <= _LONGEST else f"{address[:_LONGEST]}…")


def _titles(composition: Composition) -> Mapping[str, set[str]]:
    """Return the addresses that each title of an item leads to: two items may bear the same one."""
    titles: dict[str, set[str]] = {}
    leading = [(entry.title, entry.url) for entry in composition.entries]
    leading += [(change.title, change.url) for change in composition.changes if change.title and change.url]
    for title, url in leading:
        titles.setdefault(_alike(title), set()).add(_alike_address(url))
    return titles


def _ambiguous(page: Page, links: list[HtmlElement], titles: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Yield each text that stands for several addresses (WCAG 2.2, 2.4.4), unless it is the title of each."""
    by_text: dict[str, dict[str, HtmlElement]] = {}
    for link in links:
        address = _alike_address(link.get("href") or "")
        by_text.setdefault(_alike(named(link)), {}).setdefault(address, link)
    for text, leading in by_text.items():
        others = [link for address, link in leading.items() if address not in titles.get(text, set())]
        if text and len(leading) > 1 and others:
            addresses = " and ".join(shown(link.get("href") or "") for link in leading.values())
            message = f"the same text {named(others[-1])!r} leads to {addresses}"
            yield page.finding(others[-1], "warning", "link-ambiguous", message, "Say in each text where it leads.")


def _alike(text: str) -> str:
    return " ".join(text.split()).rstrip(" .…:").casefold()


def _alike_address(address: str) -> str:
    return address.strip().rstrip("/")
