"""What became of an edition: every row accounted for, and whoever did not simply get it by name."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from digest.actions.accounts import Account, Named
from digest.actions.notify import Notice, is_told, tell_staff
from digest.actions.ports import Office
from digest.delivery.rows import RowState
from digest.editions.edition import Edition, State
from digest.moments import to_stored

OPEN_FIRST = (  # in the order of reports
    RowState.SENT,
    RowState.DUE,
    RowState.IN_FLIGHT,
    RowState.DEFERRED,
    RowState.IN_DOUBT,
    RowState.FAILED,
    RowState.BOUNCED,
    RowState.SUPPRESSED,
    RowState.SKIPPED,
)
_NEED_SOMEBODY = frozenset({RowState.IN_FLIGHT, RowState.IN_DOUBT, RowState.FAILED, RowState.BOUNCED})
_MANY = 20  # rows that are mailed one by one
_ENDED = frozenset({State.SENT, State.CANCELLED})
_LOOK_BACK = timedelta(days=2)  # since it began; who joins the staff later need not hear of it


def facts(edition: Edition, account: Account) -> dict[str, object]:
    """Return the sums, fit for JSON."""
    return {
        "edition": edition.id,
        "state": edition.state.value,
        "reason": edition.reason,
        "dated": edition.dated and to_stored(edition.dated),
        "total": account.total,
        "recipients": {state.value: account.counts.get(state, 0) for state in OPEN_FIRST},
        "skipped": dict(account.skipped),
    }


def fact_of(named: Named) -> dict[str, object]:
    """Return one row that is named, fit for JSON."""
    return {
        "address": named.address,
        "state": named.state.value,
        "reason": named.reply,
        "attempts": named.attempts,
        "at": to_stored(named.at),
        "next_at": named.next_at and to_stored(named.next_at),
    }


def sums(edition: Edition, account: Account) -> Iterator[str]:
    """Yield the sums, line by line."""
    because = f" ({edition.reason})" if edition.reason else ""
    yield f"{edition.id} is {edition.state}{because}; {account.total:,} recipients:"
    for state in OPEN_FIRST:
        if count := account.counts.get(state, 0):
            reasons = ", ".join(f"{each:,} {reason}" for reason, each in account.skipped.items())
            why = f" ({reasons})" if state is RowState.SKIPPED else ""
            yield f"{count:,} {state}{why}"


def line_of(named: Named) -> str:
    """Return one row that is named as a line for people."""
    tries = "1 attempt" if named.attempts == 1 else f"{named.attempts} attempts"
    again = f", again at {to_stored(named.next_at)}" if named.next_at else ""
    twice = ", perhaps twice" if named.state is RowState.SENT else ""
    return f"{named.state}{twice}: {named.address or 'somebody erased'} ({tries}{again}): {named.reply or 'no answer'}"


def tell_end(office: Office, edition: Edition) -> None:
    """Tell the staff once how an edition ended."""
    tell_staff(office, of_ended(office, [edition]), office.clock())


def of_ended(office: Office, editions: Iterable[Edition]) -> Iterator[Notice]:
    """Yield what to say of editions that ended, where not all of the staff know."""
    for edition in editions:
        if edition.state not in _ENDED or not edition.dated or edition.dated < office.clock() - _LOOK_BACK:
            continue
        key = f"report {edition.id} {edition.state}"
        if not is_told(office, key):
            with office.store.reports.account(edition.key) as account:
                yield _notice(key, edition, account)


def _notice(key: str, edition: Edition, account: Account) -> Notice:
    head = list(sums(edition, account))
    wanting = sum(account.counts.get(state, 0) for state in _NEED_SOMEBODY)
    needing = (line_of(named) for named in account.named if named.state in _NEED_SOMEBODY)
    lines = [*islice(needing, _MANY), *([f"… and {wanting - _MANY:,} more"] if wanting > _MANY else [])]
    whole = f"The whole account: digest edition report {edition.id}"
    text = "\n\n".join(["\n".join(head), *(["\n".join(lines)] if lines else []), whole])
    sent = account.counts.get(RowState.SENT, 0)
    subject = f"{edition.id} is {edition.state}: {sent:,} of {account.total:,} got it"
    return Notice(key, subject, text, log=f"{subject}; {', '.join(head[1:])}")
