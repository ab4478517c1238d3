"""Begin an approved edition: its web view is published and its recipients are fixed, unless something forbids it.

approved ── all of it public? ── none of it mailed before? ── all it leads to on the site? ─▶ sending
                  └── no ───────────────── no ─────────────────────────── no ─▶ held, until a person decides
"""

from collections.abc import Sequence
from datetime import datetime

from digest.actions.build_lock import build_lock
from digest.actions.compose import current_items, frozen_content, mail_settings, offer_of
from digest.actions.newsroom import Newsroom
from digest.actions.ports import ItemRecord, Office, Store
from digest.actions.publish import bring_out, build_standing
from digest.audience.interests import Variant
from digest.editions.composition import Change, Composition, Entry, Mailed
from digest.editions.edition import Edition, Overtaken, State
from digest.items.item import Item, Visibility, visibility

_SEEN_AS = {"corrected": Visibility.PUBLIC, "withdrawn": Visibility.NOTICE}  # an item that an edition names


def begin(office: Office, edition: Edition) -> Edition:
    """Publish the web view of an approved edition and fix its recipients; return it `sending` or `held`.

    Raises Overtaken when it was changed meanwhile. No other build comes between its web view and its recipients: it
    would not know yet that the web view stays.
    """
    with build_lock(office.newsroom.var):
        newsroom, at = office.newsroom_now(), office.clock()
        if as_it_is(office, edition) != edition:
            raise Overtaken(f"{edition.id} was changed meanwhile", "Look at it again with `digest edition show`.")
        return _begun(newsroom, office.store, edition, at)


def _begun(newsroom: Newsroom, store: Store, edition: Edition, at: datetime) -> Edition:
    frozen = frozen_content(newsroom, edition)
    compositions = frozen.compositions
    mailed = store.editions.mailed_items(edition.digest)
    reason = not_public(newsroom, compositions, at) or _mailed_before(compositions, mailed)
    if reason is None:
        bring_out(newsroom, build_standing(newsroom, [*store.editions.mailed(), edition], at))
        reason = _missing_from_site(newsroom, compositions)
    if reason:
        return store.editions.move(edition, State.HELD, reason=reason)
    only_to, offer = mail_settings(newsroom).only_to, offer_of(newsroom, frozen)

    def leaves_nothing(text: str) -> bool:
        return offer.leaves_nothing(Variant.of(text))

    store.editions.prepare(edition, _records(compositions), only_to, leaves_nothing, at)
    return store.editions.by_key(edition.key) or edition


def as_it_is(office: Office, edition: Edition) -> Edition:
    """Return the edition as it is by now."""
    return office.store.editions.by_key(edition.key) or edition


def not_public(newsroom: Newsroom, compositions: Sequence[Composition], at: datetime) -> str | None:
    """Return in words which items the public does not see at `at` as the edition shows them; None: there is none."""
    items = {item.uri: item for item in current_items(newsroom)}
    hidden = [one.slug for one in _entries(compositions) if _seen(items.get(one.id), at) is not Visibility.PUBLIC]
    hidden += [one.slug for one in _changes(compositions) if not _may_be_named(one, items.get(one.id), at)]
    return f"not public: {', '.join(hidden)}" if hidden else None


def _entries(compositions: Sequence[Composition]) -> list[Entry]:
    """Return every item that the edition carries in any language, once."""
    return list({entry.id: entry for composition in compositions for entry in composition.entries}.values())


def _changes(compositions: Sequence[Composition]) -> tuple[Change, ...]:
    """Return the changes that it names: the same in every language."""
    return compositions[0].changes


def _seen(item: Item | None, at: datetime) -> Visibility:
    return visibility(item, at) if item else Visibility.HIDDEN


def _may_be_named(change: Change, item: Item | None, at: datetime) -> bool:
    return change.title is None or _seen(item, at) is _SEEN_AS[change.what]


def _mailed_before(compositions: Sequence[Composition], mailed: Sequence[Mailed]) -> str | None:
    """Return what another edition has carried or named since this one was composed, in words."""
    carried = {one.id: one.edition for one in mailed}
    named = {(one.id, key) for one in mailed for key in one.changes_named}
    again = [f"{entry.slug} (in {carried[entry.id]})" for entry in _entries(compositions) if entry.id in carried]
    again += [change.slug or "a withdrawal" for change in _changes(compositions) if (change.id, change.key) in named]
    return f"mailed before: {', '.join(again)}" if again else None


def _missing_from_site(newsroom: Newsroom, compositions: Sequence[Composition]) -> str | None:
    """Return the pages and pictures that the mail leads to but the site does not have, in words."""
    paths = dict.fromkeys(path for composition in compositions for path in composition.leads_to)
    missing = [path for path in paths if not (newsroom.public / path).is_file()]
    return f"the site lacks {', '.join(missing)}" if missing else None


def _records(compositions: Sequence[Composition]) -> list[ItemRecord]:
    """Return what is remembered of the edition: the items it carries, and every change that readers know by it."""
    entries = _entries(compositions)
    carried: list[ItemRecord] = [(one.id, one.slug, one.version, None, None) for one in entries]
    known: list[ItemRecord] = [
        (one.id, one.slug, one.version, "corrected", at) for one in entries for at in one.corrections
    ]
    named: list[ItemRecord] = [(one.id, one.slug, "", one.what, one.at) for one in _changes(compositions)]
    return list(dict.fromkeys([*carried, *known, *named]))  # two corrections may bear the same time
