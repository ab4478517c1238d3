"""From pydantic's findings to problems that name file, line, column and remedy.

Every value of a YAML file arrives as text, so the annotated types here parse it; the item's and the configuration's
schema share them.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails

from digest import moments
from digest.addresses import parse_address
from digest.errors import Problem, UnfitText
from digest.yamlfile import Document, KeyPath, Value

_YES = frozenset({"true", "yes", "on"})
_NO = frozenset({"false", "no", "off"})
_LAST_PORT = 65_535
_SPACES = re.compile("[ \t\r\n\x85\u2028\u2029]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#<>\"\\]+[^\s<>\"\\]*")


class Fields(BaseModel):
    """A group of fields in a file of the newsroom: frozen, and no key but these."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)


def parse_yes_or_no(text: str) -> bool:
    """Return the truth of `true`, `yes`, `on`, `false`, `no` or `off`."""
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise UnfitText(f"{text!r} is neither true nor false", "Write true or false.")
    return word in _YES


def parse_web_address(text: str) -> str:
    """Return an absolute http or https address as it is; no other scheme can hide in a link."""
    if not _WEB_ADDRESS.fullmatch(text) or not _has_host(text):
        raise UnfitText(f"{text!r} is not a web address", "Write it like https://www.example.org/page.")
    return text


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an IPv6 address in them, or a port that is none
        return False


def parse_email(text: str) -> str:
    """Return an e-mail address with its domain in A-labels; nothing that SMTP could misread passes."""
    return parse_address(text).address


def parse_count(text: str) -> int:
    """Return a whole number of at least 0."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UnfitText(f"{text!r} is not a whole number", "Write digits only, such as 40.")
    return int(text)


def parse_port(text: str) -> int:
    """Return the number of a TCP port."""
    port = parse_count(text)
    if not 1 <= port <= _LAST_PORT:
        raise UnfitText(f"{text!r} is not a port", f"Write a number from 1 to {_LAST_PORT}.")
    return port


def one_line(text: str) -> str:
    """Return the text with its line ends, and other runs of spaces, as one space each; no-break spaces stay."""
    if "  " in text or not text.isprintable():  # most are even already, and that is seen sooner
        text = _SPACES.sub(" ", text)
    return text.strip()


def _parsed_by(parser: Callable[[str], Any], seen_as: Any = str) -> BeforeValidator:  # noqa: ANN401 - any type
    """Return what parses texts; editors see the value as `seen_as`."""
    return BeforeValidator(
        lambda value: parser(value) if isinstance(value, str) else value, json_schema_input_type=seen_as
    )


def zone_in_force(info: ValidationInfo) -> ZoneInfo:
    """Return the zone of times that name none: the newsroom's when its files are read."""
    zone: ZoneInfo = info.context["zone"] if info.context else ZoneInfo("UTC")
    return zone


def _moment(value: object, info: ValidationInfo) -> object:
    return moments.parse_moment(value, zone_in_force(info)) if isinstance(value, str) else value


def _as_text(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


Line = Annotated[str, AfterValidator(one_line)]
Count = Annotated[int, _parsed_by(parse_count, int)]
YesOrNo = Annotated[bool, _parsed_by(parse_yes_or_no, bool)]
Port = Annotated[int, _parsed_by(parse_port, int)]
WebAddress = Annotated[str, AfterValidator(parse_web_address)]
Email = Annotated[str, AfterValidator(parse_email)]
Moment = Annotated[datetime, BeforeValidator(_moment), _as_text("2026-11-18 09:30")]
Day = Annotated[date, _parsed_by(moments.parse_day), _as_text("2026-11-18")]
TimeOfDay = Annotated[time, _parsed_by(moments.parse_time_of_day), _as_text("09:00")]
Duration = Annotated[timedelta, _parsed_by(moments.parse_duration), _as_text("24h")]
Zone = Annotated[ZoneInfo, _parsed_by(moments.zone_named), _as_text("Europe/Madrid")]

# Where the shape is wrong, the value is not shown: `database: postgresql://user:password@…` is such a case.
_SHAPES: dict[type, str] = {dict: "a group of fields", list: "a list", str: "a text"}

M = TypeVar("M", bound=BaseModel)


def validated(
    model: type[M], document: Document, name: str, context: Mapping[str, Any] | None = None
) -> tuple[M | None, list[Problem]]:
    """Return the document as `model`, or None, with all problems of the file `name`."""
    problems = list(document.problems)
    if problems and not document.value:
        return None, problems
    try:
        return model.model_validate(_present(document.value), context=context), problems
    except ValidationError as error:
        problems += [_problem(model, finding, document, name) for finding in error.errors()]
        return None, problems


def _present(value: Value) -> Value:
    """Return the value without keys that are written down but empty, which mean absent."""
    if isinstance(value, dict):
        return {key: _present(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_present(member) for member in value]
    return value


def _problem(model: type[BaseModel], finding: ErrorDetails, document: Document, name: str) -> Problem:
    path: KeyPath = finding["loc"]
    message, remedy = _words(model, finding, path)
    place = document.place(path)
    return Problem(name, place.line, place.column, "error", message, remedy)


def _words(  # noqa: PLR0911 - a table in the form of a match
    model: type[BaseModel], finding: ErrorDetails, path: KeyPath
) -> tuple[str, str]:
    """Return what is wrong and what to do, in words for somebody who writes YAML but not Python."""
    field = ".".join(str(part) for part in path if part != "[key]")  # pydantic's mark of a key that is unfit
    reason = finding.get("ctx", {}).get("error")
    if isinstance(reason, UnfitText):
        return f"{field}: {reason.message}", reason.remedy
    given = finding["input"]
    shape = _SHAPES.get(type(given), "nothing")
    match finding["type"]:
        case "missing":
            return f"the field {field!r} is missing", "Add it."
        case "extra_forbidden":
            return f"the field {field!r} is unknown", _nearest(str(path[-1]), _known_keys(model, path[:-1]))
        case "string_too_long":
            return f"{field} has {len(str(given))} characters", f"Shorten it to {finding['ctx']['max_length']}."
        case "literal_error" if isinstance(given, str):
            return f"{field}: {given[:60]!r} is not known", f"Write {finding['ctx']['expected']}."
        case "list_type" | "tuple_type":
            return (
                f"{field}: {shape} stands where a list belongs",
                "Write it as `[one, two]` or a line with `- ` for each.",
            )
        case "model_type" | "dict_type":
            return f"{field}: {shape} stands where a group of fields belongs", "Write `key: value` lines below it."
    return f"{field}: {shape} stands where a text belongs", "Write a text; put it in quotes if need be."


def _nearest(word: str, known: list[str]) -> str:
    if near := difflib.get_close_matches(word, known, n=1, cutoff=0.6):
        return f"Did you mean {near[0]!r}?"
    return f"Known here: {', '.join(known)}." if known else "Remove it."


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys that may stand at `path` of a file read by `model`."""
    here: type[BaseModel] = model
    for part in path:
        field = next((field for key, field in here.model_fields.items() if part in {key, field.alias}), None)
        here = _model_in(field.annotation) or here if field else here  # a list's index or a mapping's key is no field
    return [field.alias or key for key, field in here.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations have no type of their own
    """Return the model that an annotation such as `tuple[Link, ...]` or `dict[str, Kind] | None` wraps."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for member in get_args(annotation) if (found := _model_in(member))), None)
