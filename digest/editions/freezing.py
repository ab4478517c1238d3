"""An edition's content, frozen: the bytes that were approved are the bytes that are sent.

    var/editions/<digest>/<name>/<content SHA>/{manifest.json, en.html, en.txt, es.html …}

The content SHA-256 is that of the manifest, which holds for each language the composition with each item's version,
and the SHA-256 of what was rendered. A folder is written once and never changed; composing again makes another.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from digest.config import Sender
from digest.editions.composition import Composition
from digest.errors import OutsideFailure
from digest.languages import best_of
from digest.validation import Fields

MANIFEST = "manifest.json"


class Version(Fields):
    """The content in one language."""

    composition: Composition
    html_sha: str  # SHA-256 (hex) of what is rendered as a page
    text_sha: str  # and as plain text


class Manifest(Fields):
    """What the frozen content is, and what it was made from."""

    versions: tuple[Version, ...]  # one a language, the newsroom's own first
    sender: Sender  # in From
    reply_to: str | None
    note_html: str | None  # the editors' note as safe HTML


@dataclass(frozen=True)
class FrozenVersion:
    """The content in one language, complete, as digest.mail.rendering made it."""

    composition: Composition
    html: str
    text: str

    @property
    def language(self) -> str:
        """Return its language (BCP 47)."""
        return self.composition.language


@dataclass(frozen=True)
class Frozen:
    """A frozen edition, complete."""

    manifest: Manifest
    versions: tuple[FrozenVersion, ...]  # one a language, the newsroom's own first

    @property
    def content_sha(self) -> str:
        """Return the SHA-256 (hex) to which approval is bound."""
        return sha256(self.manifest.model_dump_json())

    @property
    def composition(self) -> Composition:
        """Return the content in the newsroom's own language."""
        return self.versions[0].composition

    @property
    def compositions(self) -> tuple[Composition, ...]:
        """Return the content in every language."""
        return tuple(version.composition for version in self.versions)

    def version_for(self, language: str) -> FrozenVersion:
        """Return the version in that language, in it without its region, or in the newsroom's own."""
        versions = {version.language: version for version in self.versions}
        return versions[best_of([*versions], language)]


def sha256(text: str) -> str:
    """Return the SHA-256 (hex) of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def freeze(versions: Sequence[FrozenVersion], *, sender: Sender, reply_to: str | None, note_html: str | None) -> Frozen:
    """Return the content as a frozen value."""
    manifest = Manifest(
        versions=tuple(
            Version(composition=one.composition, html_sha=sha256(one.html), text_sha=sha256(one.text))
            for one in versions
        ),
        sender=sender,
        reply_to=reply_to,
        note_html=note_html,
    )
    return Frozen(manifest, tuple(versions))


def save(frozen: Frozen, folder: Path) -> Path:
    """Write the content below the edition's `folder`, whole or not at all; return its own folder.

    What stands there and is not intact, as after a power loss, is replaced. Raises OutsideFailure when the disk fails.
    """
    final = folder / frozen.content_sha
    if _is_intact(folder, frozen.content_sha):
        return final
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as beside:
            new = Path(beside) / frozen.content_sha
            _write(frozen, new)
            # Looked at again: somebody else may have frozen the same content meanwhile.
            if final.exists() and not _is_intact(folder, frozen.content_sha):
                final.rename(Path(beside) / "broken")
            _put(new, final)
    except OSError as error:
        raise OutsideFailure(
            f"{folder} cannot be written: {error.strerror}", "Mend its rights or free space."
        ) from error
    return final


def _is_intact(folder: Path, content_sha: str) -> bool:
    try:
        load(folder, content_sha)
    except OutsideFailure:
        return False
    return True


def _write(frozen: Frozen, new: Path) -> None:
    """Write the parts to the disk itself: the database remembers an approval through a power loss, so must they."""
    new.mkdir()
    texts = {MANIFEST: frozen.manifest.model_dump_json()}
    for one in frozen.versions:
        texts |= {f"{one.language}.html": one.html, f"{one.language}.txt": one.text}
    for name, text in texts.items():
        with (new / name).open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    _sync(new)


def _put(new: Path, final: Path) -> None:
    try:
        new.rename(final)
    except OSError:
        if not final.is_dir():
            raise
        return  # somebody else froze the same content meanwhile
    _sync(final.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def load(folder: Path, content_sha: str) -> Frozen:
    """Return the frozen content; OutsideFailure when it is missing or not what its SHA-256 says."""
    final = folder / content_sha
    manifest_text = _read(final / MANIFEST)
    if sha256(manifest_text) != content_sha:
        raise _changed(final)
    try:
        manifest = Manifest.model_validate_json(manifest_text)
    except ValidationError as error:
        raise OutsideFailure(
            f"the frozen edition {final} is of another version of Digest", "Compose and approve it again."
        ) from error
    return Frozen(manifest, tuple(_loaded(final, version) for version in manifest.versions))


def _loaded(final: Path, version: Version) -> FrozenVersion:
    language = version.composition.language
    html, text = _read(final / f"{language}.html"), _read(final / f"{language}.txt")
    if (version.html_sha, version.text_sha) != (sha256(html), sha256(text)):
        raise _changed(final)
    return FrozenVersion(version.composition, html, text)


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideFailure(
            f"the frozen edition {file.parent} cannot be read", "Restore it, or compose again."
        ) from error


def _changed(final: Path) -> OutsideFailure:
    return OutsideFailure(f"the frozen edition {final} was changed", "Restore it, or compose and approve it again.")
