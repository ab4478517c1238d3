"""Why an address got an edition, or why not, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.actions.compose import frozen_content, offer_of
from digest.actions.ports import Office
from digest.actions.staff import address_of
from digest.audience.interests import Variant
from digest.audience.standing import Barred, why_not_mailed
from digest.audience.subscriber import Consent, ConsentEvent, Subscriber
from digest.delivery.rows import MailTo, RowState
from digest.editions.edition import Edition, State
from digest.errors import DigestError, Refused
from digest.moments import for_people, to_stored

_STOPPED: Final = frozenset({State.PAUSED, State.HELD})
_SKIPPED: Final = {
    "nothing chosen in it": "it had nothing of what they chose",
    "mail.only_to": "config.yaml's `mail.only_to` named others when it began",
    "a pause": "they paused when it began",
    "cancelled": "it was cancelled before their turn came",
}
_ANSWERS: Final[dict[RowState, tuple[bool | None, str]]] = {  # whether they got it, and how that is said
    RowState.SENT: (True, "they got it{twice}: the mail server took it on {when}, after {tries}, and said: {said}"),
    RowState.DUE: (None, "it is still to be sent to them{again}{stopped}"),
    RowState.IN_FLIGHT: (None, "it is being sent to them, or was when a sender died, on {when} ({tries})"),
    RowState.DEFERRED: (
        None,
        "the server deferred it on {when}, after {tries}, and it is tried again{stopped}: {said}",
    ),
    RowState.IN_DOUBT: (None, "nobody can know: the connection or the sender died by {when} ({tries}): {said}"),
    RowState.BOUNCED: (False, "the server refused the address on {when}, after {tries}: {said}"),
    RowState.FAILED: (False, "it was given up on {when}, after {tries}: {said}"),
    RowState.SUPPRESSED: (False, "when their turn came on {when}, they had left, paused or were suppressed: {said}"),
    RowState.SKIPPED: (False, "they were skipped: {why}"),
}
_STOOD: Final = {
    Consent.ASKED: "had been asked and had not confirmed",
    Consent.LEFT: "had left",
    Consent.SUPPRESSED: "were suppressed",
}


@dataclass(frozen=True)
class Explanation:
    """What is known of one address and one edition."""

    edition: str  # id
    address: str
    got: bool | None  # None: nobody can know, or it is still to come
    why: tuple[str, ...]  # sentences, the answer first
    row: MailTo | None
    items: tuple[tuple[str, str], ...]  # slug, version; what their variant has of it

    def facts(self) -> dict[str, object]:
        """Return it, fit for JSON."""
        row = self.row
        return {
            "edition": self.edition,
            "address": self.address,
            "got": self.got,
            "why": list(self.why),
            "state": row and row.state.value,
            "reply": row and row.reply,
            "attempts": row and row.attempts,
            "at": row and to_stored(row.at),
            "variant": row and row.variant,
            "items": [{"slug": slug, "version": version} for slug, version in self.items],
        }


def explain(office: Office, edition: Edition, text: str) -> Explanation:
    """Return why the address got the edition or not; Refused when nothing is known of it."""
    address, audience = address_of(text), office.store.audience
    who, barred = audience.get(address.key), audience.barred(address.key)
    if who is None:
        if barred is None:
            raise Refused(
                f"{address.address} did not get {edition.id}: it is not on the list",
                "Look for another spelling: `digest subscribers export` writes everybody.",
            )
        only = f"it is not on the list, but {_on_list(office, barred)}"
        return Explanation(edition.id, address.address, got=False, why=(only,), row=None, items=())
    history = audience.history(who.key)
    row = next((mail for mail in audience.mails_to(who.key) if mail.edition == edition.id), None)
    got, answer = _of_row(office, edition, row) if row else (None if edition.dated is None else False, "")
    first = answer or _of_absence(office, edition, who, barred, history)
    items, about = _items(office, edition, row)
    why = (first, *about, *_consent(office, edition, history), _now(office, who, barred))
    return Explanation(edition.id, who.address, got, tuple(filter(None, why)), row, items)


def _of_row(office: Office, edition: Edition, row: MailTo) -> tuple[bool | None, str]:
    """Return whether they got it, and the sentence that says so."""
    got, sentence = _ANSWERS[row.state]
    words = {
        "when": for_people(row.at, office.newsroom.config.newsroom.timezone),
        "tries": "1 attempt" if row.attempts == 1 else f"{row.attempts} attempts",
        "said": row.reply or "nothing",
        "why": _SKIPPED.get(row.reply, row.reply),
        "twice": ", perhaps twice, because the first time was in doubt" if row.reply.startswith("in doubt") else "",
        "again": f" again, after what happened before: {row.reply}" if row.reply else "",
        "stopped": f"; the edition is {edition.state}: {edition.reason}" if edition.state in _STOPPED else "",
    }
    return got, sentence.format(**words)


def _of_absence(
    office: Office, edition: Edition, who: Subscriber, barred: Barred | None, history: Sequence[ConsentEvent]
) -> str:
    """Return why there is no row for somebody on the list."""
    gets_others = f"they do not get the digest {edition.digest!r}" if edition.digest not in who.digests else ""
    if edition.dated is None:
        coming = f"nobody has got it: it is {edition.state}"
        return f"{coming}, and {gets_others}" if gets_others else coming
    zone = office.newsroom.config.newsroom.timezone
    begun = f"its recipients were fixed on {for_people(edition.dated, zone)}"
    return (
        _consent_lacked(office, edition, who, history, begun)
        or (_on_list(office, barred) if barred and barred.at <= edition.dated else "")
        or gets_others
        or f"they did not get the digest {edition.digest!r} yet when {begun}"
    )


def _consent_lacked(
    office: Office, edition: Edition, who: Subscriber, history: Sequence[ConsentEvent], begun: str
) -> str:
    """Return how they stood when the edition's recipients were fixed; an empty text where they had consented."""
    then = _then(edition, history)
    if then is None and history:
        since = for_people(history[0].at, office.newsroom.config.newsroom.timezone)
        return f"they came on the list on {since}, after {begun}"
    if then is None or then.state is Consent.CONFIRMED:
        return ""
    later = "; they were confirmed only later" if who.state is Consent.CONFIRMED else ""
    return f"when {begun}, they {_STOOD[then.state]}{later}"


