"""Who got which edition, with which version of each item: one receipt a recipient, made as it is read."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TextIO

from digest.actions.compose import frozen_content, offer_of
from digest.actions.ports import Office
from digest.audience.interests import Variant
from digest.editions.edition import Edition
from digest.errors import Refused
from digest.moments import to_stored

COLUMNS: Final = ("address", "edition", "at", "variant", "items")
_VARIANTS = 1024  # whose items are kept at hand
Items = tuple[tuple[str, str], ...]  # slug, version
ItemsOf = Callable[[str], Items]  # of a variant


@dataclass(frozen=True)
class Receipt:
    """One recipient who got an edition."""

    address: str  # empty once erased
    edition: str  # id
    at: str  # UTC, when the server took it
    variant: str  # language and choice
    items: Items  # those that this variant had


def receipts(office: Office, edition: Edition, item: str | None = None) -> Iterator[Receipt]:
    """Yield a receipt for each who got the edition, or, of those, whose variant had that item, and then that item only.

    Refused when the edition has no content, or not that item.
    """
    if not edition.content_sha:
        raise Refused(f"{edition.id} is {edition.state}: it has no content", "Look with `digest edition list`.")
    frozen = frozen_content(office.newsroom, edition)
    offer = offer_of(office.newsroom, frozen)
    carried = sorted({entry.slug for composition in frozen.compositions for entry in composition.entries})
    if item is not None and item not in carried:
        raise Refused(f"{edition.id} did not carry {item!r}", f"It carried: {', '.join(carried) or 'nothing'}.")

    @lru_cache(maxsize=_VARIANTS)
    def items_of(text: str) -> Items:
        entries = offer.chosen(Variant.of(text)).entries
        return tuple((entry.slug, entry.version) for entry in entries if item in {None, entry.slug})

    return _made(office, edition, items_of, all_of_them=item is None)


def _made(office: Office, edition: Edition, items_of: ItemsOf, *, all_of_them: bool) -> Iterator[Receipt]:
    for got in office.store.reports.received(edition.key):
        items = items_of(got.variant)
        if items or all_of_them:
            yield Receipt(got.address, edition.id, to_stored(got.at), got.variant, items)


def write_csv(made: Iterator[Receipt], file: TextIO) -> None:
    """Write the receipts as CSV; an item stands there as `slug@version`."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in made:
        items = " ".join(f"{slug}@{version}" for slug, version in one.items)
        rows.writerow([one.address, one.edition, one.at, one.variant, items])


def write_json_lines(made: Iterator[Receipt], file: TextIO) -> None:
    """Write the receipts as JSON, one a line."""
    for one in made:
        items = [{"slug": slug, "version": version} for slug, version in one.items]
        facts = {"address": one.address, "edition": one.edition, "at": one.at, "variant": one.variant, "items": items}
        file.write(f"{json.dumps(facts, ensure_ascii=False)}\n")
