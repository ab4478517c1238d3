"""All checks of one version of an edition: see the package's head for the flow."""

from collections.abc import Iterator

from digest.audience.interests import EVERYTHING
from digest.editions.composition import Composition
from digest.mail.arrangement import wanted
from digest.mail.lint.code import check_code
from digest.mail.lint.colours import check_contrast
from digest.mail.lint.finding import Finding, merged
from digest.mail.lint.headings import check_headings
from digest.mail.lint.hidden import check_hidden
from digest.mail.lint.links import check_links
from digest.mail.lint.page import Page
from digest.mail.lint.pictures import check_pictures
from digest.mail.lint.site import Site
from digest.mail.lint.size import check_size, check_text
from digest.mail.lint.subject import check_sender, check_subject
from digest.mail.rendering import Rendering, copy_showing, fitted_to_mail
from digest.mail.segments import page_cut


def lint(rendering: Rendering, composition: Composition, sender: str, site: Site) -> tuple[Finding, ...]:
    """Return what is wrong with the mail of an edition in one language, errors first; `sender` is the name in From."""
    return merged(_findings(rendering, composition, sender, site))


def _findings(rendering: Rendering, composition: Composition, sender: str, site: Site) -> Iterator[Finding]:
    yield from check_sender(sender, composition.language)
    yield from check_subject(composition.subject, composition.language)
    pieces = rendering.segments
    shown = fitted_to_mail(pieces, composition, wanted(composition, EVERYTHING))
    copy = copy_showing(pieces, shown)
    yield from check_size(copy, composition, shown)
    one = Page("".join(f"{page_cut(name)}\n{pieces.page[name]}" for name in shown.pieces()), composition)
    yield from check_text(copy, one)
    yield from check_headings(one)
    every = Page(rendering.html, composition)
    yield from check_links(every, composition, site)
    yield from check_pictures(every, site)
    yield from check_code(every)
    yield from check_hidden(every)
    yield from check_contrast(every)
