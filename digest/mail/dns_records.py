"""What DNS has to say so that receivers believe our mail: SPF, DKIM and DMARC.

    config.yaml ─▶ Setup ─▶ records to publish
                     └────▶ + what DNS answers ─▶ faults

Nothing here asks DNS. Which servers an SPF record lets in is not followed up; that depends on what it includes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, NamedTuple

from digest.config import Mail
from digest.errors import Level

_STRING = 255  # octets of one string in a TXT record, RFC 1035 section 3.3
_MOST_LOOKUPS = 10  # RFC 7208 section 4.6.4
_TERM = re.compile(
    r"[-+~?]?(all|(include|exists|ip4|ip6):\S+|(a|mx)([:/]\S+)?|ptr(:\S+)?)|[a-z][a-z0-9_.-]*=\S*", re.IGNORECASE
)  # RFC 7208 section 12
_ASKS = re.compile(r"[-+~?]?(include:|exists:|a\b|mx\b|ptr\b)|redirect=", re.IGNORECASE)
_ALL = re.compile(r"([-+~?]?)all", re.IGNORECASE)
_POLICIES = ("none", "quarantine", "reject")
_PUBLISH = "Publish the one that `digest doctor --dns` prints."


class Fault(NamedTuple):
    """Something in DNS that keeps mail from being believed."""

    level: Level
    message: str
    remedy: str


@dataclass(frozen=True)
class Setup:
    """The domains of our mail, in A-labels."""

    sender: str  # of From
    envelope: str  # of return paths
    relays: tuple[str, ...]  # hosts or addresses
    signer: str | None = None  # d=; None when Digest does not sign
    selector: str = ""
    public_key: str = ""  # base64


@dataclass(frozen=True)
class Record:
    """A TXT record to publish."""

    sort: Literal["SPF", "DKIM", "DMARC"]
    name: str  # without the final dot
    text: str
    hint: str  # what to know of it, sentences

    @property
    def zone_line(self) -> str:
        """Return the record as a zone file has it, in strings of at most 255 octets (RFC 1035 section 5.1)."""
        strings = [f'"{self.text[start : start + _STRING]}"' for start in range(0, len(self.text), _STRING)]
        return f"{self.name}. IN TXT ( {' '.join(strings)} )"


def setup_of(mail: Mail, public_key: str = "") -> Setup:
    """Return the domains that `mail` of config.yaml names."""
    sender, envelope = map(_domain, (mail.sender.email, mail.bounces or mail.sender.email))
    relays = tuple(relay.host for relay in mail.smtp)
    if mail.dkim is None:
        return Setup(sender, envelope, relays)
    return Setup(sender, envelope, relays, mail.dkim.domain, mail.dkim.selector, public_key)


def records(setup: Setup) -> tuple[Record, ...]:
    """Return what to publish; without DKIM when the mail server signs."""
    mechanisms = " ".join(dict.fromkeys(map(_mechanism, setup.relays)))
    spf = Record(
        "SPF",
        setup.envelope,
        f"v=spf1 {mechanisms} ~all",
        "Ask your mail server's operator which `include:` or addresses belong in it. "
        "One record a domain: add them to one that is there.",
    )
    policy = Record(
        "DMARC",
        f"_dmarc.{setup.sender}",
        "v=DMARC1; p=none",
        "Add `; rua=mailto:ADDRESS` to be sent reports. "
        "When they show that all your mail passes, go on to p=quarantine, then to p=reject.",
    )
    if setup.signer is None:
        return spf, policy
    key = Record(
        "DKIM",
        f"{setup.selector}._domainkey.{setup.signer}",
        f"v=DKIM1; k=rsa; p={setup.public_key}",
        "A new key takes a new selector; leave the old record until mail signed by it has arrived, a week or so.",
    )
    return spf, key, policy


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _mechanism(host: str) -> str:
    """Return what lets a relay in: by its name, or by its address; one on this machine by the domain's own names."""
    try:
        address = ip_address(host)
    except ValueError:
        return "mx" if host == "localhost" else f"a:{host}"
    return "mx" if address.is_loopback else f"ip{address.version}:{address}"


