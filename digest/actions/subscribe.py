"""What readers do themselves: ask to be mailed, confirm it, choose, pause, leave, say why.

the form ─▶ ask ─▶ a request, within limits ─▶ answer_requests ─▶ a letter ─▶ confirm ─▶ a welcome
"""

from datetime import datetime

from digest.actions.holders import Holder
from digest.actions.ports import Office
from digest.addresses import Address
from digest.audience.limits import Reached
from digest.audience.requests import Purpose, Request, Says, Wish
from digest.audience.subscriber import Evidence
from digest.errors import Refused

_LONGEST_REASON = 500  # characters


def ask(office: Office, address: Address, wish: Wish, evidence: str, ip: str) -> Reached | None:
    """Take down that somebody wants to be mailed; return which limit has been reached, if any has.

    `evidence` is what the form said to them. The answer goes by mail, and tells nothing here of who is on the list.
    Refused when `wish` names what config.yaml does not have.
    """
    check_wish(office, wish)
    return office.store.requests.take(Request(Purpose.SUBSCRIBE, address, wish, evidence, ip), office.clock())


def answer_requests(office: Office) -> None:
    """Owe the letters that answer what was asked for on the web since."""
    for number in office.store.requests.waiting():
        office.store.requests.answer(number, office.clock())


def confirm(office: Office, holder: Holder, ip: str) -> bool:
    """Record that the owner of the address said yes; False when they had before, or may not."""
    evidence = f"the link mailed at {holder.made_at:%Y-%m-%d %H:%M} UTC"
    return office.store.audience.confirm(
        holder.subscriber.key, Evidence(office.clock(), "confirmation", evidence, ip), holder.subscriber.version
    )


def leave(office: Office, holder: Holder, how: str, ip: str | None = None) -> bool:
    """Record that they left; False when they had left before. Nothing is mailed to them but a notice of it."""
    edition = office.store.editions.by_key(holder.number)
    evidence = f"link in {edition.id}" if edition else "link in a mail"
    return office.store.audience.leave(holder.subscriber.key, Evidence(office.clock(), how, evidence, ip), Says.LEFT)


def say_why(office: Office, holder: Holder, reason: str) -> None:
    """Remember why somebody left, the first time they say so: nobody fills a history by posting on and on."""
    printable = "".join(letter if letter.isprintable() else " " for letter in reason)  # a database takes no NUL
    reason = " ".join(printable.split())[:_LONGEST_REASON]
    if reason:
        office.store.audience.give_reason(holder.subscriber.key, Evidence(office.clock(), "reason given", reason))


def choose(office: Office, holder: Holder, wish: Wish, paused_until: datetime | None, ip: str | None = None) -> None:
    """Write down what they want from now on; Refused when config.yaml does not have it, or it is nothing."""
    check_wish(office, wish)
    if not wish.digests:
        raise Refused("no digest is chosen", "Choose one, or unsubscribe.")
    evidence = " ".join(
        ["digests:" + ",".join(wish.digests), f"language:{wish.language}", str(wish.interests)]
    ).rstrip()
    if paused_until:
        evidence += f" paused until {paused_until.astimezone(office.newsroom.config.newsroom.timezone):%Y-%m-%d}"
    shown = Evidence(office.clock(), "preferences", evidence, ip)
    office.store.audience.choose(holder.subscriber.key, wish, paused_until, shown)


def check_wish(office: Office, wish: Wish) -> None:
    """Raise Refused when config.yaml lacks what is wished for."""
    config = office.newsroom.config
    if wish.language not in config.newsroom.mail_languages:
        known = ", ".join(config.newsroom.mail_languages)
        raise Refused(f"mails are not written in {wish.language!r}", f"They are in: {known}.")
    for name in wish.digests:
        if name not in config.digests:
            raise Refused(f"config.yaml has no digest {name!r}", f"It has: {', '.join(config.digests) or 'none'}.")
