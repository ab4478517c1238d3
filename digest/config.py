"""config.yaml: read once, validated whole, passed on by section.

A whole value may be `{env: NAME}` or `{file: PATH}`; secrets are of a type that does not show them.
"""

import ipaddress
import os
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    RootModel,
    SecretStr,
    WithJsonSchema,
    model_validator,
)

from digest import moments, yamlfile
from digest.addresses import parse_domain
from digest.colours import READABLE, Palette, contrast, is_readable, luminance
from digest.errors import InvalidInput, Problem, UnfitText
from digest.signing_key import SigningKey
from digest.validation import (
    Count,
    Day,
    Duration,
    Email,
    Fields,
    Line,
    Port,
    TimeOfDay,
    WebAddress,
    YesOrNo,
    Zone,
    parse_port,
    validated,
)
from digest.yamlfile import Document, KeyPath, Place, Value

FILE = "config.yaml"
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")  # the part of BCP 47 in use
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_FONTS = re.compile(r"([A-Za-z0-9 -]+, *)*(serif|sans-serif|monospace|system-ui)")
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"  # RFC 1035 section 2.3.1
_SELECTOR = re.compile(rf"{_LABEL}(\.{_LABEL})*")  # RFC 6376 section 3.1
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST_MONTH = 31  # days
_ANY_LANGUAGE = "und"  # BCP 47's tag of an undetermined language
SUBJECT_NAMES = ("title", "lead", "count", "date", "newsroom")
_SUBJECT_NAME = re.compile(rf"\{{({'|'.join(SUBJECT_NAMES)})\}}")

_Members = TypeVar("_Members", dict[str, str], tuple[Any, ...])


def _newsroom_id(text: str) -> str:
    if not UUID.fullmatch(text):
        raise UnfitText(f"{text!r} is not a UUID", "Take the one that `digest init` writes into a new folder.")
    return text


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise UnfitText(f"the key {text!r} cannot stand in an address", "Use a-z, 0-9 and single hyphens.")
    return text


