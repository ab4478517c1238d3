"""What somebody who sets the newsroom up has to know: is everything there that it needs, and does it fit?

config.yaml ─▶ items · database · mail servers · signing key · addresses ─▶ diagnoses
           └─▶ records to publish ─▶ what DNS says of them ─▶ diagnoses
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from digest.actions import author
from digest.actions.enlist import known_interests
from digest.actions.newsroom import Newsroom
from digest.audience.interests import Interests
from digest.config import Mail, Relay
from digest.errors import DigestError, OutsideFailure, Refused, printable
from digest.mail.dkim import identity_of
from digest.mail.dns_records import (
    Fault,
    Record,
    Setup,
    dkim_faults,
    dmarc_faults,
    dmarc_names,
    records,
    setup_of,
    spf_faults,
)

Lookup = Callable[[str, str], Sequence[str]]  # name and type of records → their texts; raises OutsideFailure
Knock = Callable[[Relay], None]  # goes as far as a message would begin, and leaves; raises OutsideFailure
Choices = Callable[[], Mapping[str, int]]  # how many subscribers made each choice; raises as HasDatabase does
HasDatabase = Callable[[], bool]  # raises Refused for an outdated one, OutsideFailure when it cannot be reached


@dataclass(frozen=True)
class Diagnosis:
    """What the look at one thing showed."""

    subject: str  # such as a key of config.yaml or a name in DNS
    level: Literal["ok", "warning", "error"]
    message: str  # no final full stop
    remedy: str = ""  # what to do, a sentence with a full stop
    outside: bool = False  # it lies outside the newsroom: a server or the network

    def __str__(self) -> str:
        """Return `mail.smtp: error: message. Remedy.` on one line."""
        return printable(f"{self.subject}: {self.level}: {self.message}. {self.remedy}".rstrip())


def exit_code(diagnoses: Iterable[Diagnosis]) -> int:
    """Return 3 when something outside failed, or else 1 when something of the newsroom's own is wrong, or else 0."""
    errors = [diagnosis for diagnosis in diagnoses if diagnosis.level == "error"]
    return OutsideFailure.exit_code if any(error.outside for error in errors) else min(len(errors), Refused.exit_code)


def examine(newsroom: Newsroom, has_database: HasDatabase, choices: Choices, knock: Knock) -> Iterator[Diagnosis]:
    """Yield a diagnosis for each thing that the newsroom needs; its config.yaml was read, so it is fit."""
    yield Diagnosis("config.yaml", "ok", "it can be read and every value fits")
    yield _items(newsroom)
    yield from _addresses(newsroom)
    yield _database(has_database)
    yield from _choices(newsroom, choices)
    if newsroom.config.mail is None:
        yield Diagnosis("mail", "ok", "config.yaml has no mail, so this is a site only")
        return
    for relay in newsroom.config.mail.smtp:
        yield _relay(relay, knock)
    yield _signature(newsroom.config.mail)


def _items(newsroom: Newsroom) -> Diagnosis:
    counts = Counter(problem.level for problem in author.check(newsroom.folder))
    if not counts:
        return Diagnosis("items", "ok", "no problems")
    words = ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in sorted(counts.items()))
    return Diagnosis("items", "error" if counts["error"] else "warning", words, "Run `digest check`, which names each.")


def _addresses(newsroom: Newsroom) -> Iterator[Diagnosis]:
    config = newsroom.config
    if config.newsroom.url.startswith("https:"):
        yield Diagnosis("newsroom.url", "ok", config.newsroom.url)
    else:
        message = f"{config.newsroom.url} is not https, so what is read there can be changed on the way"
        yield Diagnosis("newsroom.url", "warning", message, "Put TLS in front, and write https.")
    if config.web and config.web.url.startswith("https:"):
        yield Diagnosis("web.url", "ok", config.web.url)
    elif config.web:
        message = f"{config.web.url} is not https, and mail programs unsubscribe over nothing else"
        yield Diagnosis("web.url", "error", message, "Put TLS in front of `digest serve`, and write https.")
    elif config.mail:
        message = "it is missing, so no mail can say how to unsubscribe"
        yield Diagnosis("web.url", "error", message, "Add where `digest serve` is reached.")


