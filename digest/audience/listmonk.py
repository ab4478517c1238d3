"""An export of listmonk's, which says where people stand, and not what they agreed to."""

import re
from collections.abc import Sequence
from typing import Final

from digest.audience.admission import NewSubscriber
from digest.audience.cells import Cells, from_elsewhere
from digest.audience.subscriber import Consent
from digest.errors import UnfitText

MARKS: Final = frozenset({"uuid", "email", "attributes", "status"})  # columns by which it is known
COLUMNS: Final = (("email",), ("status",), ("created_at",), ("updated_at",))
_STATES: Final = {"enabled": Consent.CONFIRMED, "disabled": Consent.LEFT, "blocklisted": Consent.SUPPRESSED}
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})(?: .*)?")  # Go's Time.String
_NO_TIME = "0001-01-01"  # Go's zero time


def listed(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    """Return a subscriber of listmonk, whose export does not say that anybody agreed: `--consent` has to."""
    address, status, created, updated = record
    if status not in _STATES:
        known = ", ".join(_STATES)
        raise UnfitText(f"{status!r} is not where a subscriber of listmonk can stand", f"Known: {known}.")
    state = _STATES[status]
    since = f"in listmonk since {created}" if created and not created.startswith(_NO_TIME) else "in listmonk"
    if state is Consent.CONFIRMED:
        own = f"{cells.terms.evidence}; {since}" if cells.terms.evidence else ""
        return from_elsewhere(cells, line, address, state, evidence=own, at=cells.utc(_go_time(created)))
    return from_elsewhere(
        cells, line, address, state, evidence=f"{status} in listmonk; {since}", at=cells.utc(_go_time(updated))
    )


def _go_time(cell: str) -> str:
    """Return a time that Go wrote, `2023-05-17 10:22:31.123456 +0200 CEST`, as others write it; empty: never."""
    if cell.startswith(_NO_TIME):
        return ""
    found = _GO_TIME.fullmatch(cell)
    return found[1] + found[2] if found else cell
