"""A letter to one person: a notice to the staff, a question to a subscriber. It looks like the digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.audience.requests import Says
from digest.config import Config, Sender
from digest.errors import Refused
from digest.mail.dkim import Identity, signature_of
from digest.mail.headers import common_fields, recipient_fields, reply_field, subject_field
from digest.mail.inlining import inlined
from digest.mail.message import alternative
from digest.mail.rendering import Copy, chrome, page_of, text_of
from digest.templating import environment, words

_SET = ("subject", "paragraphs", "action", "why")  # by a letter's template


@dataclass(frozen=True)
class Letter:
    """What it says, in the language of its reader."""

    subject: str
    paragraphs: tuple[str, ...]  # plain text; its lines are kept
    language: str  # BCP 47
    why: str  # the reader gets it
    action: tuple[str, str] | None = None  # what the reader can do, as words and the address where
    links: tuple[tuple[str, str], ...] = ()  # what else, at the foot


def letter_to_subscriber(
    says: Says, language: str, values: Mapping[str, object], config: Config, newsroom: Path
) -> Letter:
    """Return the letter in the words of `templates/mail/letters/`; the value `link` is where its button leads.

    What leads nowhere is left out: some letters have no button, and links only for the subscriber's own address.
    """
    named = {"newsroom": config.newsroom, "language": language, **values}
    template = f"mail/letters/{says}.j2"
    said = words(environment(newsroom, config, escape=False), template, named)
    if missing := [name for name in _SET if name not in said]:
        raise Refused(f"templates/{template} does not set {', '.join(missing)}", "Set it, as the shipped one does.")
    action = (said["action"], str(values["link"])) if said["action"] and values["link"] else None
    links = tuple((name, address) for name, address in said.get("links", ()) if address)
    return Letter(said["subject"], tuple(said["paragraphs"]), language, said["why"], action, links)


def render_letter(letter: Letter, config: Config, newsroom: Path) -> Copy:
    """Return the letter as a page and as plain text."""
    context = chrome(config, letter.language, letter.subject) | {"letter": letter, "logo": None}
    return Copy(
        inlined(page_of("mail/letter.html.j2", context, config, newsroom)),
        text_of("mail/letter.txt.j2", context, config, newsroom),
    )


def letter_message(  # noqa: PLR0913, PLR0917 - what any letter has
    copy: Copy,
    sender: Sender,
    reply_to: str | None,
    to: str,
    subject: str,
    date: datetime,
    message_id: str,
    identity: Identity | None,
) -> bytes:
    """Return the message, fit for the wire, without the final dot, signed where there is an identity.

    Answers go to `reply_to`, where there is one. `message_id` comes in its angle brackets.
    UnfitText: something that no header can hold.
    """
    content_type, body = alternative(copy.text, copy.html)
    fields = recipient_fields(to, message_id) + subject_field(subject)
    fields += common_fields(sender.name, sender.email, date) + reply_field(reply_to) + content_type
    signature = signature_of(identity, date, fields, body) if identity else b""
    return signature + fields + b"\r\n" + body
