"""Tell the staff, by mail, each thing once."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digest.actions.ports import Office
from digest.config import Mail
from digest.delivery.single import send_one
from digest.errors import DigestError, Refused, UnfitText, printable
from digest.log import Entry
from digest.mail.dkim import identity_of
from digest.mail.letter import Letter, letter_message, render_letter

_LANGUAGE = "en"  # of notices: they quote what the program says


@dataclass(frozen=True)
class Notice:
    """Something the staff should know."""

    key: str  # the same for the same thing, which is told once
    subject: str
    text: str
    log: str = ""  # what the log says instead, where the text names subscribers


def tell_staff(office: Office, notices: Iterable[Notice], at: datetime) -> None:
    """Mail the notices to each of the staff who was not told before.

    A mail that cannot be sent keeps nothing else from happening; whoever did not get it gets it when the same notice
    is given again, so a thing is given for as long as it lasts.
    """
    unreachable: set[str] = set()  # tried in vain once, which may have taken minutes
    for notice in notices:
        if office.store.notices.first_time(notice.key, at):
            office.say(Entry(_logged(notice), event="notice", subject=notice.subject))
        for address in staff_addresses(office):
            if address not in unreachable and not _told(office, notice, address, at):
                unreachable.add(address)


def is_told(office: Office, key: str) -> bool:
    """Return whether each of the staff was told that notice."""
    addresses = staff_addresses(office) if office.newsroom.config.mail else []
    keys = {key, *(f"{key} {address}" for address in addresses)}
    return office.store.notices.known(sorted(keys)) == keys


def _logged(notice: Notice) -> str:
    """Return the notice as a line of the log, which does not say its subject twice."""
    text = printable(" ".join((notice.log or notice.text).split()))
    return text if text.startswith(notice.subject) else f"{notice.subject}: {text}"


def staff_addresses(office: Office) -> list[str]:
    """Return whom to tell: the staff who may publish, and the alerts' addresses, each once."""
    config = office.newsroom.config
    people = [person.email for person in config.staff if person.role in {"publisher", "admin"}]
    return list(dict.fromkeys([*people, *config.alerts.email]))


def _told(office: Office, notice: Notice, address: str, at: datetime) -> bool:
    """Tell one address what it was not told before; return False when the mail cannot be sent."""
    mail = office.newsroom.config.mail
    key = f"{notice.key} {address}"
    if mail is None or not office.store.notices.first_time(key, at):
        return True
    try:
        letter = _letter(office, mail, notice, address, at)
    except Refused as error:
        office.say(f"{address} could not be told {notice.subject!r}: {error}")
        return True  # it is this notice that cannot be mailed, not the address
    try:
        send_one(office.routes, mail.sender.email, address, letter)
    except DigestError as error:
        office.store.notices.forget(key)
        office.say(f"{address} could not be told: {error}")
        return False
    return True


def _letter(office: Office, mail: Mail, notice: Notice, address: str, at: datetime) -> bytes:
    newsroom = office.newsroom
    letter = Letter(
        subject=notice.subject,
        paragraphs=tuple(notice.text.strip().split("\n\n")),
        language=_LANGUAGE,
        why=f"You get this mail because you are on the staff of {newsroom.config.newsroom.title}.",
    )
    number = hashlib.sha256(f"{notice.key} {address}".encode()).hexdigest()[:32]
    message_id = f"<{number}@{mail.sender.email.rpartition('@')[2]}>"
    subject = f"[{newsroom.config.newsroom.title}] {notice.subject}"
    copy = render_letter(letter, newsroom.config, newsroom.folder)
    identity = identity_of(mail.dkim) if mail.dkim else None
    try:
        return letter_message(copy, mail.sender, mail.reply_to, address, subject, at, message_id, identity)
    except UnfitText as unfit:
        raise Refused(unfit.message, unfit.remedy) from unfit