def _own_file(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or "://" in text:
        remedy = "Copy the file there, and write its path from config.yaml, such as brand/logo.png."
        raise UnfitText(f"{text!r} is no place in the newsroom's folder", remedy)
    return text


def _language(text: str) -> str:
    if not LANGUAGE_TAG.fullmatch(text):
        raise UnfitText(f"{text!r} is not a language tag", "Write a BCP 47 tag, such as en, es or pt-BR.")
    return text


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or ":" in host:
        raise UnfitText(f"{text!r} is not an address to listen on", 'Write it like "127.0.0.1:8000".')
    parse_port(port)
    return text


def _not_empty(members: _Members) -> _Members:
    if not members:
        raise UnfitText("nothing stands here", "Give at least one.")
    return members


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _subject(text: str) -> str:
    if "{" in (rest := _SUBJECT_NAME.sub("", text)) or "}" in rest:
        raise UnfitText(f"{text!r} has unknown braces", f"Known: {', '.join(f'{{{name}}}' for name in SUBJECT_NAMES)}.")
    return text


def _by_language(value: object) -> object:
    return {_ANY_LANGUAGE: value} if isinstance(value, str) else value


Key = Annotated[str, AfterValidator(_key)]
Language = Annotated[str, AfterValidator(_language)]
EmblemSort = Literal["logo", "icon"]
OwnFile = Annotated[str, AfterValidator(_own_file)]  # relative to the newsroom's folder, with forward slashes


_Texts = Annotated[
    dict[Language, Line],
    AfterValidator(_not_empty),
    BeforeValidator(_by_language, json_schema_input_type=Line | dict[Language, Line]),
]


class Localized(RootModel[_Texts]):
    """A text for all languages, or one for each."""

    def in_language(self, tag: str) -> str:
        """Return the text for `tag`, or for its language without region, or the first one given."""
        return self.root.get(tag) or self.root.get(tag.partition("-")[0]) or next(iter(self.root.values()))


class Contact(Fields):
    """Whom a journalist can ask."""

    name: Line
    email: Email | None = None
    phone: Line | None = None


def _colour(text: str) -> str:
    if not _HEX.fullmatch(text):
        raise UnfitText(f"{text!r} is not a colour", 'Write it in six hexadecimal digits, such as "#9c2f1c".')
    return text.lower()


def _fonts(text: str) -> str:
    if not _FONTS.fullmatch(text):
        remedy = 'Name fonts that readers have, and end with a generic one, such as "Georgia, serif".'
        raise UnfitText(f"{text!r} is not a list of fonts", remedy)
    return text


Colour = Annotated[str, AfterValidator(_colour)]
Fonts = Annotated[str, AfterValidator(_fonts)]


class Colors(Fields):
    """The newsroom's own colours, of which the others of pages and mails follow."""

    brand: Colour = "#9c2f1c"
    ink: Colour = "#1b1a18"
    paper: Colour = "#fcfbf8"

    @property
    def palette(self) -> Palette:
        """Return all the colours."""
        return Palette(self.brand, self.ink, self.paper)

    @model_validator(mode="after")
    def _are_readable(self) -> Self:
        palette = self.palette
        if luminance(self.paper) < luminance(self.ink):
            raise UnfitText(
                f"the paper {self.paper} is darker than the ink {self.ink}",
                "Take light paper; who reads in the dark gets dark pages by themselves.",
            )
        for name, colour in (("ink", self.ink), ("brand", self.brand)):
            if not is_readable(colour, (palette.paper, palette.ground)):
                raise UnfitText(
                    f"{name} {colour} on paper {self.paper} has a contrast of {contrast(colour, palette.ground):.1f}, "
                    f"less than {READABLE}",
                    f'Take a darker one, such as "{palette.darker(colour)}".',
                )
        return self


class Typefaces(Fields):
    """The newsroom's own fonts, as CSS lists them."""

    headings: Fonts | None = None
    text: Fonts | None = None


class Newsroom(Fields):
    """Who publishes."""

    id: Annotated[str, AfterValidator(_newsroom_id)]  # minted once, never changed
    title: Line
    organization: Line
    tagline: Line | None = None
    description: Line | None = None
    url: WebAddress  # where public/ is read, without the final slash
    language: Language = "en"
    languages: tuple[Language, ...] = ()  # of mails; the newsroom's own comes first
    timezone: Zone
    contact: Contact
    address: Line | None = None  # postal, for the foot of a mail
    rights: Line | None = None
    license: WebAddress | None = None  # where the terms of `rights` stand in full
    logo: OwnFile | None = None  # stands in place of the title at the head of pages
    icon: OwnFile | None = None  # square
    colors: Colors = Colors()
    fonts: Typefaces = Typefaces()

    @property
    def mail_languages(self) -> tuple[str, ...]:
        """Return the languages that mails are written in, the newsroom's own first."""
        return tuple(dict.fromkeys((self.language, *self.languages)))

    @property
    def emblems(self) -> dict[EmblemSort, str]:
        """Return the files of logo and icon, as far as it has them, relative to the newsroom's folder."""
        named: dict[EmblemSort, str | None] = {"logo": self.logo, "icon": self.icon}
        return {sort: file for sort, file in named.items() if file}


class Kind(Fields):
    """What sort of item it is, such as a press release or a report."""

    label: Localized
    plural: Localized
    boilerplate: str | None = None  # Markdown behind the body of each item of this kind


class Topic(Fields):
    """What an item is about."""

    label: Localized


class Feeds(Fields):
    """How the feeds are made."""

    entries: Count = 50  # in atom.xml
    max_age: Count = 900  # seconds that a reader may keep a feed
    websub: tuple[WebAddress, ...] = ()  # hubs that are told when a feed changed


def _days_of_schedule(value: object) -> object:
    days = value.split(",") if isinstance(value, str) else value
    if not isinstance(days, list):
        return value
    return tuple(_day_of_schedule(str(day).strip().lower()) for day in days)


def _day_of_schedule(text: str) -> str:
    if text in _WEEKDAYS or (text.isdecimal() and 1 <= int(text) <= _LONGEST_MONTH):
        return text
    raise UnfitText(f"{text!r} is no day to send on", "Write weekdays (friday) or days of the month (1, 15).")


class Schedule(Fields):
    """When a digest's slots are."""

    every: Literal["day", "week", "2 weeks", "month"]
    on: Annotated[  # weekdays for weeks, days of the month for months
        tuple[str, ...], BeforeValidator(_days_of_schedule, json_schema_input_type=str | list[str])
    ] = ()
    at: TimeOfDay
    timezone: Zone | None = None  # the newsroom's when absent
    starting: Day | None = None  # a day of a sending week, for `2 weeks`

    @model_validator(mode="after")
    def _days_fit_the_period(self) -> Self:
        wanted = {"day": "none", "month": "days of the month"}.get(self.every, "weekdays")
        fits = {
            "none": not self.on,
            "weekdays": bool(self.on) and all(day in _WEEKDAYS for day in self.on),
            "days of the month": bool(self.on) and all(day.isdecimal() for day in self.on),
        }
        if not fits[wanted]:
            raise UnfitText(f"`every: {self.every}` goes with {wanted} in `on`", f"Give {wanted}.")
        return self


def _schedule(value: object) -> object:
    return None if value == "manual" else value


def _exceptions(value: object) -> object:
    """Return {slot's day: the day it moves to, or None for skipped} from a mapping or a plain list of days."""
    if isinstance(value, list):
        return {moments.parse_day(str(day)): None for day in value}
    if isinstance(value, dict):
        return {
            moments.parse_day(day): None if to == "skip" else moments.parse_day(str(to)) for day, to in value.items()
        }
    return value


class Include(Fields):
    """Which items a digest takes; an empty list takes all."""

    kinds: tuple[Key, ...] = ()
    topics: tuple[Key, ...] = ()
    languages: tuple[Language, ...] = ()


class Digest(Fields):
    """One recurring digest."""

    title: Localized
    subject: Annotated[Line, AfterValidator(_subject)] = "{title}: {lead}"
    include: Include = Include()
    schedule: Annotated[  # None: manual
        Schedule | None, BeforeValidator(_schedule, json_schema_input_type=Schedule | Literal["manual"])
    ]
    compose: Duration = timedelta(hours=24)  # before the slot
    exceptions: Annotated[
        dict[Day, Day | None], BeforeValidator(_exceptions, json_schema_input_type=dict[str, str] | list[str])
    ] = Field(default={}, alias="except")
    when_empty: Literal["skip", "send"] = "skip"
    approval: Literal["required", "automatic"] = "required"
    send_within: Duration = timedelta(hours=24)  # after the slot
    limit: Count = 40  # items in full


class Sender(Fields):
    """The one mailbox in From."""

    name: Line
    email: Email


def _known_secret(value: object) -> object:
    return SecretStr(value) if isinstance(value, str) else value


Secret = Annotated[
    SecretStr,
    BeforeValidator(_known_secret),
    PlainSerializer(lambda _: "**********", return_type=str),
    WithJsonSchema({"type": "string"}),
]


class Relay(Fields):
    """One SMTP server that takes our mail."""

    host: Line
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Line | None = None
    password: Secret | None = None


def _selector(text: str) -> str:
    if not _SELECTOR.fullmatch(text):
        raise UnfitText(f"{text!r} cannot be a selector", "Use a-z, 0-9 and hyphens, such as digest-2026.")
    return text


def _fit_key(pem: SecretStr) -> SecretStr:
    SigningKey(pem.get_secret_value())
    return pem


class Dkim(Fields):
    """How we sign our mail (RFC 6376)."""

    domain: Annotated[str, AfterValidator(parse_domain)]  # that of From, or one above it
    selector: Annotated[str, AfterValidator(_selector)]  # names the key within the domain
    key: Annotated[Secret, AfterValidator(_fit_key)]  # PEM


class Mail(Fields):
    """How mail leaves."""

    sender: Sender = Field(alias="from")
    reply_to: Email | None = None
    bounces: Email | None = None  # return paths are bounces+<token>@…
    smtp: Annotated[tuple[Relay, ...], AfterValidator(_not_empty)]  # tried in this order
    dkim: Dkim | None = None  # when no relay signs
    in_doubt: Literal["resend", "hold"] = "resend"
    only_to: tuple[Email, ...] = ()  # staging: nobody else is mailed


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise UnfitText(
            f"{text!r} is no IP address or network", "Write it like 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32."
        ) from None


Network = Annotated[str, AfterValidator(_network)]


class Web(Fields):
    """Where `digest serve` listens and is reached."""

    url: WebAddress  # where links to /unsubscribe lead
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8000"
    trusted_proxies: Annotated[  # networks of servers before this one, which tell the addresses of visitors
        tuple[Network, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])
    ] = ()
    keys: Annotated[  # newest first; minted into var/ when absent
        tuple[Secret, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])
    ] = ()


