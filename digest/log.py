"""The log: a line for people, or the same with its facts as JSON; neither names an address unless asked to."""

import json
import re
from collections.abc import Callable
from typing import Self

from digest.addresses import masked
from digest.clock import Clock
from digest.moments import to_stored

_ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:]+@[\w.-]*\w")  # what could be one: better a word too many


class Entry(str):
    """A line of the log, with the facts in it."""

    __slots__ = ("facts",)
    facts: dict[str, object]

    def __new__(cls, line: str, **facts: object) -> Self:
        """`facts` are such as JSON has."""
        made = super().__new__(cls, line)
        made.facts = facts
        return made

    def with_facts(self, **facts: object) -> Self:
        """Return the same line with more facts, before its own ones."""
        return type(self)(str(self), **{**facts, **self.facts})


class Trace(Entry):
    """One of so many that only machines read them."""

    __slots__ = ()


class Log:
    """Writes what it is told, a line at a time."""

    def __init__(self, write: Callable[[str], None], now: Clock, *, as_json: bool, addresses: bool) -> None:
        """Mask whatever looks like an address, unless `addresses` shall be shown."""
        self._write, self._now, self._as_json, self._addresses = write, now, as_json, addresses

    def __call__(self, line: str) -> None:
        """Write a line; as JSON it is an object with `at` (UTC), the `line`, and its facts, if it has any."""
        if self._as_json:
            facts = line.facts if isinstance(line, Entry) else {}
            told = {"at": to_stored(self._now()), "line": line, **facts}
            self._write(json.dumps({name: self._shown(fact) for name, fact in told.items()}, ensure_ascii=False))
        elif not isinstance(line, Trace):
            self._write(str(self._shown(line)))

    def _shown(self, fact: object) -> object:
        if self._addresses or not isinstance(fact, str):
            return fact
        return _ADDRESS.sub(lambda found: masked(found[0]), fact)
