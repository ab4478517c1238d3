"""Compose an edition, let the editors decide, approve it: from items to bytes that will be sent and no others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from digest import urls
from digest.actions.emblems import standing_emblems
from digest.actions.enlist import known_interests
from digest.actions.lint import warnings_of_sound_mail
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Store
from digest.audience.interests import Variant
from digest.config import Digest, Mail
from digest.editions import freezing
from digest.editions.composition import Composition, Logo, Mailed, compose
from digest.editions.edition import Changes, Decisions, Edition, State, check_step
from digest.editions.freezing import Frozen, FrozenVersion
from digest.editions.languages import check_decisions, decided_for, mailed_stories, told_in
from digest.editions.slots import period, slot_of_day, zone_of
from digest.editions.window import changes_since, included, new_items
from digest.errors import Refused, UnfitText, printable
from digest.items.accepted import standing_items
from digest.items.item import Item, Visibility, visibility
from digest.items.markdown import body_html
from digest.items.translations import translations
from digest.mail.headers import subject_field
from digest.mail.offer import Offer
from digest.mail.rendering import Copy, Rendering, copy_for, render_mail
from digest.site.looks import logo_of

_NAMED = 5  # files; of more, their number is told
_TO_GO_OUT = frozenset({State.PLANNED, State.BUILT, State.APPROVED})


def digest_named(newsroom: Newsroom, name: str) -> Digest:
    """Return the digest of that name; Refused when config.yaml has none."""
    digest = newsroom.config.digests.get(name)
    if digest is None:
        known = ", ".join(newsroom.config.digests) or "none"
        raise Refused(f"config.yaml has no digest {name!r}", f"It has: {known}.")
    return digest


def mail_settings(newsroom: Newsroom) -> Mail:
    """Return the section `mail`; Refused when config.yaml has none."""
    if newsroom.config.mail is None:
        raise Refused("config.yaml has no section `mail`", "Add it with `from` and `smtp`.")
    return newsroom.config.mail


def current_items(newsroom: Newsroom) -> tuple[Item, ...]:
    """Return the newsroom's items, a faulty file's as last accepted."""
    return standing_items(newsroom.folder, newsroom.config).items


Draft = tuple[Composition, ...]  # what an edition says, once for each language, the newsroom's own first


@dataclass(frozen=True)
class Past:
    """What a digest's earlier editions leave to the next; nothing was when there is no database yet."""

    started: datetime | None = None  # after which moment items belong to the digest; None: not decided yet
    mailed: tuple[Mailed, ...] = ()


def past_of(store: Store, digest: str) -> Past:
    """Return what is remembered of the digest."""
    return Past(store.schedules.started(digest), tuple(store.editions.mailed_items(digest)))


def draft(newsroom: Newsroom, store: Store, edition: Edition, items: tuple[Item, ...], at: datetime) -> Draft:
    """Return what the edition carries: what `items` have that is public at its slot, and was not taken back by `at`."""
    return draft_after(past_of(store, edition.digest), newsroom, edition, items, at)


def draft_after(past: Past, newsroom: Newsroom, edition: Edition, items: tuple[Item, ...], at: datetime) -> Draft:
    """Return the same, from what `past` says."""
    config, digest = newsroom.config, digest_named(newsroom, edition.digest)
    start = past.started or edition.slot_at - period(digest.schedule)
    mailed = {one.id: one for one in past.mailed}
    cutoff, known = edition.slot_at, max(edition.slot_at, at)
    standing = [item for item in items if visibility(item, known) is Visibility.PUBLIC]
    versions = translations([item for item in standing if included(item, digest.include)], cutoff)
    fresh, told_before = mailed_stories(items, new_items(standing, digest.include, start, cutoff, mailed), mailed)
    check_decisions(fresh, versions, edition.decisions)
    changes, logo = changes_since(items, config, known, mailed), _logo(newsroom)

    def composed(language: str) -> Composition:
        told = told_in(language, config.newsroom.language, fresh, versions, edition.decisions, told_before)
        return compose(
            config,
            told,
            language=language,
            digest_name=edition.digest,
            name=edition.name,
            changes=changes,
            cutoff=cutoff,
            decisions=decided_for(told, versions, edition.decisions),
            logo=logo,
        )

    return tuple(composed(language) for language in config.newsroom.mail_languages)