class Privacy(Fields):
    """How long is kept what is needed only for a time."""

    consent_ip: Duration = timedelta(days=30)  # the IP address from which somebody agreed
    unconfirmed: Duration = timedelta(days=30)  # whoever never confirmed


class Alerts(Fields):
    """Who is told what goes wrong, besides the staff."""

    email: Annotated[tuple[Email, ...], BeforeValidator(_one_or_many, json_schema_input_type=Email | list[Email])] = ()


class Database(Fields):
    """Where what is remembered is kept."""

    url: Secret = SecretStr("sqlite:///var/digest.db")


class Person(Fields):
    """Somebody on the staff."""

    name: Line
    email: Email
    role: Literal["editor", "publisher", "admin"]


class Config(Fields):
    """The whole of config.yaml."""

    newsroom: Newsroom
    kinds: dict[Key, Kind]  # in the order of sections
    topics: dict[Key, Topic] = Field(default={})
    feeds: Feeds = Feeds()
    digests: dict[Key, Digest] = Field(default={})
    mail: Mail | None = None
    web: Web | None = None
    privacy: Privacy = Privacy()
    alerts: Alerts = Alerts()
    database: Database = Database()
    staff: tuple[Person, ...] = ()
    after_build: Line | None = None  # a shell command that brings public/ to where it is read
    precompress: YesOrNo = True  # text files of public/ stand beside smaller ones for servers to send


