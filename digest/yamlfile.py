"""Strict YAML: the part of YAML that means what it looks like.

    bytes ─▶ text (UTF-8, no control characters) ─▶ libyaml's events ─▶ dict, list, str, None + the place of each

Refused: aliases, anchors, tags, duplicate keys, several documents, more than `MAX_BYTES`, `MAX_DEPTH` or `MAX_VALUES`,
characters that XML cannot hold, and a comment behind an unquoted text (YAML would silently drop it: "Victory for
#FreeAna"). Every scalar is text; empty, `~` and `null` mean absent. Built on events, because a composed tree no longer
shows which nodes were aliases.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

import yaml

from digest.errors import Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_VALUES = 10_000

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
KeyPath: TypeAlias = tuple[str | int, ...]

# XML 1.0 section 2.2 forbids the C0 controls, surrogates and U+FFFE/FFFF; libyaml also refuses DEL and C1.
FORBIDDEN_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# YAML 1.1, which libyaml reads, ends lines by these, YAML 1.2 and every editor do not.
_UNSEEN_LINE_END = re.compile("[\x85\u2028\u2029]")
_COMMENT_BEHIND = re.compile(r"[ \t]+(#[^\r\n]*)")
_COMMENT_BELOW = re.compile(r"[ \t\r\n]*[\r\n]([ \t]*)(#[^\r\n]*)")
_LINE_END = re.compile(r"\r\n?|\n")
_BOM = "\ufeff"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

# libyaml's words, and what they mean to somebody who writes press releases.
_SYNTAX_REMEDIES = (
    ("mapping values are not allowed", "Put text that contains a colon and a space in quotes."),
    ("block sequence entries are not allowed", "Put text that starts with a hyphen and a space in quotes."),
    ("mapping keys are not allowed", "Put text that starts with a question mark and a space in quotes."),
    ("cannot start any token", "Indent by spaces, not tabs, and put text that starts with @, ` or % in quotes."),
    ("alphabetic or numeric character", "Put text that starts with *, & or ! in quotes."),
    ("node content", "Put text that starts with a comma or a bracket in quotes."),
    ("comment or line break", "Start the text on the next line, indented, or put it in quotes."),
    ("expected ',' or", "Close the bracket or brace that was opened, or put the text in quotes."),
    ("expected <block end>", "Indent all keys of one level by the same number of spaces."),
    ("expected key", "Indent all keys of one level alike, and put text that holds quotes in quotes as a whole."),
    ("unexpected end of stream", "Close the quote that was opened."),
    ("hexdecimal number", "Write each backslash twice, or use single quotes."),
    ("unknown escape character", "Write each backslash twice, or use single quotes."),
    ("escape code", "Write the character itself instead of its code."),
    ("expected ':'", "Write each line as `key: text`, and quote or indent longer text."),
)


class Place(NamedTuple):
    """Where something stands in a file."""

    line: int  # from 1
    column: int  # from 1


@dataclass(frozen=True)
class Document:
    """What a file says, where it says it, and what is wrong with it."""

    value: dict[str, Value]  # empty when nothing could be read
    places: dict[KeyPath, Place]  # of each key and each member of a list
    problems: tuple[Problem, ...]

    def place(self, path: KeyPath) -> Place:
        """Return where `path` stands, or the nearest thing around it that stands anywhere."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, Place(1, 1))


def parse(data: bytes, name: str, *, comments_behind_text: bool = False) -> Document:
    """Return what the YAML in `data` says; `name` is the file's name for the problems.

    `comments_behind_text` allows `key: text  # comment`, as settings (not prose) have it.
    """
    builder = _Builder(name, comments_behind_text=comments_behind_text)
    text = builder.decode(data)
    if text is None:
        return Document({}, {}, tuple(builder.problems))
    value = builder.build(text)
    return Document(value, builder.places, tuple(builder.problems))


