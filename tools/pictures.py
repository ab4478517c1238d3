"""Take the pictures of the documentation: the sample newsroom's pages and mails as Debian's Chromium shows them.

    make pictures

The newsroom is shown as it was at one moment, so that the pictures change only when the pages do.
"""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from digest.config import load_config
from digest.items.loading import load_items
from digest.site.targets import as_it_is
from digest.site.tree import build_tree
from digest.site.web_views import WebView
from tests.chromium import launched
from tests.inbox.letters import CASES, post_of, publish
from tests.inbox.seen import Reader, shown

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/pictures"
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
PAGE = as_it_is("editions/weekly/2026-11-20/index.html", b"")
EDITION = WebView("Amparo weekly", "en", date(2026, 11, 20), PAGE)
ITEM = "items/a-lamp-in-every-newsroom/index.html"


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it."""

    name: str  # of its file
    page: str  # path in public/
    width: int = 1280  # pixels of the window
    height: int = 1000
    scheme: str = "light"


TAKEN = [
    Picture("newsroom", "index.html"),
    Picture("item", ITEM),
    Picture("feeds", "feeds/index.html"),
    Picture("dark", "index.html", scheme="dark"),
    Picture("phone", "index.html", width=390, height=844),
]

MAILS = [  # name of the file, newsroom, how it is read
    ("mail", "sample", Reader(700)),
    ("mail-phone", "sample", Reader(375, dark=True)),
    ("mail-without-styles", "sample", Reader(375, styles=False)),
    ("mail-without-pictures", "sample", Reader(700, pictures=False)),
    ("mail-arabic", "right-to-left", Reader(700)),
]
MAIL_HEIGHT = 1500  # pixels, from the top


def main() -> None:
    """Build the sample newsroom and write each picture into docs/pictures/."""
    with tempfile.TemporaryDirectory(prefix="digest-pictures-") as folder, launched() as browser:
        _build(Path(folder))
        for picture in TAKEN:
            _keep(picture.name, _taken(browser, picture, Path(folder)))
        for name, png in _mails(browser, Path(folder)):
            _keep(name, png)


def _keep(name: str, png: bytes) -> None:
    file = PICTURES / f"{name}.webp"
    file.write_bytes(_small(png))
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


def _mails(browser: Browser, folder: Path) -> Iterator[tuple[str, bytes]]:
    (folder / "mails").mkdir()
    posts = {
        name: post_of(name, folder / "mails", folder / "pictures")
        for name in dict.fromkeys(newsroom for _, newsroom, _ in MAILS)
    }
    sites = {name: publish(post, CASES[name].at) for name, post in posts.items()}
    for name, newsroom, reader in MAILS:
        with shown(browser, posts[newsroom].letters[0].html, reader, sites[newsroom]) as page:
            page.set_viewport_size({"width": reader.width, "height": MAIL_HEIGHT})
            yield name, page.screenshot()


def _build(folder: Path) -> None:
    config = load_config(ROOT)
    tree = build_tree(config, load_items(ROOT, config).items, AT, ROOT, [EDITION])
    for path, content in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.path.read_bytes())


def _taken(browser: Browser, picture: Picture, folder: Path) -> bytes:
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        device_scale_factor=1,
    )
    page.goto((folder / picture.page).as_uri())
    taken = page.screenshot()
    page.close()
    return taken


def _small(png: bytes) -> bytes:
    made = io.BytesIO()
    Image.open(io.BytesIO(png)).save(made, "WEBP", quality=82, method=6)
    return made.getvalue()


if __name__ == "__main__":
    main()