def load_config(newsroom: Path, file: Path | None = None) -> Config:
    """Return the configuration of the newsroom in that folder; InvalidInput names all that is wrong with it.

    `file` is read in place of its config.yaml.
    """
    document, problems = _with_references(_read(file or newsroom / FILE, newsroom), newsroom)
    unresolved = {(problem.line, problem.column) for problem in problems}
    config, found = validated(Config, document, FILE)
    problems += [problem for problem in found if (problem.line, problem.column) not in unresolved]
    if config:
        problems += _cross_checks(config, document)
    if config is None or problems:
        raise InvalidInput(problems)
    return config


def problem_with(newsroom: Path, field: KeyPath, unfit: UnfitText) -> Problem:
    """Return what is wrong with a field's value, found after config.yaml was read, as a problem in that file."""
    place = Place(0, 0)
    with suppress(InvalidInput):  # it went meanwhile
        place = _read(newsroom / FILE, newsroom).place(field)
    message = f"{'.'.join(map(str, field))}: {unfit.message}"
    return Problem(FILE, place.line, place.column, "error", message, unfit.remedy)


def _read(path: Path, newsroom: Path) -> Document:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message, remedy = f"{newsroom} has no {FILE}", "Go to the newsroom's folder, or run `digest init`."
        raise InvalidInput([Problem(FILE, 0, 0, "error", message, remedy)]) from None
    except OSError as error:
        message, remedy = f"the file cannot be read: {error.strerror}", "Mend its rights."
        raise InvalidInput([Problem(FILE, 0, 0, "error", message, remedy)]) from error
    return yamlfile.parse(data, FILE, comments_behind_text=True)


def _with_references(document: Document, newsroom: Path) -> tuple[Document, list[Problem]]:
    """Return the document with each `{env: NAME}` and `{file: PATH}` replaced by what it names."""
    problems: list[Problem] = []

    def resolved(value: Value, path: KeyPath) -> Value:
        if isinstance(value, dict):
            if len(value) == 1 and (source := next(iter(value))) in {"env", "file"} and isinstance(value[source], str):
                return referred(source, str(value[source]), path)
            return {key: resolved(member, (*path, key)) for key, member in value.items()}
        if isinstance(value, list):
            return [resolved(member, (*path, index)) for index, member in enumerate(value)]
        return value

    def referred(source: str, name: str, path: KeyPath) -> Value:
        try:
            return _from_environment(name) if source == "env" else _from_file(newsroom / name, name)
        except UnfitText as unfit:
            place = document.place(path)
            problems.append(Problem(FILE, place.line, place.column, "error", unfit.message, unfit.remedy))
            return name

    value = {key: resolved(member, (key,)) for key, member in document.value.items()}
    return Document(value, document.places, document.problems), problems


def _from_environment(name: str) -> str:
    text = os.environ.get(name, "").strip()
    if not text:
        raise UnfitText(f"the environment variable {name} is not set", "Set it where the program is started.")
    return text


def _from_file(path: Path, name: str) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitText(f"the file {name} cannot be read", "Create it, or mend its path or rights.") from error
    if not text:
        raise UnfitText(f"the file {name} is empty", "Write the value into it.")
    return text


def _cross_checks(config: Config, document: Document) -> list[Problem]:
    """Return what each section alone cannot see."""
    problems = _unaligned(config, document)
    for name, digest in config.digests.items():
        kinds, topics = list(config.kinds), list(config.topics)
        unknown = [("kinds", index, key, kinds) for index, key in enumerate(digest.include.kinds) if key not in kinds]
        unknown += [
            ("topics", index, key, topics) for index, key in enumerate(digest.include.topics) if key not in topics
        ]
        for field, index, key, known in unknown:
            place = document.place(("digests", name, "include", field, index))
            message = f"digest {name}: {key!r} is not one of the {field}"
            problems.append(Problem(FILE, place.line, place.column, "error", message, f"Known: {', '.join(known)}."))
    return problems


def _unaligned(config: Config, document: Document) -> list[Problem]:
    """Return what keeps a signature from speaking for the address in From (RFC 7489 section 3.1.1)."""
    if not config.mail or not config.mail.dkim:
        return []
    signs, sends = config.mail.dkim.domain, config.mail.sender.email.rpartition("@")[2]
    if f".{sends}".endswith(f".{signs}"):
        return []
    place = document.place(("mail", "dkim", "domain"))
    message = f"mail.dkim.domain: {signs!r} says nothing about mail from {sends}"
    return [Problem(FILE, place.line, place.column, "error", message, f"Sign as {sends}, or as a domain above it.")]
