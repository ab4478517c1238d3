"""Mail the letters that are owed to subscribers: through the gate of editions, on a way of their own past them."""

from collections.abc import Callable
from typing import Final

from digest import urls
from digest.actions.compose import mail_settings
from digest.actions.holders import Link, link_for
from digest.actions.ports import Office
from digest.actions.send import return_path
from digest.actions.subscribe import answer_requests
from digest.audience import tokens
from digest.audience.requests import OwedLetter, Says
from digest.audience.subscriber import Subscriber
from digest.config import Web
from digest.delivery.lock import sender_lock
from digest.delivery.outgoing import Outgoing
from digest.delivery.rows import Recipient
from digest.delivery.sender import send_edition
from digest.delivery.summary import Summary
from digest.errors import OutsideFailure, Refused, UnfitText
from digest.mail.dkim import identity_of
from digest.mail.letter import letter_message, letter_to_subscriber, render_letter

BOUNCED: Final = "bounced letter"  # the purpose of tokens in return paths
_NO_EDITION = 0


def deliver_letters(office: Office, stop: Callable[[], bool]) -> Summary | None:
    """Answer what was asked for, and mail every letter that is due; None when none is. Busy: another process does."""
    if office.newsroom.config.mail is None or office.newsroom.config.web is None:
        return None
    answer_requests(office)
    if not office.store.letters.has_work(office.clock()):
        return None
    with sender_lock(office.newsroom.var / "letters.lock"):
        return send_edition(
            _NO_EDITION,
            office.store.letters.only_to(office.newsroom.config.mail.only_to),
            office.routes,
            lambda recipient: _message_now(office, recipient),
            office.clock,
            policy="resend",
            started=office.clock(),
            stop=stop,
            connections=1,
        )


def _message_now(office: Office, recipient: Recipient) -> Outgoing:
    """Return the letter's message; a template or setting that is to be mended first ends the run, and loses nothing."""
    try:
        return _message(office, recipient)
    except Refused as refused:
        raise OutsideFailure(refused.message, refused.remedy) from refused


def _message(office: Office, recipient: Recipient) -> Outgoing:
    owed = office.store.letters.owed(recipient.subscriber)
    who = office.store.audience.by_key(owed.subscriber) if owed else None
    if owed is None or who is None:
        raise UnfitText("its subscriber was forgotten", "Nothing is left to do.")
    mail, newsroom = mail_settings(office.newsroom), office.newsroom
    language = newsroom.config.newsroom.read_in(who.language)
    values = _values(office, owed, who, language)
    letter = letter_to_subscriber(owed.says, language, values, newsroom.config, newsroom.folder)
    copy = render_letter(letter, newsroom.config, newsroom.folder)
    domain = mail.sender.email.rpartition("@")[2]
    message_id = f"<{tokens.message_id_part(office.keys, who.key, owed.number, 'letter-id')}@{domain}>"
    identity = identity_of(mail.dkim) if mail.dkim else None
    message = letter_message(
        copy, mail.sender, mail.reply_to, owed.address, letter.subject, owed.made_at, message_id, identity
    )
    # A bounce is of the letter, not of the subscriber: its address may be one just mistyped.
    token = tokens.sign_base32(office.keys, BOUNCED, owed.subscriber, owed.number)
    return Outgoing(return_path(mail, mail.sender.email, token), owed.address, message)


def _values(office: Office, owed: OwedLetter, who: Subscriber, language: str) -> dict[str, object]:
    """Return what the words of a letter may name; links to choose and to leave only for the subscriber's own address.

    Who reads a letter to another one has yet to show that they are the subscriber, or is it no more.
    """
    config = office.newsroom.config
    web = config.web
    if web is None:
        raise Refused("config.yaml has no section `web`", "Add it with `url`, where `digest serve` is reached.")
    own = owed.address.lower() == who.address.lower()
    return {
        "digests": [digest.title.in_language(language) for key, digest in config.digests.items() if key in who.digests],
        "link": _link(office, web, owed, who),
        "preferences": urls.preferences(web, link_for(office, Link.PREFERENCES, who)) if own else "",
        "unsubscribe": urls.unsubscribe(web, link_for(office, Link.UNSUBSCRIBE, who)) if own else "",
        "subscribe": urls.subscribe(web),
    }


def _link(office: Office, web: Web, owed: OwedLetter, who: Subscriber) -> str:
    """Return the address that a letter's button leads to; empty: it has none."""
    match owed.says:
        case Says.CONFIRM | Says.LEFT:
            return urls.confirm(web, link_for(office, Link.CONFIRM, who))
        case Says.MANAGE:
            return urls.manage(web, link_for(office, Link.MANAGE, who))
        case Says.MOVE:
            return urls.move(web, link_for(office, Link.MOVE, who, owed.number))
        case Says.KNOWN | Says.WELCOME:
            return urls.preferences(web, link_for(office, Link.PREFERENCES, who))
        case Says.MOVED:
            return ""
