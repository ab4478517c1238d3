"""Mails as readers get them: each newsroom's edition in each of its languages, for who wants all and for who is narrow.

newsroom ─▶ composed, frozen ─▶ prepared with a key to sign ─▶ one message for each sort of reader
"""

import email
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from digest.actions.begin import begin
from digest.actions.compose import approve_edition, compose_now, edit_edition, frozen_content
from digest.actions.enlist import choice, enlist
from digest.actions.letters import deliver_letters
from digest.actions.ports import Office
from digest.actions.publish import build
from digest.actions.send import envelope
from digest.audience import tokens
from digest.audience.interests import EVERYTHING, Interests
from digest.audience.requests import Says
from digest.delivery.outgoing import Outgoing
from digest.editions.composition import Composition
from digest.editions.edition import Decisions, Edition
from digest.mail.arrangement import wanted
from digest.mail.dkim import Identity, identity_of
from digest.mail.message import PreparedMessage, Tokens
from digest.mail.rendering import Rendering
from digest.wiring import newsroom_at, office, open_store
from tests.acceptance.newsroom import MovedClock, madrid, sample
from tests.delivery.doubles import route_to
from tests.delivery.immediate import Immediate
from tests.inbox import newsrooms
from tests.mail.keys import rsa_pem
from tests.store.people import owe_letter

STRICT = policy.default.clone(raise_on_defect=True)
AT = madrid("2026-11-20 09:00")
DATED = datetime(2026, 1, 2, 8, tzinfo=UTC)  # verifiers refuse what was signed in time to come
READER = "reader@reader.example"
NARROW = Interests(kinds=frozenset({"press-release"}), topics=frozenset({"asylum"}))
_KEYS = [b"a key of these tests"]
_NOTE = """Dear colleagues,

this week we were in **two courts at once**. What we saw is below; our [calendar](https://newsroom.amparo.example/) says
where to meet us next.

- Thursday: the hearing in Sant Orrell
- Friday: the vote on the coast
"""


@dataclass(frozen=True)
class Letter:
    """What one reader gets."""

    name: str  # tells it from others
    language: str
    source: bytes  # what follows DATA, without the final dot

    @property
    def parsed(self) -> EmailMessage:
        """Return it as a strict reader understands it, or raise its first defect."""
        return email.message_from_bytes(self.source, _class=EmailMessage, policy=STRICT)

    @property
    def html(self) -> str:
        """Return the page in it, as sent."""
        page = list(self.parsed.iter_parts())[1].get_payload(decode=True)
        assert isinstance(page, bytes)
        return page.decode()


@dataclass(frozen=True)
class Post:
    """The letters of one newsroom."""

    folder: Path  # the newsroom's
    letters: list[Letter]


def sample_week(folder: Path) -> Path:
    """Copy the sample newsroom."""
    folder.mkdir()
    return sample(folder)


def sample_in_two_languages(folder: Path) -> Path:
    """Copy the sample newsroom; its mails are in English and Spanish."""
    folder.mkdir()

    def bilingual(config: str) -> str:
        config = config.replace("  language: en\n", "  language: en\n  languages: [en, es]\n")
        return config.replace("include: {languages: [en]}", "include: {languages: [en, es]}")

    return sample(folder, change=bilingual)


@dataclass(frozen=True)
class Case:
    """A newsroom, and the editions it has mailed before the one that is looked at; or what it writes to subscribers."""

    write: Callable[[Path], Path]
    at: datetime = AT  # of the edition
    before: tuple[datetime, ...] = ()
    note: str | None = None  # the editors', in the edition
    to_subscribers: bool = False  # no edition, but the letters about a subscription


CASES = {
    "sample": Case(sample_week, madrid("2026-11-27 09:00"), (madrid("2026-10-30 09:00"), madrid("2026-11-06 09:00"))),
    "two-languages": Case(sample_in_two_languages, madrid("2026-10-23 11:00"), note=_NOTE),
    "forty": Case(newsrooms.forty),
    "one": Case(newsrooms.one),
    "right-to-left": Case(newsrooms.right_to_left),
    "subscribers": Case(sample_in_two_languages, DATED, to_subscribers=True),
}
QUICK = ("forty", "one", "right-to-left", "subscribers")  # share four pictures, and have mailed nothing before


