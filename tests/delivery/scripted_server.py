"""A mail server on a real socket that answers what it is told to, or hangs up."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import BinaryIO

from digest.config import Relay

GREETING, BODY, DOT = "greeting", "body", "."
_USUAL = {
    GREETING: b"220 ready",
    "EHLO": b"250 here",
    "DATA": b"354 go on",
    DOT: b"250 2.0.0 queued",
    "QUIT": b"221 bye",
}
SILENCE = b"says nothing and waits"


class Dripping(bytes):
    """An answer that comes octet by octet, ten a second."""


Answer = bytes | None | list[bytes] | list[bytes | None]  # a list: one after the other
_OK = b"250 2.1.0 ok"


class ScriptedServer:
    """Serves one connection after the other; an answer of None hangs up instead."""

    def __init__(self, answers: Mapping[str, Answer], port: int = 0) -> None:
        self._answers: dict[str, Answer] = {**_USUAL, **answers}
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.relay = Relay(host="127.0.0.1", port=self.port, security="none")
        self.commands: list[str] = []  # of all connections
        self.bodies: list[bytes] = []  # of the messages that got their dot, as they came over the wire
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        # Closing a listener does not wake up who waits in accept; shutting it down does.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream, suppress(OSError):
                self._converse(connection, stream)

    def _converse(self, connection: socket.socket, stream: BinaryIO) -> None:
        if not self._say(connection, GREETING):
            return
        for line in stream:
            command = line.decode("latin-1").rstrip("\r\n")
            self.commands.append(command)
            word = command.partition(" ")[0].upper()
            if not self._say(connection, word):
                return
            if self._said.startswith(b"354") and not self._take(connection, stream):
                return

    def _take(self, connection: socket.socket, stream: BinaryIO) -> bool:
        """Read a body; return whether the conversation goes on."""
        body = b""
        for line in stream:
            if line == b".\r\n":
                self.bodies.append(body)
                return self._say(connection, DOT)
            body += line
            if self._answers.get(BODY, b"") is None:
                return False
        return False

    def _say(self, connection: socket.socket, word: str) -> bool:
        answer = self._answers.get(word, _OK)
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer is None:
            return False
        self._said = answer
        if answer is SILENCE:
            connection.recv(1)
            return False
        if isinstance(answer, Dripping):
            for octet in answer:
                connection.send(bytes([octet]))
                time.sleep(0.1)
        connection.sendall(b"\r\n" if isinstance(answer, Dripping) else answer + b"\r\n")
        return not (word == "QUIT" or answer.startswith(b"421"))


@contextmanager
def scripted_server(answers: Mapping[str, Answer] | None = None, port: int = 0) -> Iterator[ScriptedServer]:
    """Run such a server for a while, on a free port unless one is given."""
    server = ScriptedServer(answers or {}, port)
    try:
        yield server
    finally:
        server.stop()
