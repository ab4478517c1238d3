"""Who asks: from which address, in which language, and with what in their form."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.requests import Request

_MOST = 16_384  # bytes of a form: hundreds of kinds and topics
_RANGE = re.compile(r"[ \t]*([a-z0-9*-]+)[ \t]*(?:;[ \t]*q=([01](?:\.[0-9]{0,3})?)[ \t]*)?", re.ASCII)


@dataclass(frozen=True)
class Form:
    """The fields of a form as it came; one that is not there is empty."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the field's first value without spaces around it."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return all its values."""
        return tuple(self.fields.get(name, ()))


async def form_of(request: Request) -> Form | None:
    """Return the form that a browser sent, URL-encoded as ours are; None when it is too large to be one of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST:
            return None
    return Form(parse_qs(body.decode(errors="replace")))


def ip_of(request: Request) -> str:
    """Return the visitor's IP address, which the server has from a trusted proxy where there is one."""
    return request.client.host if request.client else ""


def is_of_this_machine(request: Request) -> bool:
    """Return whether who asks is on this machine, and no proxy asks in somebody's name."""
    forwarded = {"forwarded", "x-forwarded-for"} & set(request.headers)
    try:
        return not forwarded and ipaddress.ip_address(ip_of(request)).is_loopback
    except ValueError:
        return False


def language_of(request: Request, offered: Sequence[str]) -> str:
    """Return the language of a page for somebody whom we do not know yet: the one they picked, or their browser's."""
    picked = request.query_params.get("language", "")
    return picked if picked in offered else preferred(request.headers.get("accept-language"), offered)


def preferred(header: str | None, offered: Sequence[str]) -> str:
    """Return the language that a client likes best, else the first (RFC 9110 section 12.5.4, RFC 4647 section 3.4)."""
    ranges = [_RANGE.fullmatch(member) for member in (header or "").lower().split(",")]
    weighed = [(float(found[2] or 1), found[1]) for found in ranges if found]
    for _, wanted in sorted((one for one in weighed if one[0] > 0), key=lambda one: -one[0]):
        if found := _looked_up(wanted, offered):
            return found
    return offered[0]


def _looked_up(wanted: str, offered: Sequence[str]) -> str | None:
    """Return the language offered that fits: itself, without its region, or with one."""
    while wanted and wanted != "*":
        for tag in offered:
            if tag.lower() == wanted or tag.lower().startswith(f"{wanted}-"):
                return tag
        wanted = wanted.rpartition("-")[0]
    return offered[0] if wanted else None
