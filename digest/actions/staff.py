"""What the staff do about subscribers: look, ask again, move, take off, erase, release, count."""

from digest.actions.personal import own_data
from digest.actions.ports import Audience
from digest.addresses import Address, parse_address
from digest.audience.requests import ERASED, Says, forbids
from digest.audience.standing import Barred, counts, why_not_mailed
from digest.audience.subscriber import Consent, Evidence, Subscriber
from digest.clock import Clock
from digest.config import Config
from digest.delivery.rows import RowState
from digest.errors import Refused, UnfitText
from digest.moments import to_stored

_WAITING = {RowState.DUE, RowState.DEFERRED, RowState.IN_FLIGHT}


def address_of(text: str) -> Address:
    """Return the address that somebody typed; Refused when it is none."""
    try:
        return parse_address(text)
    except UnfitText as unfit:
        raise Refused(unfit.message, unfit.remedy) from unfit


def find(audience: Audience, text: str) -> Subscriber:
    """Return the subscriber with that address; Refused when there is none."""
    found = audience.get(address_of(text).key)
    if found is None:
        raise Refused(f"{text} is not on the list", "Add it with `digest subscribers add`.")
    return found


def ask_again(audience: Audience, who: Subscriber, clock: Clock) -> None:
    """Mail the question again to somebody who was asked and got none; no limit of the forms holds for the staff."""
    if who.state is not Consent.ASKED:
        raise Refused(f"{who.address} is {who.state}: there is nothing to confirm", _INSTEAD[who.state])
    if any(letter.says is Says.CONFIRM and letter.state in _WAITING for letter in audience.letters_to(who.key)):
        raise Refused(
            f"a confirmation to {who.address} is waiting to be mailed", "Let `digest serve` or `digest tick` mail it."
        )
    evidence = Evidence(clock(), "staff", "the confirmation was mailed again")
    if not audience.ask_again(who.key, evidence):
        raise Refused(f"{who.address} was changed meanwhile", "Look with `digest subscribers show`.")


_INSTEAD = {
    Consent.CONFIRMED: "They get their digests; look with `digest subscribers show`.",
    Consent.LEFT: "Only they themselves can come back, by the form on the web.",
    Consent.SUPPRESSED: "Lift that first, with `digest subscribers release`, if it was by mistake.",
}


def move(audience: Audience, who: Subscriber, to: Address, reason: str, clock: Clock) -> None:
    """Mail somebody at another address from now on; the staff vouch that it is theirs."""
    if who.state is not Consent.CONFIRMED:
        raise Refused(f"{who.address} is {who.state}: there is nothing to move", "Only who is confirmed is moved.")
    if taken := audience.get(to.key):
        raise Refused(f"{to.address} is on the list already, as {taken.state}", "Take one of the two off the list.")
    if (barred := audience.barred(to.key)) and forbids(barred.reason):
        raise Refused(
            f"{to.address} is on the suppression list: {barred.reason}", "Lift that with `digest subscribers release`."
        )
    evidence = Evidence(clock(), "staff", f"moved from {who.address}: {reason}")
    if not audience.move(who.key, to, evidence):
        raise Refused(f"{who.address} was changed meanwhile", "Look with `digest subscribers show`.")


def take_off(audience: Audience, who: Subscriber, reason: str, clock: Clock) -> str:
    """Take somebody off the list who asked for it; return in words what came of it. Nobody is mailed by that."""
    if audience.leave(who.key, Evidence(clock(), "staff", reason)):
        return "has left"
    return "is suppressed" if who.state is Consent.SUPPRESSED else "had left before"


def erase(audience: Audience, who: Subscriber, clock: Clock) -> None:
    """Forget who somebody was, for good."""
    if not audience.erase(who.key, clock()):
        raise Refused(f"{who.address} was erased meanwhile", "Nothing is left to do.")


def release(audience: Audience, address: Address, reason: str, clock: Clock) -> str:
    """Take an address off the suppression list; return why it was there. Nobody is mailed by that.

    Refused when it is not there, or was erased.
    """
    evidence = Evidence(clock(), "staff", f"released: {reason}")
    was = audience.release(address.key, evidence)
    if was is None:
        raise Refused(f"{address.address} is not on the suppression list", "Look with `digest subscribers show`.")
    if was == ERASED:
        raise Refused(
            f"{address.address} was erased, and stays away from every list", "Only they can come back, by the form."
        )
    return was


def dossier(audience: Audience, config: Config, address: Address, clock: Clock) -> dict[str, object]:
    """Return all that is known about an address, fit for JSON; Refused when that is nothing."""
    who, barred = audience.get(address.key), audience.barred(address.key)
    if who is None:
        if barred is None:
            raise Refused(f"{address.address} is not on the list", "Add it with `digest subscribers add`.")
        return {"address": address.address, "state": None, "mailed": False, "why_not": barred.reason} | _listed(barred)
    only_to = config.mail.only_to if config.mail else ()
    why_not = why_not_mailed(who, barred, clock(), config.newsroom.timezone, only_to)
    return own_data(audience, who) | {"mailed": why_not is None, "why_not": why_not} | _listed(barred)


def counted(audience: Audience, config: Config) -> list[dict[str, object]]:
    """Return a row for all, each digest, kind, topic and language: how many stand where."""
    return counts(audience.groups(), audience.of_digests(), tuple(config.kinds), tuple(config.topics))


def _listed(barred: Barred | None) -> dict[str, object]:
    return {"suppression": {"reason": barred.reason, "at": to_stored(barred.at)} if barred else None}