class _Mark(Protocol):
    """Where libyaml or PyYAML says something stands, all from 0."""

    index: int  # in the text's characters; libyaml does not count a BOM
    line: int
    column: int


class _Stop(Exception):  # noqa: N818 - it ends the reading of a file, its problem is already noted
    """Reading on would only repeat the problem just noted."""


@dataclass
class _Builder:
    """Builds the tree of one file from libyaml's events, noting every problem on the way."""

    name: str
    comments_behind_text: bool
    problems: list[Problem] = field(default_factory=list)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    text: str = ""
    values: int = 0

    def note(self, place: Place, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.name, place.line, place.column, "error", message, remedy))

    def note_at(self, event: yaml.Event, message: str, remedy: str) -> None:
        self.note(_place(event.start_mark), message, remedy)

    def decode(self, data: bytes) -> str | None:
        """Return the text, or None when these bytes cannot be read at all."""
        if len(data) > MAX_BYTES:
            self.note(Place(1, 1), *too_large(len(data)))
            return None
        try:
            text = data.decode().lstrip(_BOM)
        except UnicodeDecodeError as error:
            place = _end(data[: error.start].decode().lstrip(_BOM))
            self.note(place, f"byte 0x{data[error.start]:02X} is not UTF-8", "Save the file in the encoding UTF-8.")
            return None
        if text.replace("\n", "").isprintable():  # as most are; what follows takes three times as long
            return text
        unreadable = False
        if found := FORBIDDEN_CHARACTER.search(text):
            unreadable = True
            message = f"the control character U+{ord(found[0]):04X} cannot be published"
            self.note(_end(text[: found.start()]), message, "Delete it; it is usually left over from copying.")
        if found := _UNSEEN_LINE_END.search(text):
            unreadable = True
            message = f"the unseen line end U+{ord(found[0]):04X} stands here"
            self.note(_end(text[: found.start()]), message, "Delete it, and press Enter if a line ends here.")
        return None if unreadable else text

    def build(self, text: str) -> dict[str, Value]:
        self.text = text
        try:
            return self._document(iter(yaml.CSafeLoader(text).get_event, None))
        except yaml.MarkedYAMLError as error:
            problem = error.problem or "this is not YAML"
            remedy = next((r for words, r in _SYNTAX_REMEDIES if words in problem), "See the format's reference.")
            self.note(_place(error.problem_mark or error.context_mark), f"YAML cannot be read here: {problem}", remedy)
        except _Stop:
            pass
        return {}

    def _document(self, events: Iterator[yaml.Event]) -> dict[str, Value]:
        next(events)  # the stream's start
        if isinstance(next(events), yaml.StreamEndEvent):
            self.note(Place(1, 1), "the file is empty", "Write one `key: value` a line, or delete the file.")
            return {}
        event = next(events)
        value = self._node(event, events, ())
        if not isinstance(value, dict):
            self.note_at(event, "the file holds no fields", "Write one `key: value` a line.")
            value = {}
        next(events)  # the document's end
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            self.note_at(following, "a second document starts here", "Use one file for each; remove the `---`.")
        return value

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: KeyPath, indent: int | None = None) -> Value:
        """Return the value that starts with `event`; `indent` is how many spaces stand before its key or dash."""
        self._refuse_too_much(event, path)
        if isinstance(event, yaml.AliasEvent):
            self.note_at(event, f"the alias *{event.anchor} is not allowed", "Write it out, or put the text in quotes.")
            return f"*{event.anchor}"
        self._refuse_anchor_and_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, indent)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, events, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, events, path)
        raise TypeError(f"libyaml gave {event}")

    def _refuse_too_much(self, event: yaml.Event, path: KeyPath) -> None:
        self.values += 1
        if len(path) > MAX_DEPTH:
            self.note_at(event, f"more than {MAX_DEPTH} levels are nested here", "Write the fields flat.")
            raise _Stop
        if self.values > MAX_VALUES:
            self.note_at(event, f"the file has more than {MAX_VALUES:,} values", "Divide it into several files.")
            raise _Stop

    def _refuse_anchor_and_tag(self, event: yaml.Event) -> None:
        remedy = "Remove it, or put the text in quotes."
        if anchor := getattr(event, "anchor", None):
            self.note_at(event, f"the anchor &{anchor} is not allowed", remedy)
        if tag := getattr(event, "tag", None):
            self.note_at(event, f"the tag {tag} is not allowed", remedy)

    def _scalar(self, event: yaml.ScalarEvent, indent: int | None) -> str | None:
        text: str = event.value
        if event.style in {"", None}:
            self._refuse_comment_behind(event, indent)
            return None if text in _NULLS else text
        self._refuse_forbidden_escape(event)
        return text if text.strip() else None  # a blank text says nothing

    def _refuse_forbidden_escape(self, event: yaml.ScalarEvent) -> None:
        if event.style == '"' and (found := FORBIDDEN_CHARACTER.search(event.value)):
            message = f"the escape of U+{ord(found[0]):04X} stands for what cannot be published"
            self.note_at(event, message, "Delete it.")

    def _refuse_comment_behind(self, event: yaml.ScalarEvent, indent: int | None) -> None:
        if self.comments_behind_text:
            return
        end: _Mark = event.end_mark  # type: ignore[assignment]  # libyaml marks every event
        if found := _COMMENT_BEHIND.match(self.text, end.index):
            self._note_dropped(_place(end), found[1])
        elif event.value and indent is not None:
            self._refuse_comment_below(end, indent)

    def _refuse_comment_below(self, end: _Mark, indent: int) -> None:
        """Note a comment on the next line that is not blank, if it is indented as if it went on with the text."""
        found = _COMMENT_BELOW.match(self.text, end.index)
        if found and len(found[1]) > indent:
            below = len(_LINE_END.findall(found[0]))
            self._note_dropped(Place(end.line + below + 1, len(found[1]) + 1), found[2])

    def _note_dropped(self, place: Place, comment: str) -> None:
        message = f"YAML drops the rest of the text: {comment.strip()[:60]!r}"
        self.note(place, message, "Put the whole text in quotes, or the comment on a line of its own before the key.")

    def _sequence(self, start: yaml.SequenceStartEvent, events: Iterator[yaml.Event], path: KeyPath) -> list[Value]:
        members: list[Value] = []
        indent = None if start.flow_style else _place(start.start_mark).column - 1
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, len(members))
            self.places[here] = _place(event.start_mark)
            members.append(self._node(event, events, here, indent))
        return members

    def _mapping(self, start: yaml.MappingStartEvent, events: Iterator[yaml.Event], path: KeyPath) -> dict[str, Value]:
        members: dict[str, Value] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event)
            here = (*path, key)
            place = _place(event.start_mark)
            if key in members:
                message = f"the key {key!r} stands here again, first in line {self.places[here].line}"
                self.note(place, message, "Keep one of them.")
            else:
                self.places[here] = place
            indent = None if start.flow_style else place.column - 1
            value = self._node(next(events), events, here, indent)
            members.setdefault(key, value)
        return members

    def _key(self, event: yaml.Event) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            remedy = "Put text in braces or brackets, or with * or &, in quotes."
            self.note_at(event, "a key must be a plain word", remedy)
            raise _Stop
        self._refuse_anchor_and_tag(event)
        self._refuse_forbidden_escape(event)
        return str(event.value)


def too_large(size: int) -> tuple[str, str]:
    """Return what is wrong with a file of `size` bytes, and the remedy."""
    message = f"the file has {size:,} bytes, more than the {MAX_BYTES:,} allowed"
    return message, "Move long tables and images into files of their own."


def _end(text: str) -> Place:
    """Return where the character that follows `text` stands."""
    ends = [found.end() for found in _LINE_END.finditer(text)]
    return Place(len(ends) + 1, len(text) - (ends[-1] if ends else 0) + 1)


def _place(mark: _Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
