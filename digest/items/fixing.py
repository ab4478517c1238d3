"""What `digest check --fix` and `digest new` write: ids, and a new item's first lines. Layout is kept."""

import re

from digest import yamlfile
from digest.items.checks import BODY_TO_WRITE, SUMMARY_TO_WRITE, Reading
from digest.yamlfile import Document, Place

_OWN_ID = re.compile(r"""(["']?id["']?[ \t]*:)(?:[ \t]+(?!\#)\S+)?""")
_BYTE_ORDER_MARK = "\ufeff"


def wants_new_id(reading: Reading) -> bool:
    """Return whether the item has no id, or is the newcomer of two that share one."""
    return bool(reading.document.value) and (reading.identifier is None or reading.copies_id)


def with_id(reading: Reading, identifier: str) -> bytes | None:
    """Return the item's file with that id and else as it is; None when its layout does not let that be done."""
    text = reading.data.decode()
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    mended = (mark + _written(text.removeprefix(mark), reading.document, identifier)).encode()
    document = yamlfile.parse(mended, reading.source)
    return mended if document.value == {**reading.document.value, "id": identifier} else None


def _written(text: str, document: Document, identifier: str) -> str:
    """Return the text with the id in place of its own, or as its first field when it has none."""
    if ("id",) in document.places:
        own = _OWN_ID.match(text, _offset(text, document.places["id",]))
        return f"{text[: own.start()]}{own[1]} {identifier}{text[own.end() :]}" if own else text
    first = document.places[next(iter(document.value)),]
    at = _offset(text, first)
    line_end = "\r\n" if "\r\n" in text else "\n"
    return f"{text[:at]}id: {identifier}{line_end}{' ' * (first.column - 1)}{text[at:]}"


def _offset(text: str, place: Place) -> int:
    """Return how many characters of the text stand before that place."""
    return sum(map(len, text.splitlines(keepends=True)[: place.line - 1])) + place.column - 1


def new_item_text(kind: str, title: str, identifier: str, schema: str) -> str:
    """Return the first lines of a new item: a draft, since it has no `published`."""
    return f"""\
# yaml-language-server: $schema={schema}
id: {identifier}
kind: {kind}
title: {quoted(title)}
# Without `published: YYYY-MM-DD HH:MM` the item is a draft.
summary: >-
  {SUMMARY_TO_WRITE}
body: |
  {BODY_TO_WRITE}
"""


def quoted(text: str) -> str:
    """Return the text as a YAML scalar that means it (YAML 1.2 section 7.3.2: in single quotes only ' is special)."""
    return "'" + text.replace("'", "''") + "'"
