"""In which language somebody is written to."""

from collections.abc import Sequence


def best_of(spoken: Sequence[str], language: str) -> str:
    """Return `language` if it is spoken, or it without its region, or the first (RFC 4647 section 3.4, Lookup)."""
    return next((tag for tag in (language, language.partition("-")[0]) if tag in spoken), spoken[0])
