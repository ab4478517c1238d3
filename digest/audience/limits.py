"""How much mail strangers may cause by the forms on the web: nobody can be bombed, and no network can try it."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from digest.audience.requests import Purpose

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_PREFIXES: Final = {4: 24, 6: 48}  # bits of an address that one customer of a provider may have


@dataclass(frozen=True)
class Limit:
    """So many requests within a time."""

    most: int
    within: timedelta


OF_AN_ADDRESS: Final[dict[Purpose, Limit]] = {
    Purpose.SUBSCRIBE: Limit(1, _DAY),
    Purpose.MANAGE: Limit(3, _DAY),  # a link that was lost in a spam folder expires meanwhile
    Purpose.MOVE: Limit(1, _DAY),
}
OF_A_NETWORK: Final = Limit(30, _HOUR)  # a newsroom's people behind one address, after a press conference
OF_A_DOMAIN: Final = Limit(300, _HOUR)  # a large provider's customers
IN_TOTAL: Final = Limit(2000, _HOUR)
COUNTED: Final = max(one.within for one in (*OF_AN_ADDRESS.values(), OF_A_NETWORK, OF_A_DOMAIN, IN_TOTAL))

Reached = Literal["address", "network", "domain", "total"]


def network_of(ip: str) -> str:
    """Return the network that an IP address belongs to: `203.0.113.0/24`, `2001:db8::/48`; as is what is none."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:  # a socket of the same machine
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    return str(ipaddress.ip_network((address, _PREFIXES[address.version]), strict=False))
