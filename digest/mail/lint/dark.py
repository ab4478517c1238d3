"""What a page declares for dark mode, over what stands at its elements."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from cssselect import SelectorError, parse
from lxml.cssselect import CSSSelector
from lxml.etree import XPathError
from lxml.html import HtmlElement

from digest.mail.lint.code import style_sheet
from digest.mail.lint.ink import Styles
from digest.mail.lint.page import Page, declarations, styles

_DARK: Final = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_Specificity = tuple[int, int, int]


@dataclass
class _Ruled:
    """What rules declare for one element, in the order of their specificity."""

    plain: dict[str, str] = field(default_factory=dict)
    important: dict[str, str] = field(default_factory=dict)


def dark_styles(page: Page) -> Styles | None:
    """Return what holds for elements where a reader's device is dark; None when the page says nothing of that."""
    ruled: dict[HtmlElement, _Ruled] = {}
    for _, chosen, css in sorted(_rules(page), key=lambda rule: rule[0]):  # of equal ones, the later holds
        for element in chosen:
            known = ruled.setdefault(element, _Ruled())
            for name, value, important in declarations(css):
                (known.important if important else known.plain)[name] = value
    if not ruled:
        return None

    def in_the_dark(element: HtmlElement) -> Mapping[str, str]:
        known = ruled.get(element)
        return {**known.plain, **styles(element), **known.important} if known else styles(element)

    return in_the_dark


def _rules(page: Page) -> Iterator[tuple[_Specificity, list[HtmlElement], str]]:
    for sheet in page.elements("style"):
        for block in _DARK.findall(style_sheet(f"{sheet.text or ''}")):
            for selectors, css in _RULE.findall(block):
                try:
                    parsed = [(one.specificity(), one.canonical()) for one in parse(selectors.strip())]
                    yield from ((rank, _chosen(page, one), css) for rank, one in parsed)
                except (SelectorError, XPathError):
                    continue  # it is for a state that no check can see, or of a namespace


def _chosen(page: Page, selector: str) -> list[HtmlElement]:
    return cast("list[HtmlElement]", CSSSelector(selector, translator="html")(page.root))  # it yields nothing else
