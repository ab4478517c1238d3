"""Changes to an item's file that keep its layout: withdraw, correct, add an alias.

    text ─▶ lines put in at the right place ─▶ read again: it must say what it said, and the change, and nothing else

Where an author's layout does not allow that (everything in braces, say), the change is refused, not forced.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from digest import yamlfile
from digest.errors import Refused
from digest.items.fixing import quoted
from digest.yamlfile import Value

Said = dict[str, Value]  # what a file says


def withdrawn(text: str, at: str, reason: str, show: str) -> str:
    """Return the item's text, withdrawn at that time; Refused when it is already."""
    lines = [f"at: {at}", f"reason: {quoted(reason)}"] + (["show: nothing"] if show == "nothing" else [])
    block = "withdrawn:\n" + "".join(f"  {line}\n" for line in lines)
    wanted: Said = {"at": at, "reason": reason, **({"show": "nothing"} if show == "nothing" else {})}

    def change(said: Said) -> Said:
        if said.get("withdrawn") is not None:
            raise Refused("the item is withdrawn already", "Edit `withdrawn` in its file.")
        return {**said, "withdrawn": wanted}

    return _verified(text, _with_block(text, "withdrawn", block), change)


def corrected(text: str, at: str, note: str) -> str:
    """Return the item's text with one more correction, behind those that it has."""
    member: Said = {"at": at, "note": note}

    def change(said: Said) -> Said:
        return {**said, "corrections": [*_list(said, "corrections"), member]}

    return _verified(text, _with_member(text, "corrections", [f"at: {at}", f"note: {quoted(note)}"]), change)


def with_alias(text: str, alias: str) -> str:
    """Return the item's text with one more address that leads to it."""

    def change(said: Said) -> Said:
        return {**said, "aliases": [*_list(said, "aliases"), alias]}

    return _verified(text, _with_member(text, "aliases", [alias]), change)


def with_original(text: str, old: str, new: str) -> str:
    """Return a translation's text after the item of which it is one was renamed."""
    line = re.compile(rf"^(translation_of:[ \t]*['\"]?){re.escape(old)}(?=['\"]?[ \t]*\r?$)", re.MULTILINE)

    def change(said: Said) -> Said:
        return {**said, "translation_of": new}

    return _verified(text, line.sub(lambda found: f"{found[1]}{new}", text), change)


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return the moment as items write it, in the newsroom's zone; with its offset where an hour comes twice."""
    local = moment.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.isoformat(sep=" ", timespec="minutes") if twice else local.strftime("%Y-%m-%d %H:%M")


def _list(said: Mapping[str, Value], key: str) -> list[Value]:
    value = said.get(key)
    return value if isinstance(value, list) else []


def _with_block(text: str, key: str, block: str) -> str:
    """Return the text with a field at its end; a field of that name that is empty goes."""
    kept = re.sub(rf"^{key}:[ \t]*(~|null)?[ \t]*\r?\n", "", text, flags=re.MULTILINE)
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not kept or kept.endswith("\n") else newline
    return kept + gap + block.replace("\n", newline)


def _with_member(text: str, key: str, lines: list[str]) -> str:
    """Return the text with a member at the end of the list `key`, which is made when there is none."""
    found = re.search(rf"^{key}:[ \t]*(?:#.*)?\r?\n((?:[ \t]+.*\r?\n?|-.*\r?\n?|[ \t]*\r?\n)*)", text, re.MULTILINE)
    members = found[1] if found else ""
    first = re.search(r"^([ \t]*)- ", members, re.MULTILINE)
    if found is None or first is None:
        return _with_block(text, key, f"{key}:\n" + _member("  ", lines))
    end = found.start(1) + len(members.rstrip())
    newline = "\r\n" if "\r\n" in text else "\n"
    return text[:end] + newline + _member(first[1], lines).rstrip("\n").replace("\n", newline) + text[end:]


def _member(indent: str, lines: list[str]) -> str:
    return f"{indent}- " + f"\n{indent}  ".join(lines) + "\n"


def _verified(before: str, after: str, change: Callable[[Said], Said]) -> str:
    """Return `after` when it says what `before` said, changed as meant; Refused otherwise."""
    said = yamlfile.parse(after.encode(), "item")
    meant = _present(change(dict(yamlfile.parse(before.encode(), "item").value)))
    if said.problems or _present(said.value) != meant:
        raise Refused("the file's layout does not allow to change it by command", "Edit the file by hand.")
    return after


def _present(said: Mapping[str, Value]) -> Said:
    return {key: value for key, value in said.items() if value is not None}
