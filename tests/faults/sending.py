"""A process that sends an edition, for others to kill; and the server that it sends to, which remembers."""

import socketserver
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import Engine

from digest import clock
from digest.addresses import Address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.config import Relay
from digest.delivery.outgoing import Outgoing
from digest.delivery.rows import Recipient
from digest.delivery.sender import send_edition
from digest.editions.edition import State
from digest.errors import Busy
from digest.store.database import open_database
from digest.store.deliveries import Deliveries
from digest.store.editions import Editions
from digest.store.subscribers import Subscribers
from digest.wiring import route_to

CONNECTIONS = 8
LEASE = 1.0  # seconds
START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
BODY = b"Subject: The week\r\n\r\n" + b"What happened this week, line by line.\r\n" * 200
Policy = Literal["resend", "hold"]


class Post(socketserver.ThreadingTCPServer):
    """A mail server that counts, by address, the messages that it has answered for or was about to."""

    daemon_threads = True

    def __init__(self, slowness: float) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.slowness = slowness  # seconds until it answers to a message
        self.copies: Counter[str] = Counter()
        self.last = 0.0  # when it took the last message, as a steady clock has it
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: Post

    def handle(self) -> None:
        try:
            self._talk()
        except OSError:  # the sender was killed
            return

    def _talk(self) -> None:
        self.wfile.write(b"220 post\r\n")
        address = ""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                address = line.partition(b"<")[2].partition(b">")[0].decode()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                if not self._took(address):
                    return
                continue
            self.wfile.write(b"250-post\r\n250 PIPELINING\r\n" if verb == b"EHLO" else b"250 2.0.0 ok\r\n")

    def _took(self, address: str) -> bool:
        while line := self.rfile.readline():
            if line == b".\r\n":
                with self.server.lock:
                    self.server.copies[address] += 1
                    self.server.last = clock.monotonic()
                clock.sleep(self.server.slowness)
                self.wfile.write(b"250 2.0.0 taken\r\n")
                return True
        return False


@contextmanager
def post(slowness: float = 0.0) -> Iterator[Post]:
    """Run such a server."""
    with Post(slowness) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def prepared(engine: Engine, readers: int) -> int:
    """Make an edition with so many rows that are due, and return its key."""
    Subscribers(engine, b"h" * 32).import_rows(map(_reader, range(readers)), START)
    editions = Editions(engine)
    built = editions.move(editions.add("weekly", date(2026, 11, 27), START), State.BUILT, content_sha="aa")
    approved = editions.move(built, State.APPROVED, approved_by="eva@news.example", approved_at=START)
    editions.prepare(approved, [], (), lambda _: False, START)
    return approved.key


def _reader(number: int) -> NewSubscriber:
    text = f"reader{number}@example.org"
    return NewSubscriber(Address(text, text), "en", ("weekly",), Consent.CONFIRMED, "staff", "by phone")


@dataclass(frozen=True)
class Task:
    """What is to be sent, and to which server."""

    url: str  # of the database
    folder: Path  # of the newsroom
    edition: int
    port: int

    def begin(self, policy: Policy, place: str) -> "subprocess.Popen[str]":
        """Start a process that sends what is due; it says `sending` once it begins."""
        words = [self.url, str(self.folder), str(self.edition), str(self.port), policy, place]
        return subprocess.Popen([sys.executable, "-m", __name__, *words], stdout=subprocess.PIPE, text=True)


def _message(recipient: Recipient) -> Outgoing:
    return Outgoing("bounces@news.example", recipient.address, b"To: %b\r\n%b" % (recipient.address.encode(), BODY))


def main(task: Task, policy: Policy, place: str) -> None:
    """Send what is due, and what a dead sender left in flight; wait until nobody else does."""
    rows = Deliveries(open_database(task.url, task.folder), place, LEASE)
    relay = Relay(host="127.0.0.1", port=task.port, security="none", connections=CONNECTIONS)
    sys.stdout.write("sending\n")
    sys.stdout.flush()
    while True:
        try:
            send_edition(
                task.edition,
                rows,
                [route_to(relay)],
                _message,
                clock.now,
                policy=policy,
                started=START,
                stop=lambda: False,
            )
        except Busy:
            clock.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    url, folder, edition, port, policy, place = sys.argv[1:]
    main(Task(url, Path(folder), int(edition), int(port)), "hold" if policy == "hold" else "resend", place)
