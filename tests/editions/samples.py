"""Digests, and what they are made of, for the tests of editions."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from digest.config import Config, Digest
from digest.editions.composition import Composition, Mailed, compose
from digest.editions.edition import Decisions, Edition, State
from digest.items.item import Item
from tests.site.samples import CONFIG as SITE
from tests.site.samples import item

MADRID = ZoneInfo("Europe/Madrid")
CUTOFF = datetime(2026, 11, 27, 8, tzinfo=UTC)  # Friday 09:00 in Madrid
START = datetime(2026, 11, 20, 8, tzinfo=UTC)


def digest(**fields: object) -> Digest:
    """Return a digest of Fridays at nine unless `fields` say otherwise."""
    usual = {"title": "The week", "schedule": {"every": "week", "on": "friday", "at": "09:00"}}
    return Digest.model_validate(usual | fields)


def config(**fields: object) -> Config:
    """Return the site's newsroom with one digest, `weekly`, which has `fields`."""
    return SITE.model_copy(update={"digests": {"weekly": digest(**fields)}})


def on(day: str, slug: str, **fields: object) -> Item:
    """Return an item that became public at 09:00 UTC of that day."""
    return item(slug, published=datetime.fromisoformat(f"{day}T09:00:00Z"), **fields)


def at(text: str) -> datetime:
    """Return the moment of `2026-11-27 09:00` UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def composed(
    *items: Item,
    of: Config | None = None,
    language: str = "en",
    **decisions: Any,  # noqa: ANN401 - any of them
) -> Composition:
    """Return the edition of 27 November with `items`, as decided."""
    return compose(
        of or config(),
        items,
        language=language,
        digest_name="weekly",
        name="2026-11-27",
        changes=(),
        cutoff=CUTOFF,
        decisions=Decisions.model_validate(decisions),
    )


def edition(**fields: Any) -> Edition:  # noqa: ANN401 - any field of it
    """Return the edition of Friday, 27 November."""
    return replace(Edition(1, "weekly", date(2026, 11, 27), 1, State.PLANNED, CUTOFF), **fields)


def mailed(of: Item, *changes_named: str, at: datetime = START) -> Mailed:
    """Return the item as the edition of the week before carried it, whose cut-off was `at`."""
    return Mailed(id=of.uri, version=of.version, edition="weekly/2026-11-20", at=at, changes_named=changes_named)
