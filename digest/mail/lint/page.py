"""A rendered page as a tree in which every element knows the piece, and so the item, that it belongs to."""

from collections.abc import Iterator, Mapping

from lxml import html as lxml_html
from lxml.html import HtmlElement

from digest.editions.composition import Composition
from digest.errors import Level
from digest.mail.lint.finding import FRAME, NOTE, Finding
from digest.mail.segments import cut_named

_FORMS = frozenset({"lead", "full", "brief", "link"})  # of entries; what follows in a piece's name is a slug


class Page:
    """A page with cuts, parsed."""

    def __init__(self, html: str, composition: Composition) -> None:
        self.root = lxml_html.document_fromstring(html)
        self.language = composition.language
        self._composition = composition
        self._pieces = dict(_pieces(self.root))

    def elements(self, *tags: str) -> Iterator[HtmlElement]:
        """Yield the elements of these tags in reading order; all when none is given."""
        return (one for one in self.root.iter(*tags) if isinstance(one.tag, str))

    def finding(self, element: HtmlElement, level: Level, rule: str, message: str, remedy: str) -> Finding:
        """Return what was found at an element."""
        form, _, rest = self._pieces.get(element, "head").partition(" ")
        if form in _FORMS:
            place = rest
        elif form == "change":
            place = self._composition.changes[int(rest)].slug or FRAME
        else:
            form, place = "", NOTE if _in_note(element) else FRAME
        return Finding(self.language, (place,), level, rule, message, remedy, form)


def _pieces(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    piece = "head"
    for one in root.iter():
        if isinstance(one.tag, str):
            yield one, piece
        else:
            piece = cut_named(f"{one.text}") or piece


def _in_note(element: HtmlElement) -> bool:
    return any("note" in classes(one) for one in (element, *element.iterancestors()))


def classes(element: HtmlElement) -> list[str]:
    """Return the names in its attribute `class`."""
    return (element.get("class") or "").split()


def words(element: HtmlElement) -> str:
    """Return the text in an element on one line, and what stands for its pictures."""
    texts = [str(element.text_content()), *(one.get("alt") or "" for one in element.iter("img"))]
    return " ".join(" ".join(texts).split())


def styles(element: HtmlElement) -> Mapping[str, str]:
    """Return what the element's own attribute `style` declares."""
    return {name: value for name, value, _ in declarations(element.get("style") or "")}


def declarations(css: str) -> list[tuple[str, str, bool]]:
    """Return name and value of each declaration, in lower case, and whether it is marked as important."""
    found = []
    for declaration in css.lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            plain = value.strip().removesuffix("!important").rstrip()
            found.append((name.strip(), plain, plain != value.strip()))
    return found


def opening_tag(element: HtmlElement) -> str:
    """Return `<p class="quiet">`, which says of which rule of the CSS it is."""
    named = f' class="{" ".join(classes(element))}"' if classes(element) else ""
    return f"<{element.tag}{named}>"
