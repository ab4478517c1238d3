"""What a run of the sender logs: rows that did not get it, and servers that do otherwise than before."""

from collections.abc import Callable
from datetime import datetime

from digest.delivery.rows import Result, RowState
from digest.delivery.throttle import Throttle
from digest.log import Entry, Trace
from digest.moments import to_stored


class Chronicle:
    """Tells `log`, unless there is none."""

    def __init__(self, log: Callable[[Entry], None] | None) -> None:
        self._log = log
        self._told: dict[Throttle, str] = {}  # of each server, last

    def row(self, result: Result, server: str) -> None:
        """Tell what became of a row, unless it was sent."""
        if result.state is RowState.SENT or not self._log:
            return
        facts = {"subscriber": result.subscriber, "state": str(result.state), "reply": result.reply, "server": server}
        line = f"subscriber {result.subscriber} is {result.state}: {result.reply}"
        self._log(Trace(line, event="row", **facts))

    def server(self, throttle: Throttle, at: datetime) -> None:
        """Tell how a server does, if that changed."""
        rest = throttle.rest(at)
        how = f"{throttle.server} rests until {to_stored(rest[0])}: {rest[1]}" if rest else throttle.out_of_reach
        if how == self._told.get(throttle, "") or not self._log:
            return
        self._told[throttle] = how
        state = "rests" if rest else "out of reach" if how else "goes on"
        self._log(Entry(how or f"{throttle.server} goes on", event="server", server=throttle.server, state=state))
