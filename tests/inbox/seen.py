"""A mail as a reader's program shows it: with or without its `<style>`, its pictures, light or dark, wide or narrow."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


@dataclass(frozen=True)
class Reader:
    """The program, and how it is set."""

    width: int  # pixels
    dark: bool = False
    styles: bool = True  # False: it drops <style>, as Gmail does for other providers' accounts
    pictures: bool = True  # False: it shows none until it is asked to

    def __str__(self) -> str:
        without = "".join(f" without {what}" for what in ("styles", "pictures") if not getattr(self, what))
        return f"{'dark' if self.dark else 'light'} {self.width} px{without}"


@contextmanager
def shown(browser: Any, html: str, reader: Reader, public: Path) -> Iterator[Any]:  # noqa: ANN401 - it need not be installed
    """Open a mail; its pictures come from the site in the folder `public`, and nothing comes from a network."""
    page = browser.new_page(
        viewport={"width": reader.width, "height": 900}, color_scheme="dark" if reader.dark else "light"
    )

    def answer(route: Any) -> None:  # noqa: ANN401 - as above
        file = public / urlsplit(route.request.url).path.removeprefix("/")
        if reader.pictures and file.is_file():
            route.fulfill(path=file)
        else:
            route.abort()

    page.route("**/*", answer)
    page.set_content(html if reader.styles else _STYLE.sub("", html))
    try:
        yield page
    finally:
        page.close()
