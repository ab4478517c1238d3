"""One SMTP connection at a time, renewed when it has to be."""

from collections.abc import Callable
from typing import Protocol

from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost, Reply
from digest.errors import OutsideFailure


class Transport(Protocol):
    """One connection to a mail server. Raises Lost when it breaks."""

    def offer(self, outgoing: Outgoing) -> Reply | None:
        """Hand over all of the message but its final dot; return the refusal, if there was one."""

    def finish(self) -> Reply:
        """Send the final dot of the message offered and return the answer."""

    def drop(self) -> None:
        """Close at once, so that a message offered is none."""

    def close(self) -> None:
        """Take leave and close."""


Connect = Callable[[], Transport]  # raises OutsideFailure when no server answers


class Unreachable(OutsideFailure):
    """No server lets us in."""


class Lane:
    """The way to the mail server, over one connection after the other."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._transport: Transport | None = None
        self._offered = False  # a message lies there without its dot

    def offer(self, outgoing: Outgoing) -> Reply | None:
        """Hand over all of the message but its final dot; return the refusal, if there was one.

        A server may close a connection that has served before whenever it likes, so the first loss on such a one is
        made good on a fresh one. Raises Lost, or Unreachable.
        """
        served_before = self._transport is not None
        try:
            return self._offer(outgoing)
        except Lost:
            if not served_before:
                raise
        return self._offer(outgoing)

    def _offer(self, outgoing: Outgoing) -> Reply | None:
        self._transport = self._transport or self._connected()
        self._offered = True
        try:
            refusal = self._transport.offer(outgoing)
        except Lost:
            self.drop()
            raise
        self._offered = refusal is None
        self._drop_if_closing(refusal)
        return refusal

    def _connected(self) -> Transport:
        try:
            return self._connect()
        except OutsideFailure as failure:
            raise Unreachable(failure.message, failure.remedy) from failure

    def finish(self) -> Reply:
        """Send the final dot of the message offered and return the answer. Raises Lost."""
        assert self._transport  # noqa: S101 - only called after an offer
        try:
            reply = self._transport.finish()
        except Lost:
            self.drop()
            raise
        self._offered = False
        self._drop_if_closing(reply)
        return reply

    def drop(self) -> None:
        """Close at once: a message offered is none, because DATA cannot be taken back."""
        transport, self._transport, self._offered = self._transport, None, False
        if transport:
            transport.drop()

    def close(self) -> None:
        """Take leave, unless a message lies there that is not to be sent."""
        if self._offered:
            self.drop()
        transport, self._transport = self._transport, None
        if transport:
            transport.close()

    def _drop_if_closing(self, reply: Reply | None) -> None:
        if reply and reply.hangs_up:
            self.drop()
