"""A mail server on this machine that keeps what it gets: for `digest demo` and tests, never for the public."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from mailbox import Maildir
from pathlib import Path
from typing import Protocol

_LOOPBACK = "127.0.0.1"


class _Envelope(Protocol):
    """What aiosmtpd knows of a message."""

    mail_from: str
    rcpt_tos: list[str]
    original_content: bytes  # CRLF, without dot-stuffing


class _Keeper:
    """Puts each message into a Maildir, with the lines that a server puts on top at delivery."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._maildir = Maildir(folder, create=True)

    async def handle_DATA(self, _server: object, _session: object, envelope: _Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        for recipient in envelope.rcpt_tos:
            # RFC 5321 section 4.4: final delivery writes down the return path.
            head = f"Return-Path: <{envelope.mail_from}>\nDelivered-To: {recipient}\n".encode()
            self._maildir.add(head + envelope.original_content.replace(b"\r\n", b"\n"))
        return "250 2.0.0 kept"


@contextmanager
def local_inbox(folder: Path) -> Iterator[tuple[str, int]]:
    """Run a mail server that keeps all it gets in the Maildir `folder`; yield its host and port."""
    from aiosmtpd.controller import Controller

    controller = Controller(_Keeper(folder), hostname=_LOOPBACK, port=_free_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        yield _LOOPBACK, controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    """Return a port that nobody listens on: aiosmtpd cannot be asked which one it was given."""
    with socket.create_server((_LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
