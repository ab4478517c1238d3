"""The sections of config.yaml, and what one section alone can tell of its values together."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from digest.colours import READABLE, Palette, contrast, is_readable, luminance
from digest.config.values import (
    WEEKDAYS,
    Colour,
    Domain,
    Emails,
    Exceptions,
    Fonts,
    Key,
    Language,
    Listen,
    Localized,
    Networks,
    NewsroomId,
    OwnFile,
    PrivateKey,
    Secret,
    Secrets,
    Selector,
    SendingDays,
    Subject,
    not_empty,
)
from digest.errors import UnfitText
from digest.languages import best_of
from digest.validation import Count, Day, Duration, Email, Fields, Line, Port, TimeOfDay, WebAddress, YesOrNo, Zone

EmblemSort = Literal["logo", "icon"]


class Contact(Fields):
    """Whom a journalist can ask."""

    name: Line
    email: Email | None = None
    phone: Line | None = None


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

    id: NewsroomId  # minted once, never changed
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
    privacy_url: WebAddress | None = None  # where people read what becomes of their data
    logo: OwnFile | None = None  # stands in place of the title at the head of pages
    icon: OwnFile | None = None  # square
    colors: Colors = Colors()
    fonts: Typefaces = Typefaces()

    @property
    def mail_languages(self) -> tuple[str, ...]:
        """Return the languages that mails are written in, the newsroom's own first."""
        return tuple(dict.fromkeys((self.language, *self.languages)))

    def read_in(self, language: str) -> str:
        """Return in which of them somebody is written to who asked for `language`."""
        return best_of(self.mail_languages, language)

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


class Schedule(Fields):
    """When a digest's slots are."""

    every: Literal["day", "week", "2 weeks", "month"]
    on: SendingDays = ()  # weekdays for weeks, days of the month for months
    at: TimeOfDay
    timezone: Zone | None = None  # the newsroom's when absent
    starting: Day | None = None  # a day of a sending week, for `2 weeks`

    @model_validator(mode="after")
    def _days_fit_the_period(self) -> Self:
        wanted = {"day": "none", "month": "days of the month"}.get(self.every, "weekdays")
        fits = {
            "none": not self.on,
            "weekdays": bool(self.on) and all(day in WEEKDAYS for day in self.on),
            "days of the month": bool(self.on) and all(day.isdecimal() for day in self.on),
        }
        if not fits[wanted]:
            raise UnfitText(f"`every: {self.every}` goes with {wanted} in `on`", f"Give {wanted}.")
        return self


def _schedule(value: object) -> object:
    return None if value == "manual" else value


class Include(Fields):
    """Which items a digest takes; an empty list takes all."""

    kinds: tuple[Key, ...] = ()
    topics: tuple[Key, ...] = ()
    languages: tuple[Language, ...] = ()


class Digest(Fields):
    """One recurring digest."""

    title: Localized
    subject: Subject = "{title}: {lead}"
    include: Include = Include()
    schedule: Annotated[  # None: manual
        Schedule | None, BeforeValidator(_schedule, json_schema_input_type=Schedule | Literal["manual"])
    ]
    compose: Duration = timedelta(hours=24)  # before the slot
    exceptions: Exceptions = Field(default={}, alias="except")
    when_empty: Literal["skip", "send"] = "skip"
    approval: Literal["required", "automatic"] = "required"
    send_within: Duration = timedelta(hours=24)  # after the slot
    limit: Count = 40  # items in full


class Sender(Fields):
    """The one mailbox in From."""

    name: Line
    email: Email


class Relay(Fields):
    """One SMTP server that takes our mail."""

    host: Line
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Line | None = None
    password: Secret | None = None
    connections: Count = 8  # at once
    per_second: Count = 0  # messages; 0: as many as it takes
    per_day: Count = 0  # messages, of a day in UTC; 0: as many as it takes


class Dkim(Fields):
    """How we sign our mail (RFC 6376)."""

    domain: Domain  # that of From, or one above it
    selector: Selector  # names the key within the domain
    key: PrivateKey


class Mail(Fields):
    """How mail leaves."""

    sender: Sender = Field(alias="from")
    reply_to: Email | None = None
    bounces: Email | None = None  # return paths are bounces+<token>@…
    smtp: Annotated[tuple[Relay, ...], AfterValidator(not_empty)]  # tried in this order
    dkim: Dkim | None = None  # when no relay signs
    in_doubt: Literal["resend", "hold"] = "resend"
    only_to: tuple[Email, ...] = ()  # staging: nobody else is mailed


class Web(Fields):
    """Where `digest serve` listens and is reached."""

    url: WebAddress  # where links to /unsubscribe lead
    listen: Listen = "127.0.0.1:8000"
    trusted_proxies: Networks = ()  # servers before this one, which tell the addresses of visitors
    keys: Secrets = ()  # newest first; minted into var/ when absent


class Privacy(Fields):
    """How long is kept what is needed only for a time."""

    consent_ip: Duration = timedelta(days=30)  # the IP address from which somebody agreed
    unconfirmed: Duration = timedelta(days=30)  # whoever never confirmed


class Alerts(Fields):
    """Who is told what goes wrong, besides the staff."""

    email: Emails = ()


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

    @property
    def takes_subscribers(self) -> bool:
        """Return whether anybody can subscribe: there is something to get, and a way to mail and to confirm it."""
        return bool(self.digests and self.mail and self.web)
