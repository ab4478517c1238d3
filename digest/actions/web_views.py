"""The web views of editions whose mailing has begun, each as it may be seen now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest.actions.newsroom import Newsroom
from digest.editions import freezing
from digest.editions.composition import Composition
from digest.editions.edition import Edition
from digest.editions.web_view import shown_now
from digest.items.item import Outline, Visibility, uri_of, visibility
from digest.mail.rendering import render_web_view
from digest.site.targets import Files, Target, key
from digest.site.web_views import WebView
from digest.site.workshop import Workshop


def mailed(
    newsroom: Newsroom, editions: Sequence[Edition], outlines: Sequence[Outline], at: datetime
) -> tuple[Sequence[WebView], Collection[str]]:
    """Return the web views of these editions at the moment `at`, and the pictures in public/ that their mails lead to.

    Mails lead to these pictures for ever, also when the item has got another one since.
    """
    shown = _as_shown_now(newsroom, editions, outlines, at)
    return [_web_view(newsroom, one) for one in shown], frozenset[str]().union(*(one.pictures for one in shown))


@dataclass(frozen=True)
class _Mailed:
    """An edition whose mailing has begun, as its web view in one language shows it."""

    edition: Edition
    shown: Composition
    note_html: str | None
    pictures: frozenset[str]  # in public/, that its mails may go on showing


def _as_shown_now(
    newsroom: Newsroom, editions: Sequence[Edition], outlines: Sequence[Outline], at: datetime
) -> list[_Mailed]:
    by_id = {uri_of(one.id): one for one in outlines}
    mailed = []
    for edition in editions:
        if edition.content_sha is not None:
            frozen = freezing.load(newsroom.frozen(edition), edition.content_sha)
            for composition in frozen.compositions:
                shown = shown_now(composition, by_id, at)
                pictures = _mailed_pictures(composition, by_id, at)
                mailed.append(_Mailed(edition, shown, frozen.manifest.note_html if shown.note else None, pictures))
    return mailed


def _mailed_pictures(composition: Composition, items: Mapping[str, Outline], at: datetime) -> frozenset[str]:
    """Return the pictures that mails lead to, but those of items taken back; what is gone already stays gone."""
    taken_back = {uri for uri, one in items.items() if visibility(one, at) is not Visibility.PUBLIC}
    shown = frozenset(path for one in composition.entries if one.id not in taken_back for path in one.pictures)
    return shown | ({composition.logo.path} if composition.logo else set())


def _web_view(newsroom: Newsroom, mailed: _Mailed) -> WebView:
    edition, shown = mailed.edition, mailed.shown
    path = shown.web_view_path
    recipe = partial(_web_view_page, newsroom.folder, path, shown, mailed.note_html)
    known = key(shown.model_dump_json(), mailed.note_html or "")
    return WebView(shown.subject, shown.language, edition.slot_date, Target(path, known, recipe))


def _web_view_page(newsroom: Path, path: str, shown: Composition, note_html: str | None, workshop: Workshop) -> Files:
    return {path: render_web_view(shown, workshop.config, newsroom, note_html).encode()}