def is_empty(drafted: Draft) -> bool:
    """Return whether the edition has nothing to say in any language."""
    return all(composition.empty for composition in drafted)


def _logo(newsroom: Newsroom) -> Logo | None:
    emblem = standing_emblems(newsroom).emblems.get("logo")
    if emblem is None:
        return None
    logo = logo_of(emblem.drawings, newsroom.config)
    url = urls.absolute(newsroom.config.newsroom, logo.mail)
    return Logo(url=url, path=logo.mail, width=logo.width, height=logo.height, ground=logo.ground)


def compose_edition(newsroom: Newsroom, store: Store, edition: Edition, at: datetime) -> tuple[Edition, Frozen]:
    """Compose and freeze the edition as people ask for it; an approval that it had is void.

    One whose slot is over, or was skipped, is due now. Refused when its content is fixed, or it has nothing to say.
    """
    return _recompose(newsroom, store, edition, edition.decisions, at)


def edit_edition(newsroom: Newsroom, store: Store, edition: Edition, decisions: Decisions, at: datetime) -> Edition:
    """Keep the editors' decisions and compose again; nothing is kept when they do not fit."""
    if decisions.subject:
        _check_subject(decisions.subject)
    added = set(decisions.without) - set(edition.decisions.without)
    if added:
        _check_left_out(newsroom, store, edition, added, at)
    return _recompose(newsroom, store, edition, decisions, at)[0]


def _check_subject(subject: str) -> None:
    try:
        subject_field(subject)
    except UnfitText as unfit:
        raise Refused(f"the subject cannot be sent: {unfit.message}", unfit.remedy) from unfit


def _check_left_out(newsroom: Newsroom, store: Store, edition: Edition, slugs: set[str], at: datetime) -> None:
    undecided = replace(edition, decisions=Decisions())
    drafted = draft(newsroom, store, undecided, current_items(newsroom), at)
    known = {entry.slug for composition in drafted for entry in composition.entries}
    if slugs - known:
        unknown, has = ", ".join(sorted(slugs - known)), ", ".join(sorted(known)) or "none"
        raise Refused(f"{edition.id} has no item {unknown} that could be left out", f"It has: {has}.")


def _recompose(
    newsroom: Newsroom, store: Store, edition: Edition, decisions: Decisions, at: datetime
) -> tuple[Edition, Frozen]:
    check_step(edition, State.BUILT)
    changes: Changes = {"decisions": decisions}
    if edition.state in {State.SKIPPED, State.MISSED} or at >= edition.slot_at:
        changes |= {"slot_at": at, "kind": "special"}
    drafted = draft(newsroom, store, replace(edition, **changes), current_items(newsroom), at)
    refuse_empty(newsroom, edition, drafted)
    return freeze_edition(newsroom, store, edition, drafted, changes)


def refuse_empty(newsroom: Newsroom, edition: Edition, drafted: Draft) -> None:
    """Raise Refused when the draft has nothing to say and its digest mails no empty editions."""
    if is_empty(drafted) and digest_named(newsroom, edition.digest).when_empty == "skip":
        raise Refused(f"an edition of {edition.digest} would be empty", _remedy_of_empty(newsroom))


def _remedy_of_empty(newsroom: Newsroom) -> str:
    faults = standing_items(newsroom.folder, newsroom.config).held
    held = list(dict.fromkeys(printable(fault.path) for fault in faults))
    if not held:
        return "Publish an item, or set `when_empty: send`."
    more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
    return f"Held for what is wrong with them: {', '.join(held[:_NAMED])}{more}. Run `digest check`, which says what."


def due_besides(store: Store, edition: Edition) -> Edition | None:
    """Return the edition of the same day's slot that is still to go out besides this further one."""
    if edition.seq == 1:
        return None
    first = store.editions.get(edition.digest, edition.slot_date, 1)
    return first if first and first.state in _TO_GO_OUT and first.kind == "regular" else None


