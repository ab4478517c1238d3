"""Plain text laid out for reading: lines of at most 72 characters, headings underlined, links numbered."""

import re
import textwrap
from urllib.parse import urljoin

_WIDTH = 72
_PARAGRAPHS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_BEFORE_MARK = re.compile(r"\n(?=[ \t]*(?:[-*+>#|]|\d{1,3}[.)])[ \t])")  # of a list, a quotation, a heading, a table
_MARK = re.compile(r"(?:[-*+>]|\d{1,3}[.)]) ")
_LINK = re.compile(r"!?\[(?P<text>[^\]\n]+)\]\((?P<url>[^\s)]+)(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)")


def wrapped(text: str, indent: str = "") -> str:
    """Return one paragraph in lines of at most 72 characters; a longer word, such as an address, stays whole."""
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def underlined(text: str, line: str) -> str:
    """Return a heading with a line of the character `line` below it."""
    heading = wrapped(text)
    return f"{heading}\n{line * max(map(len, heading.splitlines()), default=0)}"


def note(markdown: str, base: str) -> str:
    """Return Markdown, which reads well as it is, wrapped, its links numbered and listed below.

    Relative links are resolved against the address `base`.
    """
    urls: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        urls.append(_joined(base, found["url"]))
        return f"{found['text']} [{len(urls)}]"

    text = _LINK.sub(numbered, markdown.strip())
    paragraphs = [_paragraph(paragraph) for paragraph in _PARAGRAPHS.split(text)]
    listed = "\n".join(f"[{number}] {url}" for number, url in enumerate(urls, 1))
    return "\n\n".join([*paragraphs, listed] if listed else paragraphs)


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:  # it is no address, such as `http://[`, and stays as it was written
        return url


def brief(text: str, length: int) -> str:
    """Return the text in at most so many characters, cut between words where it has any."""
    if len(text) <= length:
        return text
    start = text[: length - 1]
    words = start.rpartition(" ")[0] or start
    return words.rstrip(" ,;:.-–—") + "…"


def _paragraph(text: str) -> str:
    return "\n".join(_line(" ".join(line.split())) for line in _BEFORE_MARK.split(text))


def _line(text: str) -> str:
    mark = _MARK.match(text)
    return wrapped(text, " " * len(mark[0]) if mark else "")
