"""The words of pages and mails in other languages: gettext's catalogues, as translators know them.

`templates/messages/<language>.po`; a newsroom's own adds a language, or words one differently.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import Refused

if TYPE_CHECKING:
    from babel.messages.catalog import Message

_NAME = re.compile(r"%\(\w+\)[sd]|%%")


class Translations:
    """What the catalogues in some folders have, of which the first comes first."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._known: dict[str, NullTranslations] = {}

    def into(self, language: str) -> NullTranslations:
        """Return what translates from English into a language, or into it without its region; English where none does.

        Refused: a catalogue has mistakes.
        """
        if language not in self._known:
            self._known[language] = self._found(language)
        return self._known[language]

    def _found(self, language: str) -> NullTranslations:
        names = dict.fromkeys((language, language.partition("-")[0]))
        files = [file for name in names for folder in self._folders if (file := folder / f"{name}.po").is_file()]
        found = NullTranslations()
        for file in reversed(files):
            catalogue = _catalogue(file, file.stat().st_mtime_ns)
            catalogue.add_fallback(found)
            found = catalogue
        return found


def _catalogue(file: Path, changed: int) -> NullTranslations:
    """Return a catalogue that nobody else adds a fallback to."""
    from babel.support import Translations as Catalogue

    return Catalogue(BytesIO(_compiled(file, changed)))


@lru_cache(maxsize=32)
def _compiled(file: Path, changed: int) -> bytes:  # noqa: ARG001 - a changed file is compiled again
    """Return a catalogue as gettext reads it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalogue = read_po(BytesIO(file.read_bytes()), abort_invalid=True)
    except (PoFileError, ValueError, LookupError) as error:
        raise _faulty(file, str(error)) from error
    for message, errors in catalogue.check():
        raise _faulty(file, f"{message.id!r}: {errors[0]}")
    for message in catalogue:
        if message.id and any(_has_stray_percent(text) for text in _forms(message)):
            raise _faulty(file, f"{message.id!r}: its translation has a % that begins no name; write it twice, as %%")
    compiled = BytesIO()
    try:
        write_mo(compiled, catalogue)
    except (ValueError, LookupError) as error:  # the last for an encoding that nobody knows
        raise _faulty(file, str(error)) from error
    return compiled.getvalue()


def _forms(message: "Message") -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _has_stray_percent(text: str) -> bool:
    return "%" in _NAME.sub("", text)  # templates fill in names by it, and would misread or refuse any other


def _faulty(file: Path, why: str) -> Refused:
    return Refused(f"the catalogue {file} has a mistake: {why}", "Correct it, or delete it.")