def spf_faults(texts: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with the SPF record among the texts of the envelope's domain (RFC 7208)."""
    found = [text for text in texts if re.match(r"v=spf1( |\Z)", text, re.IGNORECASE)]
    if not found:
        yield Fault("error", "there is no SPF record", _PUBLISH)
    elif len(found) > 1:
        message = f"there are {len(found)} SPF records, so receivers take none of them"
        yield Fault("error", message, "Make one of them all.")
    else:
        yield from _faults_of_terms(found[0].split()[1:])


def _faults_of_terms(terms: Sequence[str]) -> Iterator[Fault]:
    for term in terms:
        if not _TERM.fullmatch(term):
            yield Fault("error", f"SPF knows no {term!r}, so receivers take nothing of the record", "Mend it.")
    asked = sum(bool(_ASKS.match(term)) for term in terms)
    if asked > _MOST_LOOKUPS:
        message = f"the SPF record needs {asked} lookups, and receivers give up after {_MOST_LOOKUPS}"
        yield Fault("error", message, "Take out what does not send mail any more.")
    qualifier = next((found[1] for term in terms if (found := _ALL.fullmatch(term))), None)
    if qualifier in {"", "+"}:
        yield Fault("error", "the SPF record lets everybody send as you, by `+all`", "End it with `~all` or `-all`.")
    elif qualifier == "?" or (qualifier is None and not any(term.lower().startswith("redirect=") for term in terms)):
        yield Fault("warning", "the SPF record does not say that nobody else sends", "End it with `~all` or `-all`.")


def dkim_faults(texts: Sequence[str], public_key: str) -> Iterator[Fault]:
    """Yield what is wrong with the texts at the selector's name (RFC 6376 section 3.6.1)."""
    found = [tags for tags in map(_tags, texts) if "p" in tags]
    if not found:
        yield Fault("error", "there is no DKIM record", _PUBLISH)
    elif len(found) > 1:
        yield Fault("error", f"there are {len(found)} DKIM records, and receivers may take any", "Keep the right one.")
    else:
        yield from _faults_of_key(found[0], public_key)


def _faults_of_key(tags: Mapping[str, str], public_key: str) -> Iterator[Fault]:
    published = re.sub(r"\s", "", tags["p"])
    if not published:
        yield Fault("error", "p= is empty: the key was revoked", f"Take another selector. {_PUBLISH}")
    elif published != public_key:
        yield Fault("error", "p= is not the public half of mail.dkim.key", _PUBLISH)
    fitting = {"v": "DKIM1", "k": "rsa", "h": "sha256", "s": "email"}
    for tag, wanted in fitting.items():
        given = re.split(r"\s*:\s*", tags.get(tag, wanted))
        if wanted not in given and not (tag == "s" and "*" in given):
            yield Fault("error", f"{tag}={tags[tag]} does not fit our signatures", f"Write {tag}={wanted}.")
    if "y" in tags.get("t", "").split(":"):
        yield Fault("warning", "t=y says that signatures are a trial", "Take it out when mail arrives signed.")


def dmarc_names(domain: str) -> list[str]:
    """Return where a policy for mail from `domain` may stand: there and above it, the nearest first."""
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[start:])}" for start in range(len(labels) - 1)]


def dmarc_faults(setup: Setup, found: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Yield what is wrong with the nearest policy; `found` are the texts at `dmarc_names` of the sender (RFC 7489)."""
    for name in dmarc_names(setup.sender):
        policies = [tags for text in found.get(name, ()) if (tags := _tags(text)).get("v") == "DMARC1"]
        if len(policies) > 1:
            message = f"there are {len(policies)} DMARC records at {name}, so receivers take none of them"
            yield Fault("error", message, "Keep one of them.")
            return
        if policies:
            yield from _faults_of_policy(policies[0], name.removeprefix("_dmarc."), setup)
            return
    yield Fault("error", "there is no DMARC record", _PUBLISH)


def _faults_of_policy(tags: Mapping[str, str], organisation: str, setup: Setup) -> Iterator[Fault]:
    if tags.get("p", "").lower() not in _POLICIES:
        yield Fault("error", f"the policy p={tags.get('p', '')} is unknown", f"Write {', '.join(_POLICIES)}.")
    if tags.get("adkim") == "s" and setup.signer not in {None, setup.sender}:
        message = f"adkim=s wants signatures by {setup.sender}, and mail.dkim signs as {setup.signer}"
        yield Fault("error", message, f"Write adkim=r, or sign as {setup.sender}.")
    strict = tags.get("aspf") == "s"
    if setup.envelope != setup.sender and (strict or not _related(setup.envelope, setup.sender, organisation)):
        message = f"SPF for {setup.envelope}, where return paths lead, says nothing about mail from {setup.sender}"
        yield Fault("warning", message, f"Let mail.bounces lead to {setup.sender}, or rely on DKIM alone.")


def _related(one: str, other: str, organisation: str) -> bool:
    """Return whether two domains belong together: one is below the other, or both are below that organisation's."""
    return _within(one, other) or _within(other, one) or (_within(one, organisation) and _within(other, organisation))


def _within(domain: str, parent: str) -> bool:
    return f".{domain}".endswith(f".{parent}")


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a list such as `v=DKIM1; p=…` (RFC 6376 section 3.2)."""
    pairs = [part.partition("=") for part in text.split(";")]
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
