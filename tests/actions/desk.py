"""A newsroom at work: real files, a real database, a clock that tests move, and a mail server that is a list."""

import email
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from digest.actions import compose
from digest.actions.enlist import choice, enlist
from digest.actions.find import find_edition
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Office, Store
from digest.actions.reconcile import deliver_due, reconcile
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Reply, Stage, reply
from digest.delivery.route import Route
from digest.editions.edition import Decisions, Edition, State
from digest.errors import OutsideFailure
from digest.log import Log
from digest.store.database import open_database
from digest.wiring import newsroom_at, store_on
from tests.acceptance.newsroom import MovedClock, madrid
from tests.delivery.doubles import route_to
from tests.delivery.immediate import Immediate

DATABASE = "sqlite:///var/digest.db"
STAFF = "editor@news.example"
SLOT = madrid("2026-11-27 09:00")
_CONFIG = {
    "newsroom": {
        "id": "6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10",
        "title": "Desk",
        "organization": "Organisation",
        "url": "https://news.example",
        "timezone": "Europe/Madrid",
        "contact": {"name": "Press desk"},
    },
    "kinds": {"update": {"label": "Update", "plural": "Updates"}},
    "mail": {
        "from": {"name": "Desk", "email": "digest@news.example"},
        "smtp": [{"host": "127.0.0.1", "port": "9", "connections": "1"}],
    },
    "web": {"url": "https://desk.news.example"},
    "staff": [{"name": "Editor", "email": STAFF, "role": "publisher"}],
}
_WEEKLY = {"title": "The week", "schedule": {"every": "week", "on": "friday", "at": "09:00"}}


