"""Reading config.yaml: each problem named with its place, and how to mend it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from digest import yamlfile
from digest.config.sections import Config
from digest.errors import InvalidInput, Problem, UnfitText
from digest.validation import validated
from digest.yamlfile import Document, KeyPath, Place, Value

FILE = "config.yaml"
_NOWHERE = Place(0, 0)


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
    place = _NOWHERE
    with suppress(InvalidInput):  # it went meanwhile
        place = _read(newsroom / FILE, newsroom).place(field)
    message = f"{'.'.join(map(str, field))}: {unfit.message}"
    return _problem(place, message, unfit.remedy)


def _problem(place: Place, message: str, remedy: str) -> Problem:
    return Problem(FILE, place.line, place.column, "error", message, remedy)


def _read(path: Path, newsroom: Path) -> Document:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message, remedy = f"{newsroom} has no {FILE}", "Go to the newsroom's folder, or run `digest init`."
        raise InvalidInput([_problem(_NOWHERE, message, remedy)]) from None
    except OSError as error:
        message, remedy = f"the file cannot be read: {error.strerror}", "Mend its rights."
        raise InvalidInput([_problem(_NOWHERE, message, remedy)]) from error
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
            problems.append(_problem(document.place(path), unfit.message, unfit.remedy))
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
    return [*_unaligned(config, document), *_unknown_in_digests(config, document)]


def _unknown_in_digests(config: Config, document: Document) -> Iterator[Problem]:
    """Yield each kind and topic that a digest takes and config.yaml does not have."""
    for name, digest in config.digests.items():
        for field, wanted, known in (
            ("kinds", digest.include.kinds, config.kinds),
            ("topics", digest.include.topics, config.topics),
        ):
            for index, key in enumerate(wanted):
                if key not in known:
                    place = document.place(("digests", name, "include", field, index))
                    message = f"digest {name}: {key!r} is not one of the {field}"
                    yield _problem(place, message, f"Known: {', '.join(known)}.")


def _unaligned(config: Config, document: Document) -> list[Problem]:
    """Return what keeps a signature from speaking for the address in From (RFC 7489 section 3.1.1)."""
    if not config.mail or not config.mail.dkim:
        return []
    signs, sends = config.mail.dkim.domain, config.mail.sender.email.rpartition("@")[2]
    if f".{sends}".endswith(f".{signs}"):
        return []
    place = document.place(("mail", "dkim", "domain"))
    message = f"mail.dkim.domain: {signs!r} says nothing about mail from {sends}"
    return [_problem(place, message, f"Sign as {sends}, or as a domain above it.")]
