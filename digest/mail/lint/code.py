"""HTML and CSS that mail programs drop, misread or distrust."""

import re
from collections.abc import Iterator

from digest.mail.inlining import IMPORT
from digest.mail.lint.finding import Finding
from digest.mail.lint.page import Page, declarations

_NO_ELEMENTS = {
    "picture": "Show a JPEG by <img>.",
    "source": "Show a JPEG by <img>.",
    "svg": "Show a PNG by <img>.",
    **dict.fromkeys(("video", "audio", "iframe", "object", "embed", "canvas"), "Link to a page that has it."),
    **dict.fromkeys(("script", "noscript"), "Do without it; no mail program runs scripts."),
    **dict.fromkeys(("form", "input", "button", "select", "textarea"), "Link to a page that has the form."),
    "base": "Write every address whole.",
}
_REM = re.compile(r"(?<![\w.-])[\d.]+rem\b")
_SHORT_HEX = re.compile(r"#[0-9a-f]{3,4}(?![0-9a-f])")
_LAYOUT = re.compile(r"\b(flex|grid)$")
_PAINTED = re.compile(r"(url|gradient)\(")
_BLOCK = re.compile(r"\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def check_code(page: Page) -> Iterator[Finding]:
    """Yield what the page holds that does not belong into mail."""
    for element in page.elements():
        tag = str(element.tag)
        if tag in _NO_ELEMENTS:
            yield page.finding(element, "error", "code-element", f"the page holds <{tag}>", _NO_ELEMENTS[tag])
        if tag == "link" and "stylesheet" in (element.get("rel") or "").lower().split():
            message = f"the page has the style sheet {element.get('href') or ''!r} outside of it"
            yield page.finding(element, "error", "code-style-sheet", message, "Put its rules into mail/digest.css.")
        if element.get("background"):
            message = f"<{tag}> has the picture {element.get('background')!r} for a background"
            yield page.finding(element, "error", "code-css", message, "Use a colour; Outlook shows no picture there.")
        for message, remedy in _faults_of(element.get("style") or ""):
            yield page.finding(element, "error", "code-css", message, remedy)
        if tag == "style":
            for message, remedy in _faults_of_sheet(f"{element.text or ''}"):
                yield page.finding(element, "error", "code-css", message, remedy)


def style_sheet(text: str) -> str:
    """Return a style sheet without its comments."""
    return _COMMENT.sub("", text)


def _faults_of_sheet(text: str) -> Iterator[tuple[str, str]]:
    plain = style_sheet(text)
    if IMPORT.search(plain):
        yield "the CSS has an @import, which mail programs drop", "Put the rules themselves into mail/digest.css."
    for block in _BLOCK.findall(plain):
        yield from _faults_of(block)


def _faults_of(css: str) -> Iterator[tuple[str, str]]:
    for name, value, _ in declarations(css):
        remedy = _remedy(name, value)
        if remedy:
            yield f"the CSS has `{name}: {value[:60]}`", remedy


def _remedy(name: str, value: str) -> str | None:
    """Return what to do instead of such a declaration, or None when nothing is wrong with it."""
    unfit = {
        "Write the value itself; Outlook and Gmail know no variables.": name.startswith("--") or "var(" in value,
        "Write the size in px; Outlook knows no rem.": _REM.search(value),
        "Write the colour with six digits; some programs misread three.": _SHORT_HEX.search(value),
        "Lay it out by a table; Outlook knows neither flex nor grid.": name == "display" and _LAYOUT.search(value),
        "Lay it out by a table; Gmail drops `position`.": name == "position" and value != "static",
        "Use a colour; Outlook shows no picture there.": name.startswith("background") and _PAINTED.search(value),
    }
    return next((remedy for remedy, is_so in unfit.items() if is_so), None)
