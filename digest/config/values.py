"""Values of config.yaml, a type for each sort: it reads the text, or says what is wrong with it and what to write."""

import ipaddress
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, RootModel, SecretStr, WithJsonSchema

from digest import moments
from digest.addresses import parse_domain
from digest.errors import UnfitText
from digest.signing_key import SigningKey
from digest.validation import Day, Email, Line, parse_port

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")  # the part of BCP 47 in use
_ANY_LANGUAGE = "und"  # BCP 47's tag of an undetermined language
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_FONTS = re.compile(r"([A-Za-z0-9 -]+, *)*(serif|sans-serif|monospace|system-ui)")
_SUBJECT_NAMES = ("title", "lead", "count", "date", "newsroom")
_SUBJECT_NAME = re.compile(rf"\{{({'|'.join(_SUBJECT_NAMES)})\}}")
_LONGEST_MONTH = 31  # days
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"  # RFC 1035 section 2.3.1
_SELECTOR = re.compile(rf"{_LABEL}(\.{_LABEL})*")  # RFC 6376 section 3.1

_Members = TypeVar("_Members", dict[str, str], tuple[Any, ...])


def _newsroom_id(text: str) -> str:
    if not UUID.fullmatch(text):
        raise UnfitText(f"{text!r} is not a UUID", "Take the one that `digest init` writes into a new folder.")
    return text


def parse_key(text: str) -> str:
    """Return the key of a kind, topic or digest as it is; UnfitText for what cannot stand in an address."""
    if not _KEY.fullmatch(text):
        raise UnfitText(f"the key {text!r} cannot stand in an address", "Use a-z, 0-9 and single hyphens.")
    return text


def parse_language(text: str) -> str:
    """Return a BCP 47 tag as it is; UnfitText for what is none, or of a sort that nobody uses."""
    if not _LANGUAGE_TAG.fullmatch(text):
        raise UnfitText(f"{text!r} is not a language tag", "Write a BCP 47 tag, such as en, es or pt-BR.")
    return text


def _own_file(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or "://" in text:
        remedy = "Copy the file there, and write its path from config.yaml, such as brand/logo.png."
        raise UnfitText(f"{text!r} is no place in the newsroom's folder", remedy)
    return text


def _colour(text: str) -> str:
    if not _HEX.fullmatch(text):
        raise UnfitText(f"{text!r} is not a colour", 'Write it in six hexadecimal digits, such as "#9c2f1c".')
    return text.lower()


def _fonts(text: str) -> str:
    if not _FONTS.fullmatch(text):
        remedy = 'Name fonts that readers have, and end with a generic one, such as "Georgia, serif".'
        raise UnfitText(f"{text!r} is not a list of fonts", remedy)
    return text


def not_empty(members: _Members) -> _Members:
    """Return the members; UnfitText when there are none."""
    if not members:
        raise UnfitText("nothing stands here", "Give at least one.")
    return members


def _by_language(value: object) -> object:
    return {_ANY_LANGUAGE: value} if isinstance(value, str) else value


def _subject(text: str) -> str:
    if "{" in (rest := _SUBJECT_NAME.sub("", text)) or "}" in rest:
        raise UnfitText(
            f"{text!r} has unknown braces", f"Known: {', '.join(f'{{{name}}}' for name in _SUBJECT_NAMES)}."
        )
    return text


def _days_of_schedule(value: object) -> object:
    days = value.split(",") if isinstance(value, str) else value
    if not isinstance(days, list):
        return value
    return tuple(_day_of_schedule(str(day).strip().lower()) for day in days)


def _day_of_schedule(text: str) -> str:
    if text in WEEKDAYS or (text.isdecimal() and 1 <= int(text) <= _LONGEST_MONTH):
        return text
    raise UnfitText(f"{text!r} is no day to send on", "Write weekdays (friday) or days of the month (1, 15).")


def _exceptions(value: object) -> object:
    """Return {slot's day: the day it moves to, or None for skipped} from a mapping or a plain list of days."""
    if isinstance(value, list):
        return {moments.parse_day(str(day)): None for day in value}
    if isinstance(value, dict):
        return {
            moments.parse_day(day): None if to == "skip" else moments.parse_day(str(to)) for day, to in value.items()
        }
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or ":" in host:
        raise UnfitText(f"{text!r} is not an address to listen on", 'Write it like "127.0.0.1:8000".')
    parse_port(port)
    return text


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        remedy = "Write it like 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32."
        raise UnfitText(f"{text!r} is no IP address or network", remedy) from None


def _selector(text: str) -> str:
    if not _SELECTOR.fullmatch(text):
        raise UnfitText(f"{text!r} cannot be a selector", "Use a-z, 0-9 and hyphens, such as digest-2026.")
    return text


def _known_secret(value: object) -> object:
    return SecretStr(value) if isinstance(value, str) else value


def _fit_key(pem: SecretStr) -> SecretStr:
    SigningKey(pem.get_secret_value())
    return pem


NewsroomId = Annotated[str, AfterValidator(_newsroom_id)]
Key = Annotated[str, AfterValidator(parse_key)]  # of a kind, topic or digest
Language = Annotated[str, AfterValidator(parse_language)]
OwnFile = Annotated[str, AfterValidator(_own_file)]  # relative to the newsroom's folder, with forward slashes
Colour = Annotated[str, AfterValidator(_colour)]  # #rrggbb in lower case
Fonts = Annotated[str, AfterValidator(_fonts)]
Subject = Annotated[Line, AfterValidator(_subject)]  # with names in braces
SendingDays = Annotated[  # weekdays, or days of the month
    tuple[str, ...], BeforeValidator(_days_of_schedule, json_schema_input_type=str | list[str])
]
Exceptions = Annotated[
    dict[Day, Day | None], BeforeValidator(_exceptions, json_schema_input_type=dict[str, str] | list[str])
]
Domain = Annotated[str, AfterValidator(parse_domain)]  # in A-labels
Selector = Annotated[str, AfterValidator(_selector)]
Listen = Annotated[str, AfterValidator(_listen)]  # host:port
Emails = Annotated[tuple[Email, ...], BeforeValidator(_one_or_many, json_schema_input_type=Email | list[Email])]
Secret = Annotated[
    SecretStr,
    BeforeValidator(_known_secret),
    PlainSerializer(lambda _: "**********", return_type=str),
    WithJsonSchema({"type": "string"}),
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...],
    BeforeValidator(_one_or_many, json_schema_input_type=str | list[str]),
]
Secrets = Annotated[tuple[Secret, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])]
PrivateKey = Annotated[Secret, AfterValidator(_fit_key)]  # PEM
_Texts = Annotated[
    dict[Language, Line],
    AfterValidator(not_empty),
    BeforeValidator(_by_language, json_schema_input_type=Line | dict[Language, Line]),
]


class Localized(RootModel[_Texts]):
    """A text for all languages, or one for each."""

    def in_language(self, tag: str) -> str:
        """Return the text for `tag`, or for its language without region, or the first one given."""
        return self.root.get(tag) or self.root.get(tag.partition("-")[0]) or next(iter(self.root.values()))
