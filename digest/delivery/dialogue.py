"""What is said on one connection to a mail server, from MAIL to the final dot (RFC 5321 section 3.3).

Each talk is a generator that tells what it says and yields what it waits for, so that it reads like a conversation
while one thread holds many of them.
"""

import socket
import ssl
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress

from digest import clock
from digest.delivery import replies
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Garbled, Lost, Replies, Reply, Stage
from digest.delivery.transport import Step

_ANSWER = 300.0  # seconds for each command and the body; RFC 5321 section 4.5.3.2
# RFC 5321 section 4.5.3.2.6: who waits less than ten minutes for the answer to the dot sends twice.
_PATIENCE = {Stage.DOT: 600.0, Stage.QUIT: 5.0}  # seconds
_START_MAIL_INPUT = 354
_WOULD_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_STAGES = (Stage.MAIL, Stage.RCPT, Stage.DATA)  # of a message, before its body
_DOT = b".\r\n"
_READ = 4096  # octets at once
_SEND_BUFFER = 256 * 1024  # octets, so that most messages go out in one write

_Talk = Generator[Stage, Reply, Reply | Step]  # yields what is to be answered, and is sent the answer


class Dialogue:
    """One connection to one relay, let in and ready for messages; a Transport."""

    def __init__(self, connection: socket.socket, server: str, *, pipelines: bool) -> None:
        self._connection = connection
        self._server = server  # host:port, for people
        self._pipelines = pipelines  # RFC 2920
        self._replies = Replies()
        self._unwritten = memoryview(b"")
        self._talk: _Talk
        self._awaited = Stage.MAIL  # whose answer
        self._ended: Reply | Step | None = None  # how the talk did
        self._refused_last = False  # so that RSET has to come before the next message
        self._announced: Outgoing | None = None  # the server was asked for it behind the last dot
        self._behind_dot = 0  # octets that go out with it
        self.deadline = clock.monotonic()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        connection.setblocking(False)

    def offer(self, outgoing: Outgoing) -> None:
        """Send MAIL, RCPT, DATA and the body without the final dot; it ends as OFFERED or with the refusal."""
        self._begin(self._offering(outgoing))

    def finish(self, following: Outgoing | None = None) -> None:
        """Send the final dot; it ends with the answer. What is offered next may be announced with it.

        Lost at `Stage.DATA` when the dot could not be written, at `Stage.DOT` when its answer did not come.
        """
        self._begin(self._finishing(following))

    def leave(self) -> None:
        """Say QUIT and close; what a server answers to that changes nothing."""
        self._begin(self._leaving())

    def step(self) -> Reply | Step | None:
        """Go on as far as the server need not be waited for; return what ended, or None."""
        while self._write():
            if self._ended:
                return self._ended
            if not (reply := self._read()):
                break
            try:
                self._wait_for(self._talk.send(reply))
            except StopIteration as end:
                self._ended = end.value  # once all is written
                self._wait_for(self._awaited)
        if clock.monotonic() >= self.deadline:
            raise self._lost(self._awaited, "it timed out")
        return None

    def writes(self) -> bool:
        """Return whether it waits to write, not just to read."""
        return bool(self._unwritten)

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._connection.fileno()

    def drop(self) -> None:
        """Close at once."""
        with suppress(OSError):
            self._connection.close()

    def _offering(self, outgoing: Outgoing) -> _Talk:
        if self._announced is not outgoing:
            commands = _commands(outgoing, after_refusal=self._refused_last)
            self._refused_last = False
            refusal = yield from (self._told_at_once if self._pipelines else self._told_in_turn)(commands)
        else:
            refusal = yield from self._answers(_STAGES)
        self._announced = None
        if refusal:
            return self._refused(refusal)
        self._tell(outgoing.message)
        return Step.OFFERED

    def _told_in_turn(self, commands: Mapping[Stage, str]) -> Generator[Stage, Reply, Reply | None]:
        for stage, command in commands.items():
            self._tell(command.encode("ascii"))
            reply = yield stage
            if not _goes_on(reply):
                return reply
        return None

    def _told_at_once(self, commands: Mapping[Stage, str]) -> Generator[Stage, Reply, Reply | None]:
        self._tell("".join(commands.values()).encode("ascii"))
        return (yield from self._answers(commands))

    def _answers(self, stages: Iterable[Stage]) -> Generator[Stage, Reply, Reply | None]:
        """Return the first refusal among the answers to commands that went out together."""
        refusal = None
        for stage in stages:
            reply = yield stage
            if reply.hangs_up:
                return refusal or reply
            if not _goes_on(reply):
                refusal = refusal or reply
        if refusal and reply.code == _START_MAIL_INPUT:
            # The server waits for a message although nobody is to get one (RFC 2920 section 3.1): an empty one.
            self._tell(_DOT)
            yield Stage.DATA
        return refusal

    def _refused(self, reply: Reply) -> Reply:
        if not (reply.defers or reply.refuses):
            raise self._lost(reply.stage, f"it answered {reply.code}")
        self._refused_last = True
        return reply

    def _finishing(self, following: Outgoing | None) -> _Talk:
        commands = b""
        if following and self._pipelines:
            # RFC 2920 section 3.1: the end of a message may be the first of a group of commands.
            commands = "".join(_commands(following).values()).encode("ascii")
            self._announced = following
        self._behind_dot = len(commands)
        self._tell(_DOT + commands)
        reply = yield Stage.DOT
        if not (reply.accepts or reply.defers or reply.refuses):
            raise self._lost(Stage.DOT, f"it answered {reply.code}")
        return reply

    def _leaving(self) -> _Talk:
        self._tell(b"QUIT\r\n")
        yield Stage.QUIT
        self.drop()
        return Step.LEFT

    def _begin(self, talk: _Talk) -> None:
        self._talk, self._ended = talk, None
        self._wait_for(next(talk))

    def _wait_for(self, awaited: Stage) -> None:
        self._awaited = awaited
        self.deadline = clock.monotonic() + _PATIENCE.get(awaited, _ANSWER)

    def _tell(self, data: bytes) -> None:
        self._unwritten = memoryview(data)

    def _write(self) -> bool:
        """Write what there is; return whether all of it went out."""
        while self._unwritten:
            try:
                written = self._connection.send(self._unwritten)
            except _WOULD_WAIT:
                return False
            except OSError as error:
                # A dot that was not written wholly is none.
                no_dot = self._awaited is Stage.DOT and len(self._unwritten) > self._behind_dot
                raise self._lost(Stage.DATA if no_dot else self._awaited, str(error)) from error
            self._unwritten = self._unwritten[written:]
        return True

    def _read(self) -> Reply | None:
        """Return the next reply, or None when it has not come wholly yet."""
        try:
            while not (found := self._replies.next()):
                data = self._connection.recv(_READ)
                if not data:
                    raise self._lost(self._awaited, "it hung up")
                self._replies.feed(data)
        except _WOULD_WAIT:
            return None
        except (OSError, Garbled) as error:
            raise self._lost(self._awaited, str(error)) from error
        return replies.reply(*found, self._awaited)

    def _lost(self, stage: Stage, reason: str) -> Lost:
        self.drop()
        return Lost(self._server, stage, reason)


def _commands(outgoing: Outgoing, *, after_refusal: bool = False) -> dict[Stage, str]:
    """Return the commands before a message's body."""
    first = {Stage.RSET: "RSET\r\n"} if after_refusal else {}
    return {
        **first,
        Stage.MAIL: f"MAIL FROM:<{outgoing.return_path}>\r\n",
        Stage.RCPT: f"RCPT TO:<{outgoing.address}>\r\n",
        Stage.DATA: "DATA\r\n",
    }


def _goes_on(reply: Reply) -> bool:
    return reply.code == _START_MAIL_INPUT if reply.stage is Stage.DATA else reply.accepts
