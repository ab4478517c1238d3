"""The whole job once, on a copy of a newsroom: check, build, subscribe, compose, approve, send, receive.

Real parts throughout: the files, the database, an SMTP conversation with a server on this machine.
"""

import email
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import default as parsing
from mailbox import Maildir
from pathlib import Path

from pydantic import SecretStr

from digest import urls
from digest.actions.compose import approve_edition, compose_now, copy_of
from digest.actions.enlist import choice, enlist
from digest.actions.holders import Link, link_for, who_holds
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Office
from digest.actions.publish import build
from digest.actions.send import deliver, rows_by_state, start
from digest.actions.subscribe import leave
from digest.clock import fixed
from digest.config import Database, Relay, load_config
from digest.delivery.inbox import local_inbox
from digest.errors import OutsideFailure, Refused
from digest.moments import for_people
from digest.wiring import newsroom_at, office, open_store

READERS = 12
_COPIED = ("config.yaml", "items", "templates")


def demonstrate(newsroom: Path, folder: Path, at: datetime, say: Callable[[str], None]) -> None:
    """Do the whole job on a copy of `newsroom` in the empty `folder`, as if it were `at`.

    Raises what a step raises, and OutsideFailure when a mail did not arrive.
    """
    for name in _COPIED:
        source = newsroom / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder / name)
    for name in load_config(folder).newsroom.emblems.values():
        if (newsroom / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(newsroom / name, folder / name)
    with local_inbox(folder / "inbox") as (host, port):
        where = _with_own_surroundings(newsroom_at(folder), host, port)
        desk = office(where, lambda: where, open_store(where), fixed(at), say)
        for line in _steps(desk, at):
            say(line)


def _with_own_surroundings(newsroom: Newsroom, host: str, port: int) -> Newsroom:
    """Return the newsroom with the local inbox for a mail server and a database of its own."""
    config = newsroom.config
    if config.mail is None or config.web is None or not config.digests:
        raise Refused("config.yaml lacks `mail`, `web` or `digests`", "Add them; `digest init` writes them all.")
    relay = Relay(host=host, port=port, security="none")
    changes = {"mail": config.mail.model_copy(update={"smtp": (relay,), "only_to": ()})}
    own = Database(url=SecretStr("sqlite:///var/digest.db"))
    return Newsroom(newsroom.folder, config.model_copy(update={**changes, "database": own}))


def _steps(desk: Office, at: datetime) -> Iterator[str]:
    where, folder = desk.newsroom, desk.newsroom.folder
    zone = where.config.newsroom.timezone
    yield f"{where.config.newsroom.title}, as of {for_people(at, zone)} ({zone.key})"
    built = build(where, [], at)
    yield f"built       {built.published.written} files from {built.items} items"
    yield f"subscribed  {_subscribe(desk, at)}"
    name = next(iter(where.config.digests))
    edition, frozen = compose_now(where, desk.store, name, at)
    composition = frozen.composition
    size = len(copy_of(frozen).html.encode())
    yield f"composed    {edition.id}: {len(composition.entries)} items, {size:,} bytes of HTML"
    yield f"            “{composition.subject}”"
    edition = start(desk, approve_edition(where, desk.store, edition, "demo", at))
    yield f"approved    {frozen.content_sha[:16]}…"
    deliver(desk, edition, lambda: False)
    counts = rows_by_state(desk, edition)
    yield f"delivered   {', '.join(f'{count} {state}' for state, count in counts.items())}"
    received = _received(folder, urls.absolute(where.config.newsroom, "").rstrip("/"))
    if not received or len(received) != counts.get("sent", 0):
        raise OutsideFailure(f"{len(received)} of {counts.get('sent', 0)} mails arrived", "Run it again.")
    yield f"received    {len(received)} mails, {_size(folder):,} bytes each"
    yield ""
    yield f"the page    {folder / 'public' / 'index.html'}"
    yield f"the feed    {folder / 'public' / 'atom.xml'}"
    yield f"the digest  {folder / 'digest.html'}"
    yield f"the mails   {folder / 'mails'}/*.eml"
    yield ""
    yield f"Browse it:  {sys.executable} -m http.server --bind 127.0.0.1 --directory {folder / 'public'}"


def _subscribe(desk: Office, at: datetime) -> str:
    """Put readers on the list, with one who never confirmed and one who left: neither may be mailed."""
    config = desk.newsroom.config
    agreed = choice(config, (), None, "asked for the digest at our stand")
    for number in range(1, READERS + 1):
        enlist(desk.store.audience, f"reader{number}@example.org", agreed, at)
    enlist(desk.store.audience, "unconfirmed@example.org", choice(config, (), None, None), at)
    enlist(desk.store.audience, "gone@example.org", agreed, at)
    gone = desk.store.audience.get("gone@example.org")
    holder = who_holds(desk, Link.UNSUBSCRIBE, link_for(desk, Link.UNSUBSCRIBE, gone)) if gone else None
    if holder:
        leave(desk, holder, "demo")
    return f"{READERS} readers; one more has not confirmed, one has left"


def _received(folder: Path, address: str) -> list[EmailMessage]:
    """Return the digests in the inbox, each also written as a file that mail programs open.

    `address` is the newsroom's; in the copy of the page it leads into public/, so that its pictures show.
    """
    mails = folder / "mails"
    mails.mkdir(exist_ok=True)
    messages = []
    for raw in Maildir(folder / "inbox", create=False).values():
        message = email.message_from_bytes(raw.as_bytes(), policy=parsing)
        if not message["List-Id"]:  # what the staff are told
            continue
        (mails / f"{str(message['To']).partition('@')[0]}.eml").write_bytes(raw.as_bytes())
        messages.append(message)
    page = messages[0].get_body(("html",)) if messages else None
    if page:
        (folder / "digest.html").write_text(page.get_content().replace(f"{address}/", "public/"), "utf-8")
    return messages


def _size(folder: Path) -> int:
    return max(file.stat().st_size for file in (folder / "mails").glob("*.eml"))