def freeze_edition(
    newsroom: Newsroom, store: Store, edition: Edition, drafted: Draft, changes: Changes
) -> tuple[Edition, Frozen]:
    """Freeze the draft as the edition's content, which waits for approval from now on."""
    begin_digest(newsroom, store, edition.digest, edition.slot_at)
    frozen = frozen_draft(newsroom, drafted)
    freezing.save(frozen, newsroom.frozen(edition))
    built: Changes = {**changes, "content_sha": frozen.content_sha, "reason": None}
    return store.editions.move(edition, State.BUILT, **built), frozen


def begin_digest(newsroom: Newsroom, store: Store, name: str, slot_at: datetime) -> None:
    """Store after which moment items belong to the digest, unless it is: one period before its first slot."""
    store.schedules.start_of(name, slot_at - period(digest_named(newsroom, name).schedule))


def frozen_draft(newsroom: Newsroom, drafted: Draft) -> Frozen:
    """Return the draft rendered, as it can be frozen; nothing is written."""
    mail, own = mail_settings(newsroom), drafted[0]
    note_html = body_html(own.note, own.web_view) if own.note else None

    def version(composition: Composition) -> FrozenVersion:
        rendering = render_mail(composition, newsroom.config, newsroom.folder, note_html)
        return FrozenVersion(composition, rendering.html, rendering.text)

    return freezing.freeze(
        [version(composition) for composition in drafted],
        sender=mail.sender,
        reply_to=mail.reply_to,
        note_html=note_html,
    )


def frozen_content(newsroom: Newsroom, edition: Edition) -> Frozen:
    """Return the edition's frozen content; Refused when it has not been composed."""
    if edition.content_sha is None:
        raise Refused(f"{edition.id} has not been composed", f"Run `digest edition compose {edition.id}`.")
    return freezing.load(newsroom.frozen(edition), edition.content_sha)


def offer_of(newsroom: Newsroom, frozen: Frozen) -> Offer:
    """Return what the edition has for whom, by the kinds and topics that config.yaml has now."""
    return Offer(frozen, known_interests(newsroom.config))


def copy_of(frozen: Frozen, variant: Variant | None = None) -> Copy:
    """Return what a reader of that variant gets, or one who wants everything in the newsroom's own language."""
    chosen = variant or Variant(frozen.composition.language)
    version = frozen.version_for(chosen.language)
    return copy_for(Rendering(version.html, version.text), version.composition, chosen.interests)


def compose_now(newsroom: Newsroom, store: Store, digest: str, at: datetime) -> tuple[Edition, Frozen]:
    """Compose an edition of today that no schedule asked for; one that would be empty is not made."""
    settings = digest_named(newsroom, digest)
    zone = newsroom.config.newsroom.timezone
    today = at.astimezone(zone_of(settings, zone)).date()
    wanted = Edition(0, digest, today, 1, State.PLANNED, at)
    refuse_empty(newsroom, wanted, draft(newsroom, store, wanted, current_items(newsroom), at))
    # The slot of today keeps its name, also when it is still to come.
    slot = slot_of_day(digest, settings, zone, today)
    if slot and not slot.skipped and slot.at > at:
        store.editions.plan(digest, today, slot.at, state=State.PLANNED, reason=None)
    return compose_edition(newsroom, store, store.editions.add(digest, today, at), at)


def approve_edition(  # noqa: PLR0913, PLR0917 - what an approval is of, by whom and when
    newsroom: Newsroom,
    store: Store,
    edition: Edition,
    by: str,
    at: datetime,
    warn: Callable[[str], None] = lambda _: None,
) -> Edition:
    """Bind the approval to the frozen content; what was approved is what will be sent.

    FaultyMail names each error of its mail, which then is not approved; `warn` gets each warning as a line.
    """
    frozen = frozen_content(newsroom, edition)
    check_step(edition, State.APPROVED)
    for warning in warnings_of_sound_mail(newsroom, edition, frozen):
        warn(f"{edition.id} {warning}")
    return store.editions.move(edition, State.APPROVED, approved_by=by, approved_at=at)
