"""config.yaml: read once, validated whole, passed on by section.

bytes ─▶ document ─▶ references resolved ─▶ sections, each made of values ─▶ what only all of them tell ─▶ Config

A whole value may be `{env: NAME}` or `{file: PATH}`; secrets are of a type that does not show them.
"""

from digest.config.reading import FILE, load_config, problem_with
from digest.config.sections import (
    Colors,
    Config,
    Contact,
    Database,
    Digest,
    Dkim,
    EmblemSort,
    Include,
    Mail,
    Newsroom,
    Relay,
    Schedule,
    Sender,
    Web,
)
from digest.config.values import UUID, WEEKDAYS, Language, Localized, parse_key, parse_language

__all__ = [
    "FILE",
    "UUID",
    "WEEKDAYS",
    "Colors",
    "Config",
    "Contact",
    "Database",
    "Digest",
    "Dkim",
    "EmblemSort",
    "Include",
    "Language",
    "Localized",
    "Mail",
    "Newsroom",
    "Relay",
    "Schedule",
    "Sender",
    "Web",
    "load_config",
    "parse_key",
    "parse_language",
    "problem_with",
]
