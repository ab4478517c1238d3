"""The web application at a desk: visitors from any IP address, mails, and what the database holds."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlencode, urljoin, urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.types import ASGIApp, Message

from digest.actions.letters import deliver_letters
from digest.store import tables
from digest.store.subscribers import Subscribers
from digest.web.app import application
from digest.web.stamps import stamp
from tests.actions.desk import Desk, desk_in

_LINK = re.compile(r'href="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]  # by name in lower case
    text: str


@dataclass
class Line:
    """The way to the application without a client between, which would mend what is sent."""

    app: ASGIApp
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def ask(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None, ip: str = "::1"
    ) -> Answer:
        """Send a request as it is; `target` is percent-encoded."""
        path, _, query = target.partition("?")
        named = {"host": "desk.news.example", "content-type": "application/x-www-form-urlencoded", **(headers or {})}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in named.items()],
            "client": (ip, 4711),
            "server": ("127.0.0.1", 8000),
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        self.loop.run_until_complete(self.app(scope, receive, send))
        found = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        said = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], found, said.decode("utf-8", "replace"))


@dataclass
class Strangers:
    """A desk and its visitors."""

    desk: Desk
    line: Line

    @property
    def engine(self) -> Engine:
        audience = self.desk.store.audience
        assert isinstance(audience, Subscribers)
        return audience.engine

    def dump(self, *without: str) -> str:
        """Return every row of every table, except of those."""
        with self.engine.connect() as connection:
            return "\n".join(
                f"{table.name} {tuple(row)}"
                for table in tables.METADATA.sorted_tables
                if table.name not in without
                for row in connection.execute(sa.select(table))
            )

    def stamped(self, language: str = "en") -> str:
        """Return the stamp of a form that was shown a while ago."""
        return stamp(self.desk.office.keys, f"subscribe {language}", self.desk.clock() - timedelta(seconds=30))

    def subscribe(self, address: str, ip: str = "203.0.113.7") -> int:
        """Send the form; return the status."""
        form = {"address": address, "stamp": self.stamped(), "language": "en"}
        return self.line.ask("POST", "/subscribe", urlencode(form).encode(), ip=ip).status

    def letters(self) -> list[EmailMessage]:
        """Deliver what is owed; return the mails."""
        before = len(self.desk.post.mails)
        deliver_letters(self.desk.office, lambda: False)
        return [mail for _, mail in self.desk.post.mails[before:]]


@contextmanager
def strangers_in(folder: Path) -> Iterator[Strangers]:
    """Give a desk with a site and an application before it."""
    with desk_in(folder) as desk:
        for name in ("index.html", "404.html"):
            (folder / "public").mkdir(exist_ok=True)
            (folder / "public" / name).write_text("<h1>Page</h1>")
        line = Line(application(lambda: desk.office))
        yield Strangers(desk, line)
        line.loop.run_until_complete(line.loop.shutdown_default_executor())
        line.loop.close()


def links_of(mail: EmailMessage) -> set[str]:
    """Return every address that a mail names, in its parts and its headers, as paths."""
    page, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert page
    assert text
    found = {unescape(link) for link in _LINK.findall(page.get_content())}
    found |= set(re.findall(r"https?://[^\s<>]+", f"{text.get_content()} {mail['List-Unsubscribe'] or ''}"))
    return {urlsplit(link).path for link in found if link.startswith("http")}


def links_on(page: str, path: str) -> set[str]:
    """Return where the links of a page lead that stands at a path."""
    found = {urljoin(f"https://desk.news.example{path}", unescape(link)) for link in _LINK.findall(page)}
    return {urlsplit(link).path for link in found if link.startswith("https://desk.news.example")}
