"""What can go wrong, in the newsroom's words.

    DigestError
    ├── InvalidInput      the newsroom's own files are wrong: a list of problems       exit code 1
    ├── Refused           the state forbids what was asked for                          exit code 1
    │   └── Busy          another process does it at the moment
    └── OutsideFailure    the database, a mail server or the disk failed                exit code 3
        └── Spoilt        something in a cache is not as it was made; it is removed
    UnfitText (a ValueError)  a text of the wrong form, before its file and line are known

Every error names the thing, the value and the remedy; the command line prints it in one line.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Problem:
    """One finding in one file of the newsroom."""

    path: str  # relative to the newsroom's folder, with forward slashes
    line: int  # from 1; 0 when the file as a whole is meant
    column: int  # from 1; 0 when the line as a whole is meant
    level: Level
    message: str  # what is wrong, with the value; no final full stop
    remedy: str  # what to do, a sentence with a full stop

    @property
    def place(self) -> str:
        """Return `items/x.yaml:12:3`."""
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part)

    def __str__(self) -> str:
        """Return `items/x.yaml:12:3: error: message. Remedy.`, as compilers write it, on one line."""
        return printable(f"{self.place}: {self.level}: {self.message}. {self.remedy}")


def printable(text: str) -> str:
    """Return the text on one line, what would move a terminal's cursor or hide there written as an escape.

    File names and texts are foreign: they may hold line ends, control sequences and bytes that are not UTF-8.
    """
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


class UnfitText(ValueError):  # noqa: N818 - named for what it is
    """A text that does not have the form its place asks for; the file's reader turns it into a problem."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}. {remedy}")
        self.message = message
        self.remedy = remedy


@contextmanager
def as_unfit(name: str) -> Iterator[None]:
    """Turn what the system says of a file of the newsroom into UnfitText for its owner."""
    try:
        yield
    except OSError as error:
        raise UnfitText(f"{name} cannot be read: {error.strerror}", "Mend its name, rights or links.") from error
    except RuntimeError as error:  # Python 3.11 and 3.12
        raise UnfitText(f"{name} is a link that leads to itself", "Put the file itself here.") from error


class DigestError(Exception):
    """Anything that the person at the keyboard has to be told, with a remedy."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}. {remedy}")
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Travel between processes as what it was made of."""
        return type(self), (self.message, self.remedy)


class InvalidInput(DigestError):  # noqa: N818 - named for what it is
    """Files of the newsroom that cannot be used as they are."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("files of the newsroom are faulty", "Mend them.")

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Travel between processes with its problems."""
        return type(self), (self.problems,)

    def __str__(self) -> str:
        """Return each problem on a line of its own."""
        return "\n".join(str(problem) for problem in self.problems)


class Refused(DigestError):  # noqa: N818 - named for what it is
    """The state of an edition, a subscriber or the database forbids what was asked for."""


class Busy(Refused):
    """Another process does this at the moment; what was asked for is left to it."""


class OutsideFailure(DigestError):  # noqa: N818 - named for what it is
    """Something outside the program failed: database, mail server, disk."""

    exit_code = 3


class Spoilt(OutsideFailure):
    """Something in a cache was not as it was made, and was removed: it can be made again."""


@contextmanager
def failure_named(path: Path | str, done: str) -> Iterator[None]:
    """Turn the disk's failure into words about `path`; a full disk's own error names none."""
    try:
        yield
    except OSError as error:
        remedy = "Mend its rights or make room on the disk, then build again."
        raise OutsideFailure(f"{path} cannot be {done}: {error.strerror}", remedy) from error
