"""Where the parts are put together: the only module that knows concrete databases, transports and clocks."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digest.actions.build_lock import build_lock
from digest.actions.newsroom import Newsroom
from digest.clock import Clock
from digest.config import FILE, Relay, load_config
from digest.editions.edition import Edition
from digest.errors import DigestError, InvalidInput, OutsideFailure, Problem
from digest.items.accepted import mirror_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from digest.actions.ports import Office, Store
    from digest.delivery.route import Route
    from digest.delivery.throttle import Allowance

_KEYS = "keys"  # in var/: the key of tokens, when config.yaml has none
_PLACE = "place"  # in var/: what tells this folder, in which one process sends at a time, from those of other machines
_HASH_KEY = "suppression.key"  # in var/: never changes, or the suppression list forgets everybody


def newsroom_at(folder: Path) -> Newsroom:
    """Return the newsroom in that folder; InvalidInput names all that is wrong with its config.yaml."""
    folder = Path(os.path.normpath(folder.absolute()))
    return Newsroom(folder, load_config(folder))


@contextmanager
def newsroom_to_build(folder: Path) -> Iterator[Newsroom]:
    """Give that newsroom as it is once nobody else builds it, and let nobody else until the context ends."""
    with build_lock(newsroom_at(folder).var):  # nothing is made in a folder that is no newsroom
        yield newsroom_at(folder)


def standing_newsroom(folder: Path) -> tuple[Newsroom, tuple[Problem, ...]]:
    """Return the newsroom with its config.yaml, or with the last good one and what is wrong with today's."""
    try:
        newsroom = newsroom_at(folder)
    except InvalidInput as error:
        folder = Path(os.path.normpath(folder.absolute()))
        last_good = folder / "var" / "accepted" / FILE
        if not last_good.is_file():
            raise
        return Newsroom(folder, load_config(folder, last_good)), error.problems
    _remember_config(newsroom)
    return newsroom, ()


def _remember_config(newsroom: Newsroom) -> None:
    copy = mirror_of(newsroom.folder) / FILE
    data = (newsroom.folder / FILE).read_bytes()
    try:
        if not copy.is_file() or copy.read_bytes() != data:
            copy.parent.mkdir(parents=True, exist_ok=True)
            new = copy.with_suffix(".new")
            new.write_bytes(data)
            new.replace(copy)
    except OSError as error:
        raise OutsideFailure(f"{copy} cannot be written: {error.strerror}", "Mend its rights or free space.") from error


def open_store(newsroom: Newsroom) -> "Store":
    """Return what is remembered, made where there is nothing yet; Refused when it is outdated."""
    from digest.store.database import open_database

    engine = open_database(newsroom.config.database.url.get_secret_value(), newsroom.folder)
    return store_on(engine, _minted(newsroom, _HASH_KEY), _minted(newsroom, _PLACE).decode())


def store_on(engine: "Engine", hash_key: bytes, place: str = "") -> "Store":
    """Return all that is remembered in a database; `hash_key` makes the hashes of the suppression list."""
    from digest.actions.ports import Store
    from digest.store.allowance import Allowances
    from digest.store.deliveries import Deliveries
    from digest.store.editions import Editions
    from digest.store.letters import Letters
    from digest.store.notices import Notices
    from digest.store.progress import ProgressBoard
    from digest.store.reports import Reports
    from digest.store.requests import Requests
    from digest.store.schedules import Schedules
    from digest.store.subscribers import Subscribers

    return Store(
        Editions(engine),
        Deliveries(engine, place),
        Subscribers(engine, hash_key),
        Requests(engine, hash_key),
        Letters(engine, hash_key),
        Schedules(engine),
        Notices(engine),
        Allowances(engine),
        Reports(engine),
        ProgressBoard(engine),
    )


def migrate_store(newsroom: Newsroom) -> str:
    """Bring the database to the program's version; return in words what was done."""
    from digest.store.database import connect, is_current, migrate

    engine = connect(newsroom.config.database.url.get_secret_value(), newsroom.folder)
    try:
        if is_current(engine):
            return "The database is up to date."
        migrate(engine)
        return "The database was brought up to date."
    finally:
        engine.dispose()


def mailed_editions(newsroom: Newsroom) -> list[Edition]:
    """Return the editions whose mailing has begun; none when there is no database yet."""
    if _has_no_database(newsroom):
        return []
    from digest.store.database import open_for_reading
    from digest.store.editions import Editions

    engine = open_for_reading(newsroom.config.database.url.get_secret_value(), newsroom.folder)
    if engine is None:
        return []
    try:
        return Editions(engine).mailed()
    finally:
        engine.dispose()


@contextmanager
def store_to_read(newsroom: Newsroom) -> "Iterator[Store | None]":
    """Give what is remembered, to be read only, or None when there is no database yet; nothing is created."""
    from digest.store.database import open_for_reading

    engine = open_for_reading(newsroom.config.database.url.get_secret_value(), newsroom.folder)
    if engine is None:
        yield None
        return
    try:
        yield store_on(engine, b"")  # whoever reads needs no key for the hashes of those who left
    finally:
        engine.dispose()