def post_of(name: str, folder: Path, pictures: Path | None = None) -> Post:
    """Make a newsroom and its letters below `folder`; what was made of pictures is taken from, and left in, a cache."""
    case = CASES[name]
    written = case.write(folder / name)
    _sign(written)
    cache = written / "var" / "cache" / "images"
    if pictures and pictures.is_dir():
        shutil.copytree(pictures, cache, dirs_exist_ok=True)
    desk = _office(written, case.at)
    if case.to_subscribers:
        return Post(written, list(_letters_to_subscribers(name, desk)))
    for at in case.before:
        _mailed(desk, at)
    edition = _composed(desk, case)
    if pictures and cache.is_dir():
        shutil.copytree(cache, pictures, dirs_exist_ok=True)
    return Post(written, list(_letters(name, desk, edition)))


def publish(post: Post, at: datetime) -> Path:
    """Build the newsroom's site, which has the pictures of its mails, and return its folder."""
    newsroom = newsroom_at(post.folder)
    build(newsroom, [], at)
    return newsroom.public


def _sign(folder: Path) -> None:
    """Give the newsroom a key that signs its mail."""
    (folder / "var").mkdir(exist_ok=True)
    (folder / "var" / "dkim.pem").write_text(rsa_pem(), "ascii")
    file = folder / "config.yaml"
    dkim = '"dkim": {"domain": "amparo.example", "selector": "digest", "key": {"file": "var/dkim.pem"}}'
    config = file.read_text("utf-8")
    config = re.sub(r'^( "mail": \{)$', rf"\1\n  {dkim},", config, count=1, flags=re.MULTILINE)
    config = re.sub(r"^(mail:)$", rf"\1\n  {dkim.replace(chr(34), '')}", config, count=1, flags=re.MULTILINE)
    file.write_text(config, "utf-8")


def _office(folder: Path, at: datetime) -> Office:
    newsroom = newsroom_at(folder)
    return office(newsroom, lambda: newsroom, open_store(newsroom), MovedClock(at), lambda _: None)


def _mailed(desk: Office, at: datetime) -> None:
    """Compose an edition and let it be mailed, to nobody."""
    assert isinstance(desk.clock, MovedClock)
    latest, desk.clock.moment = desk.clock.moment, at
    edition, _ = compose_now(desk.newsroom, desk.store, "weekly", at)
    begin(desk, approve_edition(desk.newsroom, desk.store, edition, "the tests", at))
    desk.clock.moment = latest


def _composed(desk: Office, case: Case) -> Edition:
    edition, _ = compose_now(desk.newsroom, desk.store, "weekly", case.at)
    if case.note:
        edition = edit_edition(desk.newsroom, desk.store, edition, Decisions(note=case.note), case.at)
    return edition


def _letters(name: str, desk: Office, edition: Edition) -> Iterator[Letter]:
    frozen = frozen_content(desk.newsroom, edition)
    for version in frozen.versions:
        headers = envelope(desk.newsroom, edition, frozen.manifest, version, DATED)
        rendering = Rendering(version.html, version.text)
        prepared = PreparedMessage(rendering, version.composition, headers, _identity(desk))
        for who, interests in (("all", EVERYTHING), ("narrow", NARROW)):
            if not wanted(version.composition, interests).empty:
                whole = _message(prepared, version.composition, interests)
                yield Letter(f"{name} {version.language} {who}", version.language, whole)


class _Kept(Immediate, list[bytes]):
    """A mail server that keeps each message."""

    def take(self, outgoing: Outgoing) -> None:
        self.append(outgoing.message)


def _letters_to_subscribers(name: str, desk: Office) -> Iterator[Letter]:
    kept, config = _Kept(), desk.newsroom.config
    owed = []
    for language in config.newsroom.mail_languages:
        address = f"reader-{language}@reader.example"
        enlist(desk.store.audience, address, choice(config, (), language, "Form."), desk.clock())
        who = desk.store.audience.get(address)
        assert who
        for says in Says:
            owe_letter(
                desk.store.letters, who.key, says, desk.clock(), "new@reader.example" if says is Says.MOVE else None
            )
            owed.append((language, says))
    deliver_letters(replace(desk, routes=[route_to(lambda: kept)]), lambda: False)
    for (language, says), source in zip(owed, kept, strict=True):
        yield Letter(f"{name} {language} {says}", language, source)


def _identity(desk: Office) -> Identity:
    mail = desk.newsroom.config.mail
    assert mail
    assert mail.dkim
    return identity_of(mail.dkim)


def _message(prepared: PreparedMessage, composition: Composition, interests: Interests) -> bytes:
    ids = 1, 1
    own = Tokens(*(tokens.sign(_KEYS, purpose, *ids) for purpose in ("unsubscribe", "preferences")))
    message_id = f"<{tokens.message_id_part(_KEYS, *ids)}@amparo.example>"
    assert composition.entries or composition.changes
    return prepared.for_recipient(READER, own, message_id, interests)
