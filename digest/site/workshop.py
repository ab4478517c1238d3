"""Where files are made: the newsroom's settings, templates and items, each item read once for all that show it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache

from markupsafe import Markup, escape

from digest import templating, urls
from digest.config import Config
from digest.items.item import Item
from digest.site import entries, feeds, paths, views
from digest.site.entries import Entry
from digest.site.views import Card, Frame, Language, ListLink
from digest.templating import Environment

_PIECES = ("links", "masthead", "foot")  # templates of their own, of what stands around pages
_PARTS = "site/parts.html.j2"
_REPEATED = frozenset({"card", "press", "time"})  # parts that are often given the same values
_ROOT_TO_BE = "\x01/"  # no text of a newsroom has this character (digest.yamlfile)
_AT_HAND = 1_000  # items, of about 10 kB with their entries and cards; of parts, what they were given


class Workshop:
    """What recipes work with."""

    def __init__(
        self, config: Config, at: datetime, frame: Frame, templates: Environment, item: Callable[[str], Item]
    ) -> None:
        """Open it: `templates` escape for HTML, `item` returns the item of a slug."""
        self.config = config
        self.at = at  # as of when everything is made
        self.frame = frame
        self.item = lru_cache(maxsize=_AT_HAND)(item)
        self.entry = lru_cache(maxsize=_AT_HAND)(self._entry)
        self.card = lru_cache(maxsize=_AT_HAND)(self._card)
        self._fill = _filler(templates, config, frame)

    def _entry(self, slug: str) -> Entry:
        """Return the item as feeds carry it."""
        return entries.entry(self.item(slug), self.at, self.config)

    def _card(self, slug: str) -> Card:
        """Return the item as lists show it."""
        return views.card(self.item(slug), self.at, self.config)

    def page(self, path: str, template: str, **values: object) -> bytes:
        """Return the bytes of the page at `path`, from a template of templates/site/."""
        return self._fill(path, template, values)


def _filler(
    environment: Environment, config: Config, frame: Frame
) -> Callable[[str, str, Mapping[str, object]], bytes]:
    parts = templating.words(environment, _PARTS, {})
    if templating.is_shipped(environment, _PARTS):
        parts["card"] = _filled_once(parts["card"])
    parts |= {name: _remembered(part) for name, part in parts.items() if name in _REPEATED}
    common = {
        "newsroom": config.newsroom,
        "frame": frame,
        "parts": parts,
        "feed": urls.FEED,
        "feeds_page": paths.folder(feeds.PAGE),
        "direction": views.language(config.newsroom.language).direction,
    }
    named = _named(frame)

    def rendered(template: str, values: Mapping[str, object]) -> str:
        return templating.rendered(environment, f"site/{template}", {**common, **values})

    @lru_cache(maxsize=_AT_HAND)
    def filed(kind: ListLink, topics: Sequence[ListLink], language: Language, root: str) -> Markup:
        """Return where an item is filed, as many are alike."""
        values = {"lists": (kind, *topics), "language": language, "root": root}
        return Markup(rendered("filed.html.j2", values).rstrip())  # noqa: S704 - as below

    common["filed"] = filed

    @cache
    def framing(root: str, here: str | None) -> Mapping[str, object]:
        """Return what stands around all pages that are as deep and not named in it themselves."""
        place = {"root": root, "here": here}
        pieces = {piece: rendered(f"{piece}.html.j2", place).rstrip() for piece in _PIECES}
        return {**place, **{piece: Markup(html) for piece, html in pieces.items()}}  # noqa: S704 - templates escape

    def fill(path: str, template: str, values: Mapping[str, object]) -> bytes:
        here = paths.folder(path)
        around = framing(paths.way_to_root(config.newsroom, path), here if here in named else None)
        return rendered(template, {**around, **values}).encode()

    return fill


def _filled_once(part: Callable[..., Markup]) -> Callable[..., Markup]:
    """Return the shipped card so that it is filled once for each: the root is left open, and put in for each page."""
    filled = lru_cache(maxsize=_AT_HAND)(part)

    def placed(card: Card, root: str, lead: bool = False) -> Markup:  # noqa: FBT001, FBT002 - as the part has it
        html = str.replace(filled(card, _ROOT_TO_BE, lead), _ROOT_TO_BE, escape(root))
        return Markup(html)  # noqa: S704 - the part has escaped it

    return placed


def _remembered(part: Callable[..., Markup]) -> Callable[..., Markup]:
    """Return the part so that it knows what it gave the last times; of values alike, text and HTML are two."""
    known = lru_cache(maxsize=_AT_HAND, typed=True)(part)

    def remembered(*given: object, **named: object) -> Markup:
        try:
            return known(*given, **named)
        except TypeError:  # a newsroom's own template gave what has no hash
            return part(*given, **named)

    return remembered


def _named(frame: Frame) -> frozenset[str]:
    """Return the addresses from the root that stand around every page."""
    lists = (*frame.kinds, *frame.topics, *frame.languages)
    services = {paths.folder(paths.INDEX), paths.folder(feeds.PAGE), paths.folder(paths.EDITIONS)}
    return frozenset(services.union(each.link for each in lists))
