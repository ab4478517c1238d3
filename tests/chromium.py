"""Debian's Chromium, driven by Playwright, with axe for what only a browser sees; none of them need be installed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@contextmanager
def launched() -> Iterator[Any]:
    """Run it. Raises ImportError without Playwright."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it need not be installed

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def complaints(page: Any, options: Mapping[str, Any] | None = None) -> str:  # noqa: ANN401 - no types when it is not installed
    """Return what axe reports of a page, with its own `options`; nothing when all is well."""
    from axe_playwright_python.sync_playwright import Axe, AxeResults  # noqa: PLC0415 - it need not be installed

    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    # What is well is not told at length, which takes longer than looking.
    wanted = {"resultTypes": ["violations"], **(options or {})}
    results = AxeResults(page.evaluate("wanted => axe.run(document, wanted)", wanted))
    return str(results.generate_report()) if results.violations_count else ""
