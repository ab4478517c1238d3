"""What only the owner of an address may do, by a fresh link mailed to it: see their data, move, be erased."""

from datetime import timedelta

from digest.actions.holders import Holder
from digest.actions.ports import Audience, Office
from digest.addresses import Address
from digest.audience.limits import Reached
from digest.audience.requests import Purpose, Request, Says, Wish
from digest.audience.subscriber import Evidence, Subscriber
from digest.moments import to_stored

_MOVE_WITHIN = timedelta(days=1)  # of the letter that asks


def ask_to_manage(office: Office, holder: Holder, ip: str) -> Reached | None:
    """Take down that a link to their data is to be mailed to them; return which limit has been reached, if any."""
    who = holder.subscriber
    return _ask(office, Purpose.MANAGE, Address(who.address, who.address.lower()), who, ip)


def ask_to_move(office: Office, holder: Holder, to: Address, ip: str) -> Reached | None:
    """Take down that they want to be mailed at another address, which is asked by mail; nothing changes before."""
    return _ask(office, Purpose.MOVE, to, holder.subscriber, ip)


def where_to(office: Office, holder: Holder) -> Address | None:
    """Return the address that a link to move was mailed to; None when that was too long ago."""
    letter = office.store.letters.owed(holder.number)
    if letter is None or letter.says is not Says.MOVE or letter.subscriber != holder.subscriber.key:
        return None
    if letter.made_at + _MOVE_WITHIN < office.clock():
        return None
    return Address(letter.address, letter.address.lower())


def move(office: Office, holder: Holder, to: Address, ip: str) -> bool:
    """Mail them at that address from now on, which its owner confirmed; False when it may not be mailed."""
    evidence = "asked by a link mailed to the former address, confirmed by one mailed to the new one"
    shown = Evidence(office.clock(), "change of address", evidence, ip)
    return office.store.audience.move(holder.subscriber.key, to, shown, holder.subscriber.version)


def erase(office: Office, holder: Holder) -> bool:
    """Forget who they were."""
    return office.store.audience.erase(holder.subscriber.key, office.clock())


def own_data(audience: Audience, who: Subscriber) -> dict[str, object]:
    """Return all that is kept about somebody, fit for JSON."""
    return {
        "address": who.address,
        "state": who.state,
        "language": who.language,
        "digests": list(who.digests),
        "kinds": sorted(who.interests.kinds),
        "topics": sorted(who.interests.topics),
        "chosen_at": to_stored(who.chosen_at) if who.chosen_at else None,
        "paused_until": to_stored(who.paused_until) if who.paused_until else None,
        "consent": [
            {"at": to_stored(event.at), "state": event.state, "source": event.source, "evidence": event.evidence}
            | ({"ip": event.ip} if event.ip else {})
            for event in audience.history(who.key)
        ],
        "editions": [
            {
                "edition": mail.edition,
                "state": mail.state,
                "reply": mail.reply,
                "at": to_stored(mail.at),
                "attempts": mail.attempts,
                "variant": mail.variant,
                "items": [{"slug": slug, "version": version, "change": change} for slug, version, change in mail.items],
            }
            for mail in audience.mails_to(who.key)
        ],
        "letters": [
            {
                "says": letter.says,
                "address": letter.address,
                "state": letter.state,
                "reply": letter.reply,
                "at": to_stored(letter.at),
            }
            for letter in audience.letters_to(who.key)
        ],
    }


def _ask(office: Office, purpose: Purpose, address: Address, who: Subscriber, ip: str) -> Reached | None:
    wish = Wish(who.language, who.digests, who.interests)
    return office.store.requests.take(Request(purpose, address, wish, "", ip, who.key), office.clock())
