"""Looking at an edition before it goes out, as one file or in the preview; nothing that is looked at changes.

the edition's frozen content, or what would be composed now ─▶ a reader's choice ─▶ proof ─▶ frames, pictures in them
"""

from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from digest.actions.compose import (
    Past,
    current_items,
    digest_named,
    draft_after,
    frozen_content,
    frozen_draft,
    refuse_empty,
)
from digest.actions.enlist import interests_of
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Editions
from digest.actions.writing import replace_file
from digest.audience.interests import Variant
from digest.config import Config
from digest.editions.composition import Composition
from digest.editions.edition import Edition, State
from digest.editions.freezing import Frozen
from digest.editions.slots import Slot, slots, zone_of
from digest.errors import Refused
from digest.items.item import Item
from digest.mail.looks import LOOKS, addresses_of_pictures, page_seen
from digest.mail.proof import Circumstances, Framed, Proof, proof_of, proof_page

_FAR = timedelta(days=800)  # two years hold every slot that anybody plans for
_TO_COME = frozenset({State.PLANNED, State.BUILT, State.APPROVED})


def variant_of(config: Config, language: str | None, kinds: Collection[str], topics: Collection[str]) -> Variant:
    """Return what a reader who chose so gets; Refused when config.yaml does not have one of them."""
    languages = config.newsroom.mail_languages
    if language is not None and language not in languages:
        raise Refused(f"there are no mails in the language {language!r}", f"config.yaml knows: {', '.join(languages)}.")
    return Variant(language or languages[0], interests_of(config, kinds, topics))


def next_edition(newsroom: Newsroom, editions: Editions | None, name: str, at: datetime) -> Edition:
    """Return the digest's next edition, with what was decided about it; `editions` is None without a database.

    One of a digest that has no slot to come is due at `at`.
    """
    digest, zone = digest_named(newsroom, name), newsroom.config.newsroom.timezone
    for slot in slots(name, digest, zone, at, at + _FAR):
        kept = editions.get(name, slot.day, 1) if editions else None
        if not slot.skipped and (kept is None or kept.state in _TO_COME):
            return _for_slot(slot, kept)
    minute = at.replace(second=0, microsecond=0)
    return Edition(0, name, at.astimezone(zone_of(digest, zone)).date(), 1, State.PLANNED, minute, kind="special")


def _for_slot(slot: Slot, kept: Edition | None) -> Edition:
    return replace(kept, slot_at=slot.at) if kept else Edition(0, slot.digest, slot.day, 1, State.PLANNED, slot.at)


def composed_now(newsroom: Newsroom, past: Past, edition: Edition, items: tuple[Item, ...], at: datetime) -> Frozen:
    """Return the content that the edition would have if it was composed now; Refused as composing is."""
    drafted = draft_after(past, newsroom, edition, items, at)
    refuse_empty(newsroom, edition, drafted)
    return frozen_draft(newsroom, drafted)


def pictures_of(proof: Proof, sites: Sequence[Path], items: Callable[[], Iterable[Item]]) -> dict[str, str]:
    """Return by address the pictures that the mail shows, as data: so they need no server, and ask none.

    They are looked for in `sites`, and then among the pictures of `items`, which may not be public yet.
    """
    paths = _paths(proof.composition)
    wanted = {address: paths.get(address, "") for address in addresses_of_pictures(proof.copy.html)}
    files = {path: file for path in wanted.values() if path and (file := _standing(path, sites))}
    if set(wanted.values()) - files.keys() - {""}:
        variants = (one for item in items() for asset in item.assets.values() for one in asset.variants)
        files = {one.public_path: one.path for one in variants} | files
    data = {address: _as_data(files[path]) for address, path in wanted.items() if path in files}
    return {address: shown for address, shown in data.items() if shown}


def _paths(composition: Composition) -> dict[str, str]:
    """Return where in public/ the pictures stand, by address."""
    images = [entry.image for entry in composition.entries if entry.image]
    shown = [*(one for image in images for one in (image.large, image.small)), composition.logo]
    return {one.url: one.path for one in shown if one}


def _standing(path: str, sites: Sequence[Path]) -> Path | None:
    return next((site / path for site in sites if (site / path).is_file()), None)


def _as_data(file: Path) -> str | None:
    """Return the picture as an address that holds it (RFC 2397), or None when it is gone meanwhile."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    kind = "png" if file.suffix == ".png" else "jpeg"
    return f"data:image/{kind};base64,{b64encode(data).decode()}"


def write_proof(newsroom: Newsroom, edition: Edition, variant: Variant, now: datetime) -> Path:
    """Write what the readers of the variant get of a composed edition as one page that needs no other file.

    Refused when it has not been composed, OutsideFailure when the page cannot be written.
    """
    proof = proof_of(frozen_content(newsroom, edition), variant)
    pictures = pictures_of(proof, [newsroom.public], lambda: current_items(newsroom))
    frames = [Framed(look, content=page_seen(proof.copy.html, look, pictures)) for look in LOOKS]
    missing = len(set(addresses_of_pictures(proof.copy.html)) - pictures.keys())
    about = Circumstances(edition, as_it_would_be=False, now=now, missing=missing, alone=True)
    page = proof_page(proof, about, frames, newsroom.config, newsroom.folder)
    file = newsroom.var / "proofs" / edition.digest / f"{edition.name}.html"
    replace_file(file, page.encode())
    return file