def _then(edition: Edition, history: Sequence[ConsentEvent]) -> ConsentEvent | None:
    """Return the last step of consent before the edition's recipients were fixed."""
    return next((event for event in reversed(history) if edition.dated and event.at <= edition.dated), None)


def _consent(office: Office, edition: Edition, history: Sequence[ConsentEvent]) -> list[str]:
    then = _then(edition, history)
    if then is None:
        return []
    when = for_people(then.at, office.newsroom.config.newsroom.timezone)
    return [f"consent at that time: {then.state} since {when} by {then.source}: {then.evidence}"]


def _now(office: Office, who: Subscriber, barred: Barred | None) -> str:
    config = office.newsroom.config
    only_to = config.mail.only_to if config.mail else ()
    why_not = why_not_mailed(who, barred, office.clock(), config.newsroom.timezone, only_to)
    return f"today they are mailed nothing: {why_not}" if why_not else ""


def _on_list(office: Office, barred: Barred) -> str:
    since = for_people(barred.at, office.newsroom.config.newsroom.timezone)
    return f"on the suppression list since {since}: {barred.reason}"


def _items(office: Office, edition: Edition, row: MailTo | None) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Return which items, in which version, the recipient's variant has, and a sentence about the variant."""
    if row is None or not edition.content_sha:
        return (), []
    try:
        frozen = frozen_content(office.newsroom, edition)
    except DigestError as error:  # somebody removed it
        return (), [f"what was in it cannot be told: {error}"]
    variant = Variant.of(row.variant)
    chosen = offer_of(office.newsroom, frozen).chosen(variant)
    language = frozen.version_for(variant.language).language
    interests = f"only {variant.interests}" if str(variant.interests) else "everything"
    sentence = f"their variant: in {language}, {interests}: {len(chosen.entries)} items, {len(chosen.changes)} changes"
    return tuple((entry.slug, entry.version) for entry in chosen.entries), [sentence]
