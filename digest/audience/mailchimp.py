"""The three files of an export of Mailchimp's; their times name no zone, and are in UTC."""

from collections.abc import Sequence
from typing import Final

from digest.audience.admission import NewSubscriber
from digest.audience.cells import Cells, Reading, from_elsewhere
from digest.audience.subscriber import Consent

MARKS: Final = frozenset({"leid", "euid"})  # columns by which they are known
COLUMNS: Final = (
    ("email address", "email", "e-mail address", "e-mail"), ("optin_time",), ("optin_ip",), ("confirm_time",),
    ("confirm_ip",), ("unsub_time",), ("unsub_campaign_title",), ("unsub_reason",), ("unsub_reason_other",),
    ("clean_time",), ("clean_campaign_title",),
)  # fmt: skip
_LONGEST_REASON: Final = 500  # characters


def subscribed(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    """Return a subscribed member. Who has neither signed up by a form nor confirmed was imported there."""
    address, signed_up, signed_up_from, confirmed, confirmed_from, *_ = record
    own = _consent(signed_up, confirmed) if signed_up or confirmed_from else ""
    if own and cells.terms.evidence:
        own = f"{cells.terms.evidence}; {own}"
    at, ip = cells.utc(confirmed or signed_up), _both(signed_up_from, confirmed_from)
    return from_elsewhere(cells, line, address, Consent.CONFIRMED, evidence=own, at=at, ip=ip)


def unsubscribed(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    """Return somebody who has left, with the reason they gave."""
    address, signed_up, signed_up_from, confirmed, confirmed_from, at, campaign, reason, other, *_ = record
    said = f"unsubscribed at Mailchimp{_clause(': ', f'{reason} {other}'.strip())}{_clause(', by ', campaign)}"
    said += _clause("; ", _consent(signed_up, confirmed))
    ip = _both(signed_up_from, confirmed_from)
    return from_elsewhere(cells, line, address, Consent.LEFT, evidence=said, at=cells.utc(at), ip=ip)


def cleaned(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    """Return somebody to whom mail bounced."""
    address, signed_up, signed_up_from, confirmed, confirmed_from, *_, at, campaign = record
    said = f"cleaned at Mailchimp, where mail to it bounced{_clause(', by ', campaign)}"
    said += _clause("; ", _consent(signed_up, confirmed))
    ip = _both(signed_up_from, confirmed_from)
    return from_elsewhere(cells, line, address, Consent.SUPPRESSED, evidence=said, at=cells.utc(at), ip=ip)


def _consent(signed_up: str, confirmed: str) -> str:
    if signed_up and confirmed:
        return f"signed up at Mailchimp {signed_up}, confirmed {confirmed} UTC"
    if signed_up or confirmed:
        return f"{'signed up' if signed_up else 'confirmed'} at Mailchimp {signed_up or confirmed} UTC"
    return ""


def _both(first: str, second: str) -> str | None:
    return first + ", " + second if first and second and first != second else second or first or None


def _clause(before: str, text: str) -> str:
    """Return the text on one line behind what leads to it; nothing where there is none."""
    return before + " ".join(text.split())[:_LONGEST_REASON] if text else ""


FILES: Final[tuple[tuple[frozenset[str], Reading], ...]] = (
    (MARKS | {"clean_time"}, cleaned),
    (MARKS | {"clean_campaign_title"}, cleaned),
    (MARKS | {"unsub_time"}, unsubscribed),
    (MARKS | {"unsub_campaign_title"}, unsubscribed),
    (MARKS, subscribed),
)