@dataclass
class Post(Immediate):
    """A mail server: what it took, and how it fails."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)  # address, message
    down: bool = False
    refused: set[str] = field(default_factory=set)  # addresses
    greylisted: set[str] = field(default_factory=set)
    offered: Outgoing | None = None
    connections: int = 0

    def connect(self) -> "Post":
        self.connections += 1
        if self.down:
            raise OutsideFailure("no mail server can be reached", "Start it.")
        return self

    def take(self, outgoing: Outgoing) -> Reply | None:
        if outgoing.address in self.refused:
            return reply(550, b"5.7.1 no", Stage.RCPT)
        if outgoing.address in self.greylisted:
            return reply(451, b"4.3.0 later", Stage.RCPT)
        self.offered = outgoing
        return None

    def answer(self) -> Reply:
        assert self.offered
        message = email.message_from_bytes(self.offered.message, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append((self.offered.address, message))
        return reply(250, b"2.0.0 kept", Stage.DOT)

    def drop(self) -> None:
        self.offered = None

    def notices(self) -> list[str]:
        """Return the subjects of all that the staff were told."""
        return [str(mail["Subject"]).removeprefix("[Desk] ") for _, mail in self.mails if not mail["List-Id"]]

    def last_digest(self) -> EmailMessage:
        """Return the mail of an edition that arrived last."""
        return [mail for _, mail in self.mails if mail["List-Id"]][-1]

    def digests(self) -> list[tuple[str, str]]:
        """Return to whom which edition went."""
        return [(address, str(mail["Feedback-ID"]).split(":")[0]) for address, mail in self.mails if mail["List-Id"]]


@dataclass
class Desk:
    """Who works in the newsroom, with all that is at hand."""

    folder: Path
    store: Store
    clock: MovedClock = field(default_factory=lambda: MovedClock(SLOT))
    post: Post = field(default_factory=Post)
    said: list[str] = field(default_factory=list)
    newsroom: Newsroom = field(init=False)  # as configured last
    routes: list[Route] = field(init=False)  # of mail, which rest as the server asks for it

    def __post_init__(self) -> None:
        self.configure()
        self.routes = [route_to(self.post.connect)]

    @property
    def office(self) -> Office:
        return Office(
            self.newsroom,
            lambda: self.newsroom,
            self.store,
            self.clock,
            [b"k" * 32],
            self.routes,
            Log(self.said.append, self.clock, as_json=False, addresses=True),
        )

    def settings(self, **weekly: object) -> None:
        """Write config.yaml with these settings of the weekly digest; JSON is YAML."""
        self.configure(digests={"weekly": _WEEKLY | weekly})

    def configure(self, **sections: object) -> None:
        config = {**_CONFIG, "digests": {"weekly": _WEEKLY}, **sections}
        (self.folder / "config.yaml").write_text(json.dumps(config), "utf-8")
        self.newsroom = newsroom_at(self.folder)

    def write(self, slug: str, published: str = "2026-11-25 10:00", **fields: object) -> None:
        """Write an item whose id follows from its slug; times are Madrid's."""
        values = {
            "id": f"urn:desk:{slug}",
            "kind": "update",
            "title": f"Title of {slug}",
            "published": published,
            "summary": f"Summary of {slug}.",
            **fields,
        }
        (self.folder / "items" / f"{slug}.yaml").write_text(json.dumps(values), "utf-8")

    def subscribe(self, *addresses: str) -> None:
        agreed = choice(self.newsroom.config, (), None, "asked by letter")
        for address in addresses:
            enlist(self.store.audience, address, agreed, self.clock())

    def at(self, local: str) -> None:
        """Set the clock, then do one round and deliver."""
        self.clock.move_to(madrid(local))
        self.go()

    def go(self) -> None:
        reconcile(self.office, self.clock())
        deliver_due(self.office, lambda: False)

    def edition(self, name: str = "2026-11-27") -> Edition:
        return find_edition(self.store, f"weekly/{name}")

    def states(self) -> dict[str, State]:
        return {edition.name: edition.state for edition in reversed(self.store.editions.recent())}

    def approve(self, name: str = "2026-11-27") -> Edition:
        return compose.approve_edition(self.newsroom, self.store, self.edition(name), STAFF, self.clock())

    def compose(self, name: str = "2026-11-27") -> Edition:
        return compose.compose_edition(self.newsroom, self.store, self.edition(name), self.clock())[0]

    def compose_now(self) -> Edition:
        return compose.compose_now(self.newsroom, self.store, "weekly", self.clock())[0]

    def edit(self, name: str = "2026-11-27", **decisions: object) -> Edition:
        wanted = Decisions.model_validate(decisions)
        return compose.edit_edition(self.newsroom, self.store, self.edition(name), wanted, self.clock())

    def carried(self, name: str = "2026-11-27") -> list[str]:
        """Return the slugs of the edition's items as composed, in order."""
        composition = compose.frozen_content(self.newsroom, self.edition(name)).composition
        return [entry.slug for entry in composition.entries]

    def told(self) -> dict[str, int]:
        return Counter(self.post.notices())


@contextmanager
def store_at(folder: Path) -> Iterator[Store]:
    """Give a store on an engine of its own."""
    engine = open_database(DATABASE, folder)
    yield store_on(engine, b"h" * 32)
    engine.dispose()


@cache
def _empty_database() -> bytes:
    """Return a database with tables and nothing in them; making one takes a while."""
    with TemporaryDirectory() as folder:
        open_database(DATABASE, Path(folder)).dispose()
        return (Path(folder) / "var" / "digest.db").read_bytes()


@contextmanager
def desk_in(folder: Path) -> Iterator[Desk]:
    """Give a desk in that folder, on the Friday before the edition of 27 November, with one subscriber."""
    (folder / "items").mkdir(parents=True)
    (folder / "var").mkdir()
    (folder / "var" / "digest.db").write_bytes(_empty_database())
    with store_at(folder) as store:
        desk = Desk(folder, store)
        desk.clock.move_to(madrid("2026-11-20 12:00"))
        desk.subscribe("ana@paper.example")
        yield desk