def _database(has_database: HasDatabase) -> Diagnosis:
    try:
        there = has_database()
    except DigestError as error:
        return _failed("database", error)
    message = "it is there and up to date" if there else "there is none yet; it is made when it is needed"
    return Diagnosis("database", "ok", message)


def _choices(newsroom: Newsroom, choices: Choices) -> Iterator[Diagnosis]:
    """Yield whether subscribers chose what config.yaml does not have any more."""
    known, concerned, gone = known_interests(newsroom.config), 0, set[str]()
    try:
        made = choices()
    except DigestError:  # the database has been diagnosed
        return
    for text, count in made.items():
        chosen = Interests.of(text)
        unknown = (chosen.kinds - known.kinds) | (chosen.topics - known.topics)
        concerned += count if unknown else 0
        gone |= unknown
    if concerned:
        who = "1 subscriber" if concerned == 1 else f"{concerned:,} subscribers"
        message = f"{who} chose what config.yaml does not have any more: {', '.join(sorted(gone))}"
        remedy = "They get what they chose besides, or else everything; give a renamed kind or topic its old key again."
        yield Diagnosis("subscribers", "warning", message, remedy)


def _relay(relay: Relay, knock: Knock) -> Diagnosis:
    try:
        knock(relay)
    except DigestError as error:
        return _failed("mail.smtp", error)
    ways = {"starttls": "with STARTTLS", "tls": "with TLS", "none": "without encryption"}
    login = f" and a login as {relay.username}" if relay.username else ""
    return Diagnosis("mail.smtp", "ok", f"{relay.host}:{relay.port} lets us in, {ways[relay.security]}{login}")


def _signature(mail: Mail) -> Diagnosis:
    if mail.dkim is None:
        return Diagnosis("mail.dkim", "ok", "Digest does not sign its mail, so the mail server has to")
    bits = identity_of(mail.dkim).key.bits
    return Diagnosis("mail.dkim", "ok", f"mail is signed as {mail.dkim.domain}, by an RSA key of {bits} bits")


def _failed(subject: str, error: DigestError) -> Diagnosis:
    return Diagnosis(subject, "error", error.message, error.remedy, outside=isinstance(error, OutsideFailure))


def records_of(newsroom: Newsroom) -> tuple[Record, ...]:
    """Return the records to publish in DNS; Refused when the newsroom sends no mail."""
    return records(_setup(newsroom))


def _setup(newsroom: Newsroom) -> Setup:
    mail = newsroom.config.mail
    if mail is None:
        raise Refused("config.yaml has no section `mail`, so DNS need not know anything", "Add it, or leave out --dns.")
    return setup_of(mail, identity_of(mail.dkim).key.public() if mail.dkim else "")


def examine_dns(newsroom: Newsroom, lookup: Lookup) -> Iterator[Diagnosis]:
    """Yield what DNS says of each record, or that it does not answer."""
    setup = _setup(newsroom)
    for record in records(setup):
        try:
            faults = list(_faults(record, setup, lookup))
        except OutsideFailure as error:
            yield _failed(f"{record.sort} of {record.name}", error)
            continue
        for fault in faults:
            yield Diagnosis(f"{record.sort} of {record.name}", *fault)
        if not faults:
            yield Diagnosis(f"{record.sort} of {record.name}", "ok", "it is published and fits")


def _faults(record: Record, setup: Setup, lookup: Lookup) -> Iterator[Fault]:
    match record.sort:
        case "SPF":
            return spf_faults(lookup(record.name, "TXT"))
        case "DKIM":
            return dkim_faults(lookup(record.name, "TXT"), setup.public_key)
        case "DMARC":
            return dmarc_faults(setup, {name: lookup(name, "TXT") for name in dmarc_names(setup.sender)})
