"""Which version of each story an edition in one language carries.

A reader gets a story once: in the language of their mail, else in the newsroom's, else in that of the original. Once
a story was mailed, a translation that comes later is told to readers of its language, and to nobody else. What the
editors decide about one version holds for the story.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from digest.editions.composition import Mailed
from digest.editions.edition import Decisions
from digest.errors import Refused
from digest.items.item import Item
from digest.items.translations import originals

Versions = Mapping[str, Sequence[Item]]  # by slug: all versions of an item's story, where it has more than one


def told_in(  # noqa: PLR0913, PLR0917 - what the choice follows from
    language: str,
    default: str,
    items: Iterable[Item],
    versions: Versions,
    decisions: Decisions,
    told_before: Collection[str] = (),
) -> list[Item]:
    """Return those of `items` that readers of `language` get; the editors left out none of them.

    `default` is the newsroom's own language; `told_before` has the slugs of items whose story was mailed.
    """
    return [
        item
        for item in items
        if _best(versions.get(item.slug, (item,)), language, default) is item
        and (item.slug not in told_before or item.language in _own(language))
        and not _slugs(item, versions) & set(decisions.without)
    ]


def mailed_stories(
    items: Sequence[Item], fresh: Iterable[Item], mailed: Mapping[str, Mailed]
) -> tuple[list[Item], frozenset[str]]:
    """Return which of `fresh` may be told, and the slugs of those of them whose story was mailed in another language.

    Such a translation may be told when it was published after the last edition: what is older was there when its story
    was mailed, or the newsroom had no mails in its language then. `items` are all that the newsroom has, taken back or
    not.
    """
    stories = originals(items)
    told = {stories[item.slug] for item in items if item.uri in mailed}
    last = max((one.at for one in mailed.values()), default=None)

    def later(item: Item) -> bool:
        return last is None or item.published is None or item.published > last

    may = [item for item in fresh if stories[item.slug] not in told or later(item)]
    return may, frozenset(item.slug for item in may if stories[item.slug] in told)


def decided_for(told: Sequence[Item], versions: Versions, decisions: Decisions) -> Decisions:
    """Return the decisions in terms of the versions that are told."""
    told_as = {slug: item.slug for item in told for slug in _slugs(item, versions)}
    lead = decisions.lead and told_as.get(decisions.lead)
    order = tuple(told_as[slug] for slug in decisions.order if slug in told_as)
    return decisions.model_copy(update={"lead": lead, "order": order, "without": ()})


def check_decisions(items: Iterable[Item], versions: Versions, decisions: Decisions) -> None:
    """Raise Refused when the editors' lead or order names an item that the edition does not carry in any language."""
    left_out = set(decisions.without)
    known = {slug for item in items if not (slugs := _slugs(item, versions)) & left_out for slug in slugs}
    leading = [decisions.lead] if decisions.lead else []
    for slug in [*leading, *decisions.order]:
        if slug not in known:
            raise Refused(f"the edition has no item {slug!r}", f"It has: {', '.join(sorted(known)) or 'none'}.")


def _slugs(item: Item, versions: Versions) -> set[str]:
    return {version.slug for version in versions.get(item.slug, (item,))}


def _own(language: str) -> tuple[str, str]:
    return language, language.partition("-")[0]


def _best(versions: Sequence[Item], language: str, default: str) -> Item:
    wanted = (*_own(language), default)

    def rank(item: Item) -> tuple[int, bool]:
        place = wanted.index(item.language) if item.language in wanted else len(wanted)
        return place, item.translation_of is not None

    return min(versions, key=rank)
