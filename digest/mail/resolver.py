"""DNS: the only home of dnspython, loaded only when somebody asks."""

from collections.abc import Sequence

import dns.exception
import dns.rdata
import dns.resolver
from dns.rdtypes.txtbase import TXTBase

from digest.errors import OutsideFailure

_PATIENCE = 5.0  # seconds for all tries of one question
_REMEDY = "Check this machine's network and DNS servers, and try again."


def lookup(
    name: str, kind: str, *, servers: Sequence[str] = (), port: int = 53, patience: float = _PATIENCE
) -> tuple[str, ...]:
    """Return the records of a name, such as its TXT; none when there are none. OutsideFailure when DNS is silent.

    `servers` are addresses to ask in place of those that this machine asks; `patience` is in seconds.
    """
    try:
        answer = _resolver(servers, port).resolve(f"{name}.", kind, lifetime=patience)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except dns.exception.Timeout as error:
        raise OutsideFailure(f"DNS gave no answer for {name} within {patience:g} seconds", _REMEDY) from error
    except dns.exception.DNSException as error:
        raise OutsideFailure(f"DNS gave no answer for {name}: {' '.join(str(error).split())}", _REMEDY) from error
    return tuple(map(_text, answer))


def _resolver(servers: Sequence[str], port: int) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = list(servers)
        resolver.port = port
    return resolver


def _text(record: dns.rdata.Rdata) -> str:
    """Return a record's text; that of a TXT is its strings joined, as SPF and DKIM read it (RFC 7208 section 3.3)."""
    if isinstance(record, TXTBase):
        return b"".join(record.strings).decode("utf-8", "backslashreplace")
    return record.to_text()
