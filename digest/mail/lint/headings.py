"""Headings: by them, people who cannot see the page find their way through it."""

from collections.abc import Iterator

from digest.mail.lint.finding import Finding
from digest.mail.lint.page import Page, words


def check_headings(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the headings of what one reader gets, in their order."""
    above = 0
    for heading in page.elements("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(str(heading.tag)[1])
        if not words(heading):
            message, remedy = f"a heading <h{level}> has no text", "Write it, or take it out."
            yield page.finding(heading, "error", "heading-empty", message, remedy)
        elif level > above + 1:
            message = f"the heading {words(heading)!r} is an <h{level}> below an <h{above}>"
            remedy = f"Make it an <h{above + 1}>, which is {'#' * (above + 1)} in Markdown."
            yield page.finding(heading, "warning", "heading-level", message, remedy)
        elif level == above == 1:
            message = f"the heading {words(heading)!r} is a second <h1>"
            yield page.finding(heading, "warning", "heading-level", message, "Make it an <h2>.")
        above = level
