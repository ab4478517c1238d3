"""Send an edition, message by message through the gate, until every row is accounted for.

approved ─ start ─▶ sending ─ deliver ─▶ … ─ settle ─▶ sent
                       ├── an item was taken back ─▶ held ─ start ─▶ sending
                       ├── somebody paused it ─▶ paused ─ resume, start ─▶ sending
                       └── somebody cancelled it ─▶ cancelled ─ settle: the rest is skipped
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

from digest import clock, urls
from digest.actions.begin import as_it_is, begin, not_public
from digest.actions.compose import frozen_content, mail_settings, offer_of
from digest.actions.holders import Link
from digest.actions.how_far import Board, HowFar, Pace
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Office
from digest.actions.report import tell_end
from digest.audience import tokens
from digest.audience.interests import Variant
from digest.config import Mail
from digest.delivery.lock import sender_lock
from digest.delivery.outgoing import Outgoing
from digest.delivery.rows import Recipient
from digest.delivery.sender import send_edition
from digest.delivery.summary import Summary
from digest.editions.composition import Composition
from digest.editions.edition import Edition, Overtaken, State
from digest.editions.freezing import Frozen, FrozenVersion, Manifest
from digest.errors import OutsideFailure, Refused, UnfitText
from digest.log import Trace
from digest.mail.dkim import identity_of
from digest.mail.headers import Envelope
from digest.mail.message import PreparedMessage, Tokens
from digest.mail.rendering import UNSUBSCRIBE_TOKEN, Rendering

_APPROVE = "Approve it first: digest edition approve {}."
_REMEDIES = {
    State.PLANNED: "Compose and approve it first: digest edition compose {}.",
    State.SENT: "Everybody has got it; what is new goes into a further edition.",
    State.CANCELLED: "What is cancelled stays so; compose a further edition.",
}
_VARIANTS = 1024  # kept parsed
_BOUNCED = "bounce"  # the purpose of tokens in return paths
CHECK_EVERY = 15.0  # seconds between looks of a running mailing whether an item was taken back


def start(office: Office, edition: Edition) -> Edition:
    """Return the edition ready to be delivered, begun if it was approved, taken up again if it was stopped midway.

    Raises Refused when it may not be sent, or is held instead.
    """
    if edition.state is State.APPROVED:
        edition = _begun(office, edition)
    elif edition.dated and edition.state in {State.HELD, State.PAUSED}:
        edition = _taken_up(office, edition)
    if edition.state is State.HELD:
        raise Refused(f"{edition.id} is held: {edition.reason}", "Compose and approve it again, or cancel it.")
    if edition.state is not State.SENDING:
        raise Refused(f"{edition.id} is {edition.state}", _REMEDIES.get(edition.state, _APPROVE).format(edition.id))
    return edition


def _begun(office: Office, edition: Edition) -> Edition:
    try:
        return begin(office, edition)
    except Overtaken:  # by another sender, with which this one goes on
        current = as_it_is(office, edition)
        if current.state is not State.SENDING:
            raise
        return current


def resume(office: Office, edition: Edition) -> Edition:
    """Return the edition being sent again, where it stopped; Refused when it was not stopped midway.

    Raises Refused, too, when an item of it is not public by now.
    """
    if edition.state is State.SENDING:
        raise Refused(f"{edition.id} is being sent", "There is nothing to resume.")
    if edition.state not in {State.PAUSED, State.HELD} or not edition.dated:
        raise Refused(f"{edition.id} is {edition.state}: it was not stopped midway", "Look with `digest edition show`.")
    return _taken_up(office, edition)


def _taken_up(office: Office, edition: Edition) -> Edition:
    compositions = frozen_content(office.newsroom, edition).compositions
    if reason := not_public(office.newsroom, compositions, office.clock()):
        raise Refused(f"{edition.id} is held: {reason}", "Make it public again, or cancel the edition.")
    return office.store.editions.move(edition, State.SENDING, reason=None)


def deliver(
    office: Office, edition: Edition, stop: Callable[[], bool], tell: Callable[[HowFar], None] | None = None
) -> Summary:
    """Send what is due of the edition; Refused when another process is sending.

    Ends early when `stop` says so, when an item was taken back, which holds the edition, or when the server asks to
    slow down. `tell` is told once a second how far it is, and at its end.
    """
    compositions = frozen_content(office.newsroom, edition).compositions
    message_for = _messages(office, edition)

    def note(far: HowFar) -> None:
        with suppress(OutsideFailure):  # what only shows how far it is shall not end it
            office.store.progress.note(edition.key, far, office.clock())
        if tell:
            tell(far)

    board = Board(Pace(office.store.deliveries.counts(edition.key), clock.monotonic()), note)
    with sender_lock(office.newsroom.var / "sender.lock"):
        summary = send_edition(
            edition.key,
            office.store.deliveries,
            office.routes,
            message_for,
            office.clock,
            policy=mail_settings(office.newsroom).in_doubt,
            started=_dated(office, edition),
            stop=_stop_when_taken_back(office, edition, compositions, stop),
            progress=board.tell,
            log=lambda entry: office.say(entry.with_facts(edition=edition.id)),
        )
        board.write()
    office.say(_told(edition, summary))
    if summary.blocked:
        with suppress(Overtaken):  # it was stopped already
            office.store.editions.move(
                edition, State.HELD, reason=f"the mail server refuses its content: {summary.reason}"
            )
    settle(office, edition)
    return summary


def _told(edition: Edition, summary: Summary) -> Trace:
    """Return what the log says of a run at its end."""
    facts = {name: value for name, value in asdict(summary).items() if name != "paused_until"}
    return Trace(f"{edition.id}: {summary.sent:,} sent in this run", event="run", edition=edition.id, **facts)


def _dated(office: Office, edition: Edition) -> datetime:
    return edition.dated or office.clock()


def _stop_when_taken_back(
    office: Office, edition: Edition, compositions: Sequence[Composition], stop: Callable[[], bool]
) -> Callable[[], bool]:
    """Return a `stop` that also looks, first of all and then every CHECK_EVERY seconds, whether all is public still."""
    next_look = clock.monotonic()
    held = False

    def stop_now() -> bool:
        nonlocal next_look, held
        if not held and clock.monotonic() >= next_look:
            next_look = clock.monotonic() + CHECK_EVERY
            if reason := not_public(office.newsroom, compositions, office.clock()):
                with suppress(Overtaken):  # it was stopped already
                    office.store.editions.move(edition, State.HELD, reason=reason)
                held = True
        return held or stop()

    return stop_now


def settle(office: Office, edition: Edition) -> Edition:
    """Mark the edition sent when every row is accounted for; of a cancelled one skip the rows that are left."""
    current = as_it_is(office, edition)
    if current.state is State.CANCELLED:
        office.store.deliveries.close(current.key, office.clock())
    if current.state is not State.SENDING or office.store.deliveries.is_open(edition.key):
        return current
    reason = None if office.store.deliveries.counts(edition.key) else "nobody to send to"
    try:
        sent = office.store.editions.move(current, State.SENT, reason=reason)
    except Overtaken:  # it was stopped at its very end
        return as_it_is(office, edition)
    tell_end(office, sent)
    return sent


def _messages(office: Office, edition: Edition) -> Callable[[Recipient], Outgoing]:
    """Return what makes each recipient's message; everything they share is made once, here."""
    frozen = frozen_content(office.newsroom, edition)
    mail, sender = mail_settings(office.newsroom), frozen.manifest.sender
    prepared = {version.language: prepared_message(office, edition, frozen, version) for version in frozen.versions}
    offer = offer_of(office.newsroom, frozen)

    @lru_cache(maxsize=_VARIANTS)
    def variant_of(text: str) -> Variant:
        return offer.standing(Variant.of(text))

    domain = sender.email.rpartition("@")[2]
    checked: set[str] = set()  # variants: two messages of one differ by tokens and addresses only

    def message_for(recipient: Recipient) -> Outgoing:
        ids = recipient.subscriber, edition.key
        variant = variant_of(recipient.variant)
        message_id = f"<{tokens.message_id_part(office.keys, *ids)}@{domain}>"
        message = prepared[frozen.version_for(variant.language).language]
        own = own_tokens(office.keys, *ids, recipient.version)
        whole = message.for_recipient(recipient.address, own, message_id, variant.interests)
        path = return_path(mail, sender.email, tokens.sign_base32(office.keys, _BOUNCED, *ids))
        outgoing = Outgoing(path, recipient.address, whole, checked=recipient.variant in checked)
        checked.add(recipient.variant)
        return outgoing

    return message_for


