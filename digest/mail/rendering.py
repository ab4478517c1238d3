"""One render for everybody: an edition as a page for mail, as plain text, and as a page for the web."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest import urls
from digest.config import Config, Web
from digest.editions.composition import Composition
from digest.errors import Refused
from digest.mail import plain_text
from digest.mail.fitting import Shown, smaller
from digest.mail.inlining import inlined
from digest.mail.segments import joined
from digest.templating import environment, locale, rendered

UNSUBSCRIBE_TOKEN = "__THE_TOKEN_OF_THIS_RECIPIENT_STANDS_HERE__"  # noqa: S105 - 43 characters, like every token
MAX_HTML_BYTES = 90_000  # Gmail clips a page at about 100 kB, and then drops its <style>


@dataclass(frozen=True)
class Rendering:
    """An edition as a mail shows it, with UNSUBSCRIBE_TOKEN where each recipient's token goes."""

    html: str  # CSS inlined; a line `<!-- cut: NAME -->` before each segment but the first; at most MAX_HTML_BYTES
    text: str


def render_mail(composition: Composition, config: Config, newsroom: Path, note_html: str | None) -> Rendering:
    """Return the mail of an edition; `note_html` is the editors' note as safe HTML.

    Refused: config.yaml lacks `mail` or `web`, a text holds UNSUBSCRIBE_TOKEN, or it is too large without entries.
    """
    unsubscribe_url = urls.unsubscribe(_web_section(config), UNSUBSCRIBE_TOKEN)
    _refuse_placeholder(composition, note_html)
    context = _context(composition, config) | {"unsubscribe_url": unsubscribe_url}
    templates = environment(newsroom, config, escape=True)

    def page(shown: Shown) -> str:
        return inlined(rendered(templates, "mail/digest.html.j2", context | _parts(shown, note_html)))

    shown = Shown(composition)
    html = page(shown)
    while (size := len(html.encode())) > MAX_HTML_BYTES:
        shown = smaller(shown, MAX_HTML_BYTES / size)
        html = page(shown)
    return Rendering(html, _text(shown, context, config, newsroom))


def render_web_view(composition: Composition, config: Config, newsroom: Path, note_html: str | None) -> str:
    """Return the edition as a public page: the same content, and nothing that belongs to one recipient."""
    context = _context(composition, config) | {"feed_url": urls.absolute(config.newsroom, urls.FEED)}
    templates = environment(newsroom, config, escape=True)
    return joined(rendered(templates, "mail/web_view.html.j2", context | _parts(Shown(composition), note_html)))


def _text(shown: Shown, context: dict[str, Any], config: Config, newsroom: Path) -> str:
    plain = environment(newsroom, config, escape=False)
    plain.filters["wrapped"] = plain_text.wrapped
    plain.filters["underlined"] = plain_text.underlined
    composition = shown.composition
    note = plain_text.note(composition.note, composition.web_view) if composition.note else None
    return plain_text.tidy(rendered(plain, "mail/digest.txt.j2", context | _parts(shown, note)))


def _web_section(config: Config) -> Web:
    if config.mail is None:
        raise Refused("config.yaml has no section `mail`", "Add it with `from` and `smtp`.")
    if config.web is None:
        raise Refused("config.yaml has no section `web`", "Add it with `url`, where people can unsubscribe.")
    return config.web


def _refuse_placeholder(composition: Composition, note_html: str | None) -> None:
    if UNSUBSCRIBE_TOKEN in composition.model_dump_json() + (note_html or ""):
        raise Refused(
            f"a text of {composition.digest}/{composition.name} holds {UNSUBSCRIBE_TOKEN}, which the program reserves",
            "Change that text.",
        )


def _context(composition: Composition, config: Config) -> dict[str, Any]:
    """Return what the templates need besides what they show of the edition."""
    return {
        "newsroom": config.newsroom,
        "home": urls.absolute(config.newsroom, ""),
        "direction": locale(composition.language).text_direction,
        "contents": _contents(composition),
    }


def _parts(shown: Shown, note: str | None) -> dict[str, Any]:
    return {"composition": shown.composition, "unnamed": shown.unnamed, "note": note}


def _contents(composition: Composition) -> str:
    """Return how many of what the edition carries, such as `Press releases (4) · Reports (2)`."""
    titles = {section.kind: section.title for section in composition.sections}
    kinds = Counter(titles.get(entry.kind, entry.kind_label) for entry in composition.entries)
    changes = Counter(change.what.capitalize() for change in composition.changes)
    return " · ".join(f"{label}\N{NO-BREAK SPACE}({count})" for label, count in [*kinds.items(), *changes.items()])
