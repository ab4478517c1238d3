"""The proof of an edition: what the readers of one variant get, and what a person wants to know before it goes out.

frozen content, variant ─▶ Proof ─▶ a page with the mail in frames, which no script and no token gets into
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.audience.interests import Variant
from digest.config import Config, Sender
from digest.editions.composition import Composition, Entry
from digest.editions.edition import Edition
from digest.editions.freezing import Frozen
from digest.mail.arrangement import Arrangement
from digest.mail.looks import EXAMPLE, Look, text_seen
from digest.mail.offer import Offer
from digest.mail.rendering import MAX_HTML_BYTES, Copy, Rendering, copy_showing, fitted_to_mail
from digest.template_files import shipped_templates
from digest.templating import environment, rendered

STYLE_SHEET = "web/proof.css"
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"  # no scripts, no forms; links open beside
_TEMPLATE = "web/proof.html.j2"


@dataclass(frozen=True)
class Proof:
    """What the readers of a variant get of an edition."""

    variant: Variant
    composition: Composition
    copy: Copy
    sender: Sender
    subject: str
    entries: Sequence[Entry]  # that they want, however they are shown
    shown: Arrangement
    nothing: bool  # they get no mail of it
    only_on_web: Sequence[Entry]  # not even named

    @property
    def html_bytes(self) -> int:
        """Return the size of the page."""
        return len(self.copy.html.encode())

    @property
    def text_bytes(self) -> int:
        """Return the size of the plain text."""
        return len(self.copy.text.encode())

    @property
    def shortened(self) -> bool:
        """Return whether summaries are brief, so that the page is not too large."""
        return any(form == "brief" for _, entries in self.shown.sections for form, _ in entries)

    def under_embargo(self, now: datetime) -> list[Entry]:
        """Return its entries that the public may not see yet."""
        return [entry for entry in self.entries if entry.published > now]


def proof_of(frozen: Frozen, variant: Variant) -> Proof:
    """Return the proof of a variant."""
    version = frozen.version_for(variant.language)
    composition = version.composition
    offer = Offer(frozen, variant.interests)  # whoever looks can choose only what there is
    chosen = offer.chosen(variant)
    pieces = Rendering(version.html, version.text).segments
    shown = fitted_to_mail(pieces, composition, chosen)
    named = {
        entry.slug for entry in (*shown.leads, *(one for _, pairs in shown.sections for _, one in pairs), *shown.links)
    }
    return Proof(
        variant=variant,
        composition=composition,
        copy=copy_showing(pieces, shown),
        sender=frozen.manifest.sender,
        subject=composition.subject_of(chosen.entries),
        entries=chosen.entries,
        shown=shown,
        nothing=offer.leaves_nothing(variant),
        only_on_web=[entry for entry in chosen.entries if entry.slug not in named],
    )


@dataclass(frozen=True)
class Framed:
    """A look at the mail, as a frame of the page shows it."""

    look: Look
    source: str | None = None  # its address
    content: str | None = None  # or the page itself


@dataclass(frozen=True)
class Circumstances:
    """What the page says besides the proof."""

    edition: Edition
    as_it_would_be: bool  # composed for this look at it, and kept nowhere
    now: datetime
    missing: int  # pictures that cannot be shown
    alone: bool  # a file of its own; or else a page of the preview, with a form


def proof_page(proof: Proof, about: Circumstances, frames: Sequence[Framed], config: Config, newsroom: Path) -> str:
    """Return the page that shows the proof."""
    language = config.newsroom.language
    context = {
        "newsroom": config.newsroom,
        "language": language,
        "root": "/",
        "proof": proof,
        "about": about,
        "text": text_seen(proof.copy.text),
        "frames": frames,
        "sandbox": SANDBOX,
        "example": EXAMPLE,
        "most": MAX_HTML_BYTES,
        "style": _style(newsroom) if about.alone else None,
        "languages": config.newsroom.mail_languages,
        "kinds": {key: kind.plural.in_language(language) for key, kind in config.kinds.items()},
        "topics": {key: topic.label.in_language(language) for key, topic in config.topics.items()},
    }
    return rendered(environment(newsroom, config, escape=True), _TEMPLATE, context)


def _style(newsroom: Path) -> str:
    own = newsroom / "templates" / STYLE_SHEET
    return (own if own.is_file() else shipped_templates() / STYLE_SHEET).read_text("utf-8")
