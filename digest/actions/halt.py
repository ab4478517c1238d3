"""Stop an edition that is being sent, in whichever process.

sending ─ pause ─▶ paused                               nothing is sent that was not in flight when the step was taken:
   └───── cancel ─▶ cancelled, the rest is skipped      the sender asks at each commit of the gate whether it goes on

It loads as little as it can: who stops a mailing is in a hurry.
"""

from digest import clock
from digest.actions.ports import Office
from digest.delivery.lock import sender_lock
from digest.delivery.rows import RowState
from digest.editions.edition import Edition, State
from digest.errors import Busy, Refused

PATIENCE = 5.0  # seconds to wait for what is in flight; a server may take minutes to answer
_LOOK = 0.1  # seconds
_INSTEAD = {
    State.PAUSED: (
        "is paused already",
        "Go on with `digest edition resume {}`, or end it with `digest edition cancel {}`.",
    ),
    State.PREPARING: ("is about to be sent", "Try again in a moment."),
    State.SENT: ("has been sent already", "Nothing is left to pause; a correction goes into a further edition."),
    State.CANCELLED: ("was cancelled for good", "Nothing is left to pause."),
}
_NOT_YET = frozenset({State.PLANNED, State.BUILT, State.APPROVED})  # nobody was sent anything


def pause(office: Office, edition: Edition, reason: str) -> Edition:
    """Return the edition paused: nobody is sent anything until somebody resumes it. Refused when it is not sending."""
    if edition.state is not State.SENDING:
        cancel_it = "If it is not to go out, cancel it with `digest edition cancel {}`."
        remedy = cancel_it if edition.state in _NOT_YET else "Nothing is left to pause."
        said, remedy = _INSTEAD.get(edition.state, (f"is {edition.state}: it is not being sent", remedy))
        raise Refused(f"{edition.id} {said}", remedy.replace("{}", edition.id))
    return office.store.editions.move(edition, State.PAUSED, reason=reason)


def cancel(office: Office, edition: Edition, reason: str) -> Edition:
    """Return the edition cancelled, with every row accounted for that was not in flight."""
    cancelled = office.store.editions.move(edition, State.CANCELLED, reason=reason)
    office.store.deliveries.close(cancelled.key, office.clock())
    return cancelled


def in_flight(office: Office, edition: Edition, patience: float | None = None) -> int:
    """Wait until nothing of a stopped edition is in flight any more; return how many messages are in spite of that."""
    until = clock.monotonic() + (PATIENCE if patience is None else patience)
    while (count := _flying(office, edition)) and clock.monotonic() < until and _somebody_sends(office):
        clock.sleep(_LOOK)
    return count


def close(office: Office, edition: Edition) -> int:
    """Account for what a cancelled edition had in flight; return how many messages a sender still waits for.

    What a sender left that is no more is in doubt.
    """
    waiting = in_flight(office, edition)
    if waiting:
        try:
            with sender_lock(office.newsroom.var / "sender.lock"):
                office.store.deliveries.recover(edition.key, "hold", office.clock())
                waiting = 0
        except Busy:
            pass
    office.store.deliveries.close(edition.key, office.clock())
    return waiting


def _flying(office: Office, edition: Edition) -> int:
    return office.store.deliveries.counts(edition.key).get(RowState.IN_FLIGHT, 0)


def _somebody_sends(office: Office) -> bool:
    try:
        with sender_lock(office.newsroom.var / "sender.lock"):
            return False
    except Busy:
        return True
