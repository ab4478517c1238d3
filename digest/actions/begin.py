"""Begin an approved edition: its web view is published and its recipients are fixed, unless something forbids it.

approved ── all of it public? ── none of it mailed before? ── all it leads to on the site? ─▶ sending
                  └── no ───────────────── no ─────────────────────────── no ─▶ held, until a person decides
"""

from collections.abc import Sequence
from datetime import datetime

from digest import urls
from digest.actions.build_lock import build_lock
from digest.actions.compose import current_items, frozen_content, mail_settings
from digest.actions.newsroom import Newsroom
from digest.actions.ports import ItemRecord, Office, Store
from digest.actions.publish import bring_out, build_standing
from digest.editions.composition import Change, Composition, Mailed
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
    composition = frozen_content(newsroom, edition).manifest.composition
    mailed = store.editions.mailed_items(edition.digest)
    reason = not_public(newsroom, composition, at) or _mailed_before(composition, mailed)
    if reason is None:
        bring_out(newsroom, build_standing(newsroom, [*store.editions.mailed(), edition], at))
        reason = _missing_from_site(newsroom, composition)
    if reason:
        return store.editions.move(edition, State.HELD, reason=reason)
    store.editions.prepare(edition, _records(composition), mail_settings(newsroom).only_to, at)
    return store.editions.by_key(edition.key) or edition


def as_it_is(office: Office, edition: Edition) -> Edition:
    """Return the edition as it is by now."""
    return office.store.editions.by_key(edition.key) or edition


def not_public(newsroom: Newsroom, composition: Composition, at: datetime) -> str | None:
    """Return in words which items the public does not see at `at` as the edition shows them; None: there is none."""
    items = {item.uri: item for item in current_items(newsroom)}
    hidden = [entry.slug for entry in composition.entries if _seen(items.get(entry.id), at) is not Visibility.PUBLIC]
    hidden += [change.slug for change in composition.changes if not _may_be_named(change, items.get(change.id), at)]
    return f"not public: {', '.join(hidden)}" if hidden else None


def _seen(item: Item | None, at: datetime) -> Visibility:
    return visibility(item, at) if item else Visibility.HIDDEN


def _may_be_named(change: Change, item: Item | None, at: datetime) -> bool:
    return change.title is None or _seen(item, at) is _SEEN_AS[change.what]


def _mailed_before(composition: Composition, mailed: Sequence[Mailed]) -> str | None:
    """Return what another edition has carried or named since this one was composed, in words."""
    carried = {one.id: one.edition for one in mailed}
    named = {(one.id, key) for one in mailed for key in one.changes_named}
    again = [f"{entry.slug} (in {carried[entry.id]})" for entry in composition.entries if entry.id in carried]
    again += [change.slug or "a withdrawal" for change in composition.changes if (change.id, change.key) in named]
    return f"mailed before: {', '.join(again)}" if again else None


def _missing_from_site(newsroom: Newsroom, composition: Composition) -> str | None:
    """Return the pages and pictures that the mail leads to but the site does not have, in words."""
    paths = [urls.item_path(entry.slug) for entry in composition.entries]
    paths += [entry.image.path for entry in composition.entries if entry.image]
    paths.append(urls.edition_path(composition.digest, composition.name))
    missing = [path for path in paths if not (newsroom.public / path).is_file()]
    return f"the site lacks {', '.join(missing)}" if missing else None


def _records(composition: Composition) -> list[ItemRecord]:
    """Return what is remembered of the edition: the items it carries, and every change that readers know by it."""
    carried: list[ItemRecord] = [(one.id, one.slug, one.version, None, None) for one in composition.entries]
    known: list[ItemRecord] = [
        (one.id, one.slug, one.version, "corrected", at) for one in composition.entries for at in one.corrections
    ]
    named: list[ItemRecord] = [(one.id, one.slug, "", one.what, one.at) for one in composition.changes]
    return list(dict.fromkeys([*carried, *known, *named]))  # two corrections may bear the same time