def return_path(mail: Mail, sender: str, token: str) -> str:
    """Return where a bounce of one mail goes: an address of its own with the token (VERP), or the sender's."""
    if mail.bounces is None:
        return sender
    local, _, domain = mail.bounces.rpartition("@")
    return f"{local}+{token}@{domain}"


def own_tokens(keys: Sequence[bytes], subscriber: int, edition: int, version: int = 0) -> Tokens:
    """Return the tokens in a recipient's mail; both are known by their keys in the database."""
    return Tokens(
        unsubscribe=tokens.sign(keys, Link.UNSUBSCRIBE, subscriber, edition),
        preferences=tokens.sign(keys, Link.PREFERENCES, subscriber, edition, version),
    )


def prepared_message(office: Office, edition: Edition, frozen: Frozen, version: FrozenVersion) -> PreparedMessage:
    """Return the edition's message in one language, with everything but what differs from recipient to recipient."""
    headers = envelope(office.newsroom, edition, frozen.manifest, version, _dated(office, edition))
    dkim = mail_settings(office.newsroom).dkim
    try:
        rendering = Rendering(version.html, version.text)
        return PreparedMessage(rendering, version.composition, headers, identity_of(dkim) if dkim else None)
    except UnfitText as unfit:
        raise Refused(unfit.message, unfit.remedy) from unfit


def envelope(
    newsroom: Newsroom, edition: Edition, manifest: Manifest, version: FrozenVersion, dated: datetime
) -> Envelope:
    """Return the headers that all recipients of a language share; what readers see of them is as approved."""
    config = newsroom.config
    if config.web is None:
        raise Refused("config.yaml has no section `web`", "Add it with `url`, where `digest serve` is reached.")
    return Envelope(
        from_name=manifest.sender.name,
        from_email=manifest.sender.email,
        reply_to=manifest.reply_to,
        date=dated,
        list_name=version.composition.title,
        # RFC 2919 section 3: an identifier without a domain of its own ends in .localhost.
        list_id=f"{edition.digest}.{config.newsroom.id.replace('-', '')}.localhost",
        unsubscribe_url=urls.unsubscribe(config.web, UNSUBSCRIBE_TOKEN),
        help_url=urls.absolute(config.newsroom, ""),
        feedback_id=f"{edition.name}:{edition.digest}:digest",
        unsubscribe_mailbox=manifest.reply_to,
    )


def rows_by_state(office: Office, edition: Edition) -> Mapping[str, int]:
    """Return how many recipients are in each state, for reports."""
    return {state.value: count for state, count in office.store.deliveries.counts(edition.key).items() if count}
