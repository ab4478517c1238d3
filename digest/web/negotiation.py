"""Which encodings of a file a client takes: its Accept-Encoding, read (RFC 9110 section 12.5.3)."""

import re
from collections.abc import Sequence

IDENTITY = "identity"
_MEMBER = re.compile(r"[ \t]*([\w!#$%&'*+.^`|~-]+)[ \t]*(?:;[ \t]*q=([01](?:\.[0-9]{0,3})?)[ \t]*)?", re.ASCII)
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3
_UNNAMED_IDENTITY = 0.0001  # taken, but after everything that was asked for: the smallest weight is 0.001


def acceptable(header: str | None, offered: Sequence[str]) -> list[str]:
    """Return those of the `offered` codings that the client takes, the one to send first.

    Of equal weight, the one offered earlier comes first. Without a header all are taken, but identity is sent, since
    who asks for nothing seldom decodes anything. Who takes nothing is sent identity, too.
    """
    if header is None:
        return sorted(offered, key=lambda coding: coding != IDENTITY)
    weights = _weights(header)
    taken = [coding for coding in offered if _weight(coding, weights) > 0]
    return sorted(taken, key=lambda coding: -_weight(coding, weights)) or [IDENTITY]


def _weights(header: str) -> dict[str, float]:
    """Return each coding named, in lower case, with its weight from 0 to 1; members of another form are left out."""
    members = [_MEMBER.fullmatch(member) for member in header.lower().split(",")]
    named = {member[1]: min(float(member[2] or 1), 1.0) for member in members if member}
    return {_ALIASES.get(coding, coding): weight for coding, weight in named.items()}


def _weight(coding: str, weights: dict[str, float]) -> float:
    unnamed = _UNNAMED_IDENTITY if coding == IDENTITY else 0
    return weights.get(coding, weights.get("*", unnamed))
