"""The connections to one mail server, and what they carry: from a row's message to the answer to its dot."""

from datetime import datetime
from typing import Protocol

from digest import clock
from digest.delivery.lane import Errand, Lane, Place
from digest.delivery.replies import Lost, Reply, Stage
from digest.delivery.route import Route
from digest.delivery.transport import Step, Transport
from digest.delivery.waits import Waits
from digest.errors import OutsideFailure

_STUCK = 5.0  # seconds in which no connection came on, after which the next server is given messages too
_UNPROVEN = 1.0  # the same, until it has let us in
_RETRY = 60.0  # seconds until a server is asked for a connection that it refused


class Listener(Protocol):
    """Who hears what becomes of messages."""

    def offered(self, lane: Lane, errand: Errand) -> None:
        """Hear that all of a message but its dot went out."""

    def answered(self, lanes: "Lanes", errand: Errand, answer: Reply | Lost) -> None:
        """Hear what the server said to a message, or that the connection was lost."""

    def untouched(self, lanes: "Lanes", errand: Errand) -> None:
        """Hear that a message was not carried, and is due as it was."""

    def goes_on(self, lanes: "Lanes") -> bool:
        """Return whether these may carry one more message."""


class Lanes:
    """All connections of a run to one server."""

    def __init__(self, route: Route, waits: Waits, listener: Listener, most: int | None = None) -> None:
        """Open no more than `most` connections, however many the server may be given."""
        self.throttle = route.throttle
        self.unreachable: OutsideFailure | None = None  # why the server let nobody in when it was asked last
        self.busy: set[Lane] = set()
        self._connect, self._waits, self._listener, self._most = route.connect, waits, listener, most
        self._free: list[Lane] = []
        self._has_let_in = False  # anybody in this run
        self._shut = 0  # connections that it did not allow
        self._retry_at = 0.0  # monotonic; when to ask for them again

    def reopen(self) -> None:
        """Ask the server again for what it refused before."""
        self._shut, self.unreachable = 0, None

    def is_within_reach(self) -> bool:
        """Return whether the server lets somebody in, as far as is known; after a while it is asked again."""
        if (self._shut or self.unreachable) and clock.monotonic() >= self._retry_at:
            self.reopen()
        return not self.unreachable

    def has_room(self, at: datetime) -> bool:
        """Return whether one more message can be carried."""
        if not self.is_within_reach() or len(self.busy) >= self._allowed(at):
            return False
        return len(self.busy) + self._shut < self._allowed(at) or any(lane.transport for lane in self._free)

    def is_stuck(self) -> bool:
        """Return whether nothing has been heard on any connection for a while, though something should have been."""
        since = clock.monotonic() - (_STUCK if self._has_let_in else _UNPROVEN)
        waiting = [lane for lane in self.busy if lane.place is not Place.WAITING]
        return bool(waiting) and all(lane.since < since for lane in waiting)

    def carry(self, errand: Errand) -> None:
        """Take a message on its way."""
        # An open connection first: another one may not be allowed beside it.
        lane = next((lane for lane in self._free if lane.transport), None) or (self._free or [Lane(self)])[-1]
        if lane in self._free:
            self._free.remove(lane)
        self.busy.add(lane)
        self._offer(lane, errand)

    def go_on(self, lane: Lane) -> None:
        """Go on with what the server said."""
        if lane.place is Place.WAITING:
            self._waits.forget(lane)  # it is heard when the dot goes out; nothing else it says matters
        elif lane.place is Place.FREE:
            self._disconnect(lane)  # it says that it will serve no more
        else:
            self._step(lane)

    def connected(self, lane: Lane, made: Transport | BaseException) -> None:
        """Go on with a connection that was asked for. Raises what is no OutsideFailure."""
        errand = lane.errand
        if lane.place is not Place.CONNECTING or not errand:  # taken back meanwhile
            if not isinstance(made, BaseException):
                made.drop()
        elif isinstance(made, OutsideFailure):
            self._refused(lane, errand, made)
        elif isinstance(made, BaseException):
            raise made
        else:
            lane.transport, self.unreachable = made, None
            self._has_let_in, self.throttle.out_of_reach = True, ""
            self._offer(lane, errand)

    def finish(self, lane: Lane, following: Errand | None) -> None:
        """Send the dot of the message that was offered; `following` comes next."""
        if not lane.transport:
            return
        lane.goes(Place.FINISHING)
        lane.following = following
        lane.transport.finish(following.outgoing if following else None)
        self._step(lane)

    def turn_away(self, lane: Lane) -> None:
        """Drop the message that was offered: DATA cannot be taken back."""
        self._disconnect(lane)
        self._set_free(lane)

    def take_back(self) -> None:
        """Carry nothing any more but what waits for the gate or has passed it."""
        for lane in [lane for lane in self.busy if lane.place in {Place.CONNECTING, Place.OFFERING}]:
            errand = lane.errand
            self.turn_away(lane)
            if errand:
                self._listener.untouched(self, errand)

    def give_up(self) -> None:
        """Carry nothing more for a while, so that others can; what has passed the gate is still waited for."""
        self._is_out_of_reach(OutsideFailure(f"{self.throttle.server} says nothing", "Read that server's log."))
        self.take_back()

    def take_leave(self) -> None:
        """Begin to say goodbye on all connections; who is busy until then has left."""
        for lane in [lane for lane in self._free if lane.transport]:
            self._free.remove(lane)
            self.busy.add(lane)
            lane.goes(Place.LEAVING)
            if lane.transport:
                lane.transport.leave()
                self._step(lane)

    def close(self) -> None:
        """Drop everything at once."""
        for lane in [*self.busy, *self._free]:
            self._disconnect(lane)

    def _allowed(self, at: datetime) -> int:
        allowed = self.throttle.connections(at)
        return min(allowed, self._most) if self._most else allowed

    def _offer(self, lane: Lane, errand: Errand) -> None:
        lane.errand = errand
        if lane.transport is None:
            lane.goes(Place.CONNECTING)
            lane.has_served = False
            self._waits.connect(lane, self._connect)
        else:
            lane.goes(Place.OFFERING)
            lane.transport.offer(errand.outgoing)
            self._step(lane)

    def _refused(self, lane: Lane, errand: Errand, failure: OutsideFailure) -> None:
        """Ask for no connection for a while where there is none, or for fewer: a server may allow some only."""
        self._set_free(lane)
        self._listener.untouched(self, errand)
        if any(other.transport or other.place is Place.CONNECTING for other in [*self.busy, *self._free]):
            self._shut += 1
            self._retry_at = clock.monotonic() + _RETRY
        else:
            self._is_out_of_reach(failure)

    def _is_out_of_reach(self, failure: OutsideFailure) -> None:
        """Ask it again later, and let letters go elsewhere too."""
        self.unreachable = failure
        self.throttle.out_of_reach = failure.message
        self._retry_at = clock.monotonic() + _RETRY

    def _step(self, lane: Lane) -> None:
        """Go on with what the lane's transport does, as far as nobody has to be waited for."""
        if lane.transport is None:
            return
        try:
            ended = lane.transport.step()
        except Lost as lost:
            self._lost(lane, lost)
            return
        if ended is None:
            self._waits.watch(lane)
        elif isinstance(ended, Reply):
            self._answered(lane, ended)
        elif ended is Step.OFFERED and lane.errand:
            lane.goes(Place.WAITING)
            self._listener.offered(lane, lane.errand)
        else:
            self.turn_away(lane)

    def _answered(self, lane: Lane, reply: Reply) -> None:
        is_let_go = reply.hangs_up and reply.stage in {Stage.RSET, Stage.MAIL} and lane.has_served
        if is_let_go and lane.errand and not (reply.enhanced or "").startswith("4.7."):
            # It takes so many messages on a connection only, or waits so long for the next one: not that it is ill.
            self._disconnect(lane)
            self._offer(lane, lane.errand)
            return
        lane.has_served = True
        if reply.hangs_up:
            self._disconnect(lane)
        self._ended(lane, reply)

    def _lost(self, lane: Lane, lost: Lost) -> None:
        """Offer the message once more where a server may have closed, or tell that the connection was lost.

        A server may close a connection that has served before whenever it likes, so the first loss on such a one is
        made good on a fresh one.
        """
        self._disconnect(lane)
        if lane.errand and lane.place is Place.OFFERING and lane.has_served:
            self._offer(lane, lane.errand)
        else:
            self._ended(lane, lost)

    def _ended(self, lane: Lane, answer: Reply | Lost) -> None:
        """Tell how a message ended, and go on with the one that was to follow."""
        errand, lane.errand = lane.errand, None
        following, lane.following = lane.following, None
        if errand:
            self._listener.answered(self, errand, answer)
        if following and self._listener.goes_on(self):
            self._offer(lane, following)
            return
        if following:
            self._disconnect(lane)  # the server waits for a message that is not to come
            self._listener.untouched(self, following)
        self._set_free(lane)

    def _set_free(self, lane: Lane) -> None:
        lane.goes(Place.FREE)
        lane.errand = None
        self.busy.discard(lane)
        self._free.append(lane)
        if lane.watched:
            self._waits.watch(lane)  # for what it says by itself

    def _disconnect(self, lane: Lane) -> None:
        if lane.transport:
            self._waits.forget(lane)
            lane.transport.drop()
            lane.transport = None
