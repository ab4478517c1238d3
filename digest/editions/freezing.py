"""An edition's content, frozen: the bytes that were approved are the bytes that are sent.

    var/editions/<digest>/<name>/<content SHA>/{manifest.json, digest.html, digest.txt}

The content SHA-256 is that of the manifest, which holds the composition with each item's version, and the SHA-256 of
the rendered parts. A folder is written once and never changed; composing again makes another.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from digest.config import Sender
from digest.editions.composition import Composition
from digest.errors import OutsideFailure
from digest.validation import Fields

MANIFEST, HTML, TEXT = "manifest.json", "digest.html", "digest.txt"


class Manifest(Fields):
    """What the frozen content is, and what it was made from."""

    composition: Composition
    sender: Sender  # in From
    reply_to: str | None
    note_html: str | None  # the editors' note as safe HTML
    html_sha: str  # SHA-256 (hex) of digest.html
    text_sha: str  # and of digest.txt


@dataclass(frozen=True)
class Frozen:
    """A frozen edition, complete."""

    manifest: Manifest
    html: str  # with the token's placeholder where each recipient's goes
    text: str

    @property
    def content_sha(self) -> str:
        """Return the SHA-256 (hex) to which approval is bound."""
        return sha256(self.manifest.model_dump_json())


def sha256(text: str) -> str:
    """Return the SHA-256 (hex) of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def freeze(  # noqa: PLR0913 - the whole content
    composition: Composition, *, sender: Sender, reply_to: str | None, note_html: str | None, html: str, text: str
) -> Frozen:
    """Return the content as a frozen value."""
    manifest = Manifest(
        composition=composition,
        sender=sender,
        reply_to=reply_to,
        note_html=note_html,
        html_sha=sha256(html),
        text_sha=sha256(text),
    )
    return Frozen(manifest, html, text)


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
    for name, text in {MANIFEST: frozen.manifest.model_dump_json(), HTML: frozen.html, TEXT: frozen.text}.items():
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
    try:
        manifest_text, html, text = ((final / name).read_bytes().decode() for name in (MANIFEST, HTML, TEXT))
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideFailure(f"the frozen edition {final} cannot be read", "Restore it, or compose again.") from error
    if sha256(manifest_text) != content_sha:
        raise _changed(final)
    try:
        manifest = Manifest.model_validate_json(manifest_text)
    except ValidationError as error:
        raise OutsideFailure(
            f"the frozen edition {final} is of another version of Digest", "Compose and approve it again."
        ) from error
    if (manifest.html_sha, manifest.text_sha) != (sha256(html), sha256(text)):
        raise _changed(final)
    return Frozen(manifest, html, text)


def _changed(final: Path) -> OutsideFailure:
    return OutsideFailure(f"the frozen edition {final} was changed", "Restore it, or compose and approve it again.")