def _has_no_database(newsroom: Newsroom) -> bool:
    """Return whether it is sure that none was made yet; found out without loading what opens databases."""
    url = newsroom.config.database.url.get_secret_value()
    file = url.removeprefix("sqlite:///")
    return file != url and "?" not in file and not (newsroom.folder / file).exists()


def has_database(newsroom: Newsroom) -> bool:
    """Return whether there is a database yet; Refused when it is outdated, OutsideFailure when it is out of reach."""
    from digest.store.database import open_for_reading

    engine = open_for_reading(newsroom.config.database.url.get_secret_value(), newsroom.folder)
    if engine is None:
        return False
    engine.dispose()
    return True


def choices(newsroom: Newsroom) -> Mapping[str, int]:
    """Return how many subscribers made each choice of kinds and topics; raises as `has_database` does."""
    from digest.store.choices import counted_choices
    from digest.store.database import open_for_reading

    engine = open_for_reading(newsroom.config.database.url.get_secret_value(), newsroom.folder)
    if engine is None:
        return {}
    try:
        return counted_choices(engine)
    finally:
        engine.dispose()


def knock(relay: Relay) -> None:
    """Go to a mail server as far as a message would begin, and leave; raises OutsideFailure."""
    from digest.delivery.smtp import connect
    from digest.delivery.transport import take_leave

    take_leave(connect(relay))


def lookup_in_dns(name: str, kind: str) -> tuple[str, ...]:
    """Return the texts of a name's records of that type; OutsideFailure when DNS does not answer."""
    from digest.mail.resolver import lookup

    return lookup(name, kind)


def token_keys(newsroom: Newsroom) -> list[bytes]:
    """Return the keys of tokens, the newest first."""
    web = newsroom.config.web
    if web and web.keys:
        return [key.get_secret_value().encode() for key in web.keys]
    return [_minted(newsroom, _KEYS)]


def _minted(newsroom: Newsroom, name: str) -> bytes:
    """Return the secret in that file of var/, made when there is none; of two that make it, one wins."""
    path = newsroom.var / name
    try:
        newsroom.var.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            new = path.with_name(f".{name}.{os.getpid()}")
            new.touch(mode=0o600)
            new.write_text(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(new, path)
            new.unlink()
        return path.read_text().strip().encode()
    except OSError as error:
        raise OutsideFailure(f"{path} cannot be used: {error.strerror}", "Mend its rights or free space.") from error


def office(
    newsroom: Newsroom,
    newsroom_now: Callable[[], Newsroom],
    store: "Store",
    clock: Clock,
    say: Callable[[str], None],
) -> "Office":
    """Return what actions that mail or remember work with; `newsroom_now` gives the newsroom as it is by then."""
    from digest.actions.ports import Office

    return Office(newsroom, newsroom_now, store, clock, token_keys(newsroom), routes_of(newsroom, store), say)


def routes_of(newsroom: Newsroom, store: "Store", known: "Mapping[Relay, Route] | None" = None) -> "Sequence[Route]":
    """Return the ways to the newsroom's mail servers; those `known` are gone on with, and rest where they did."""
    relays = newsroom.config.mail.smtp if newsroom.config.mail else ()
    return [(known or {}).get(relay) or route_to(relay, store.allowance) for relay in relays]


def route_to(relay: Relay, allowance: "Allowance | None" = None) -> "Route":
    """Return the way to a mail server, within its limits; one of a day needs an `allowance`."""
    from digest.delivery.route import Route
    from digest.delivery.smtp import connect
    from digest.delivery.throttle import Limits, Throttle

    server = f"{relay.host}:{relay.port}"
    limits = Limits(max(1, relay.connections), relay.per_second, relay.per_day)
    return Route(partial(connect, relay), Throttle(server, limits, allowance))


class StandingOffice:
    """The office with the configuration in force; a changed config.yaml is taken over, a faulty one is not."""

    def __init__(self, folder: Path, clock: Clock, say: Callable[[str], None]) -> None:
        self._folder, self._clock, self._say = folder, clock, say
        self._seen = self._stamp()
        self._failure = ""  # the last that was said
        self._routes: dict[Relay, Route] = {}  # as used by now
        newsroom, problems = standing_newsroom(folder)
        self._store = open_store(newsroom)
        self._office = self._opened(newsroom, problems)

    def __call__(self) -> "Office":
        """Return the office; what is wrong with a changed config.yaml is said once."""
        seen = self._stamp()
        if seen != self._seen:
            try:
                self._office = self._opened(*standing_newsroom(self._folder))
                self._seen = seen
            except DigestError as error:  # the office stays as it is, and the change is tried again
                if str(error) != self._failure:
                    self._failure = str(error)
                    self._say(self._failure)
        return self._office

    def _opened(self, newsroom: Newsroom, problems: tuple[Problem, ...]) -> "Office":
        for problem in problems:
            self._say(str(problem))
        opened = office(newsroom, lambda: self().newsroom, self._store, self._clock, self._say)
        relays = newsroom.config.mail.smtp if newsroom.config.mail else ()
        routes = routes_of(newsroom, self._store, self._routes)
        self._routes = dict(zip(relays, routes, strict=True))
        return replace(opened, routes=routes, config_problems=problems)

    def _stamp(self) -> tuple[int, int] | None:
        """Return what changes with config.yaml, cheap enough to be looked at for every request."""
        try:
            status = (self._folder / FILE).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size
