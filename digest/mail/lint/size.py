"""How much one reader gets: of the page, what had to be left out of it, and of the plain text."""

import re
from collections.abc import Iterator

from digest.editions.composition import Composition
from digest.mail.arrangement import Arrangement, whole
from digest.mail.lint.finding import FRAME, Finding
from digest.mail.lint.page import Page, words
from digest.mail.rendering import MAX_HTML_BYTES, Copy
from digest.mail.segments import octets

_NEAR = 80_000  # bytes; the next item or two may be one too many
_SPARSE = 4  # a text that has less than one in so many of the page's letters says something else
_ADDRESS = re.compile(r"https?://\S+")


def check_size(copy: Copy, composition: Composition, shown: Arrangement) -> Iterator[Finding]:
    """Yield what is to be said of the size of what one reader gets who wants everything."""
    size = octets(copy.html)
    left = ", ".join(_left_out(composition, shown))
    if size > MAX_HTML_BYTES:
        message = f"the page has {size:,} bytes, and Gmail cuts what has more than {MAX_HTML_BYTES:,}"
        yield Finding(composition.language, (FRAME,), "error", "size", message, "Carry fewer items.")
    elif left:
        message = f"there is no room for everything in {MAX_HTML_BYTES:,} bytes: {left}"
        remedy = "Leave items out by `digest edition edit --without`, or accept that."
        yield Finding(composition.language, (FRAME,), "warning", "size", message, remedy)
    elif size > _NEAR:
        message = f"the page has {size:,} bytes of at most {MAX_HTML_BYTES:,}"
        remedy = "Shorten the note or summaries before you add to it."
        yield Finding(composition.language, (FRAME,), "warning", "size", message, remedy)


def _left_out(composition: Composition, shown: Arrangement) -> Iterator[str]:
    """Yield in words what is shown less fully for want of room; what is named only for its number is not meant."""
    wished = whole(composition)
    if any(form == "brief" for _, entries in shown.sections for form, _ in entries):
        yield "summaries are shortened"
    further = len(shown.links) - len(wished.links)
    if further > 0:
        yield f"{further} more items are only named as links"
    if shown.unnamed:
        yield f"{sum(shown.unnamed)} are on the web only"


def check_text(copy: Copy, page: Page) -> Iterator[Finding]:
    """Yield a plain text that is missing, or says next to nothing of what the page says."""
    body = page.root.find("body")
    said, shown = _letters(_ADDRESS.sub("", copy.text)), _letters("" if body is None else words(body))
    if not said:
        message, remedy = "the plain text is empty", "Mend templates/mail/digest.txt.j2."
        yield Finding(page.language, (FRAME,), "error", "text", message, remedy)
    elif said * _SPARSE < shown:
        message = f"the plain text has {said:,} characters, and the page {shown:,}"
        remedy = "Let templates/mail/digest.txt.j2 say what the page says."
        yield Finding(page.language, (FRAME,), "error", "text", message, remedy)


def _letters(text: str) -> int:
    return len("".join(text.split()))
