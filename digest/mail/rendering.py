"""One render for everybody: an edition as a page for mail, as plain text, and as a page for the web."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest import urls
from digest.audience.interests import EVERYTHING, Interests
from digest.config import Config, Web
from digest.editions.composition import Composition
from digest.errors import Refused
from digest.mail import plain_text
from digest.mail.arrangement import Arrangement, Wanted, everything, fitted, wanted, whole
from digest.mail.inlining import inlined
from digest.mail.segments import Segments, octets, page_cut, segments, text_cut, without_cuts
from digest.templating import direction, environment, rendered

UNSUBSCRIBE_TOKEN = "__THE_TOKEN_TO_UNSUBSCRIBE_STANDS_HERE______"  # noqa: S105 - 43 characters, like every token
PREFERENCES_TOKEN = "__THE_TOKEN_OF_PREFERENCES_STANDS_HERE______"  # noqa: S105
MAX_HTML_BYTES = 90_000  # Gmail clips a page at about 100 kB, and then drops its <style>
_RESERVED = {UNSUBSCRIBE_TOKEN: UNSUBSCRIBE_TOKEN, PREFERENCES_TOKEN: PREFERENCES_TOKEN, "\f": "a form feed"}


@dataclass(frozen=True)
class Rendering:
    """An edition in one language: all that any reader may get of it, in pieces, with placeholders for their tokens."""

    html: str  # CSS inlined; a line `<!-- cut: NAME -->` before each piece but the first
    text: str  # a line of a form feed and NAME before each piece but the first

    @property
    def segments(self) -> Segments:
        """Return the pieces by name."""
        return segments(self.html, self.text)


def render_mail(composition: Composition, config: Config, newsroom: Path, note_html: str | None) -> Rendering:
    """Return the mail of an edition; `note_html` is the editors' note as safe HTML.

    Refused: config.yaml lacks `mail` or `web`, a text holds what the program reserves, a template leaves out a piece,
    or there is no room for entries.
    """
    _refuse_reserved(composition, note_html)
    rendering = render_arrangement(everything(composition), composition, config, newsroom, note_html)
    _refuse_incomplete(rendering.segments, composition)
    fitted_to_mail(rendering.segments, composition, wanted(composition, EVERYTHING))
    return rendering


def render_arrangement(
    shown: Arrangement, composition: Composition, config: Config, newsroom: Path, note_html: str | None
) -> Rendering:
    """Return a mail that shows just this of an edition."""
    context = _context(composition, config) | _addresses(config) | {"shown": shown}
    page = page_of("mail/digest.html.j2", context | {"note": note_html, "cut": page_cut}, config, newsroom)
    note = plain_text.note(composition.note, composition.web_view) if composition.note else None
    text = text_of("mail/digest.txt.j2", context | {"note": note, "cut": text_cut}, config, newsroom)
    return Rendering(inlined(page), text)


def fitted_to_mail(pieces: Segments, composition: Composition, chosen: Wanted) -> Arrangement:
    """Return what is shown of the entries that were chosen, so that the page has at most MAX_HTML_BYTES."""
    sizes = {name: octets(piece) for name, piece in pieces.page.items()}
    return fitted(composition, chosen, sizes.__getitem__, MAX_HTML_BYTES)


@dataclass(frozen=True)
class Copy:
    """What one reader gets, whole, with the placeholders for their tokens."""

    html: str
    text: str


def copy_for(rendering: Rendering, composition: Composition, interests: Interests) -> Copy:
    """Return the page and the plain text of a reader with these interests."""
    pieces = rendering.segments
    return copy_showing(pieces, fitted_to_mail(pieces, composition, wanted(composition, interests)))


def copy_showing(pieces: Segments, shown: Arrangement) -> Copy:
    """Return the page and the plain text that show just this of an edition."""
    names = list(shown.pieces())
    return Copy(*("".join(part[name] for name in names) for part in (pieces.page, pieces.text)))


def render_web_view(composition: Composition, config: Config, newsroom: Path, note_html: str | None) -> str:
    """Return the edition as a public page: the same content, and nothing that belongs to one recipient."""
    context = _context(composition, config) | {
        "feed_url": urls.absolute(config.newsroom, urls.FEED),
        "shown": whole(composition),
        "note": note_html,
        "cut": page_cut,
    }
    return without_cuts(page_of("mail/web_view.html.j2", context, config, newsroom))


def page_of(template: str, context: Mapping[str, Any], config: Config, newsroom: Path) -> str:
    """Return the template of a page filled in."""
    templates = environment(newsroom, config, escape=True)
    templates.filters["brief"] = plain_text.brief
    return rendered(templates, template, context)


def text_of(template: str, context: Mapping[str, Any], config: Config, newsroom: Path) -> str:
    """Return the template of a plain text filled in."""
    templates = environment(newsroom, config, escape=False)
    templates.filters |= {
        "brief": plain_text.brief,
        "wrapped": plain_text.wrapped,
        "underlined": plain_text.underlined,
    }
    return rendered(templates, template, context)


def _addresses(config: Config) -> dict[str, str]:
    """Return the addresses of `digest serve`: where each recipient chooses and leaves, and where others subscribe.

    Refused when config.yaml lacks what they need.
    """
    web = _web_section(config)
    return {
        "unsubscribe_url": urls.unsubscribe(web, UNSUBSCRIBE_TOKEN),
        "preferences_url": urls.preferences(web, PREFERENCES_TOKEN),
        "subscribe_url": urls.subscribe(web),
    }


def _web_section(config: Config) -> Web:
    if config.mail is None:
        raise Refused("config.yaml has no section `mail`", "Add it with `from` and `smtp`.")
    if config.web is None:
        raise Refused("config.yaml has no section `web`", "Add it with `url`, where people can unsubscribe.")
    return config.web


def _refuse_reserved(composition: Composition, note_html: str | None) -> None:
    texts = [*_texts(composition.model_dump()), note_html or ""]
    for reserved, name in _RESERVED.items():
        if any(reserved in text for text in texts):
            raise Refused(
                f"a text of {composition.digest}/{composition.name} holds {name}, which the program reserves",
                "Change that text.",
            )


def _refuse_incomplete(pieces: Segments, composition: Composition) -> None:
    """Raise Refused unless both parts have every piece that some reader's mail is joined of."""
    for template, part in (("digest.html.j2", pieces.page), ("digest.txt.j2", pieces.text)):
        missing = next((name for name in everything(composition).pieces() if name not in part), None)
        if missing:
            raise Refused(
                f"what templates/mail/{template} makes has no piece {missing!r}",
                "Let it `cut` as the shipped one does; a note nested hundreds of times loses pieces, too.",
            )


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a value that was dumped."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for member in value.values() for text in _texts(member))
    elif isinstance(value, tuple | list):
        yield from (text for member in value for text in _texts(member))


def _context(composition: Composition, config: Config) -> dict[str, Any]:
    """Return what the templates need besides what they show of the edition."""
    numbers = {entry.slug: number for number, entry in enumerate(composition.entries, 1)}
    return chrome(config, composition.language, composition.title) | {
        "composition": composition,
        "titles": {section.kind: section.title for section in composition.sections},
        "numbers": numbers,  # the edition's, so that all readers mean the same item by one
        "logo": composition.logo,
    }


def chrome(config: Config, language: str, title: str) -> dict[str, Any]:
    """Return what every mail of ours needs, in `language`."""
    towards = direction(language)
    return {
        "newsroom": config.newsroom,
        "home": urls.absolute(config.newsroom, ""),
        "language": language,
        "direction": towards,
        "start": "right" if towards == "rtl" else "left",
        "page_title": title,
        "colors": config.newsroom.colors.palette,
        "fonts": config.newsroom.fonts,
    }
