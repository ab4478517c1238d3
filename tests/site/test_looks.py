"""A newsroom with a logo and an icon, where pages and feeds show them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree, html

from digest.images.variants import Variant
from digest.site.targets import Content
from digest.site.tree import build_tree
from tests.images.signs import WHITE, emblems
from tests.site.samples import CONFIG, NOW, full_item, item, pages_of

ROOT = "https://news.example.org/press/"
ATOM = "{http://www.w3.org/2005/Atom}"
Tree = Mapping[str, Content]


def built(folder: Path, logo: tuple[int, int] = (1400, 240)) -> Tree:
    """Return a site of two items, one of them with a picture."""
    return build_tree(CONFIG, [item(), full_item(folder)], NOW, folder, [], emblems(folder, logo))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return built(tmp_path)


def text(tree: Tree, path: str) -> bytes:
    content = tree[path]
    assert isinstance(content, bytes)
    return content


def page(tree: Tree, path: str) -> html.HtmlElement:
    return html.fromstring(text(tree, path))


def drawing(tree: Tree, address: str) -> tuple[int, int]:
    """Return the size of what is drawn at an address of the site."""
    content = tree[f"assets/{address.rpartition('assets/')[2]}"]
    assert isinstance(content, Variant)
    return content.width, content.height


def meta(tree: Tree, path: str) -> dict[str, str]:
    every = page(tree, path).iter("meta")
    return {one.get("property") or one.get("name") or "": one.get("content") or "" for one in every}


@pytest.mark.parametrize(("path", "name"), [("index.html", "h1"), ("items/first/index.html", "p"), ("404.html", "p")])
def test_the_logo_stands_for_the_title_and_says_it(path: str, name: str, tree: Tree) -> None:
    [link] = page(tree, path).xpath(f"//{name}[@class='name']/a")
    [logo] = link.iter("img")
    assert (link.text_content().strip(), logo.get("alt"), link.get("class")) == (
        "",
        "Example Newsroom",
        "logo on-light",
    )
    assert (logo.get("width"), logo.get("height")) == ("320", "55")
    assert drawing(tree, logo.get("src") or "") == (960, 165)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((400, 400), ("112", "112")), ((500, 1000), ("56", "112")), ((4000, 3), ("320", "1"))],
    ids=["square", "tall", "a line"],
)
def test_a_logo_of_any_shape_finds_room(size: tuple[int, int], shown: tuple[str, str], tmp_path: Path) -> None:
    [logo] = page(built(tmp_path, size), "index.html").xpath("//h1//img")
    assert (logo.get("width"), logo.get("height")) == shown


def test_without_logo_and_icon_the_title_and_the_newsrooms_initial_stand() -> None:
    made = html.fromstring(pages_of([item()])["index.html"])
    assert made.xpath("//h1/a/text()") == ["Example Newsroom"]
    assert made.xpath("//h1/a/@class") == []
    assert made.xpath("//link[@rel='icon']/@type") == ["image/svg+xml"]
    assert made.xpath("//link[@rel='apple-touch-icon']") == []


def test_pages_name_the_icon_for_browsers_and_for_telephones(tree: Tree) -> None:
    made = page(tree, "items/first/index.html")
    [icon] = made.xpath("//link[@rel='icon']")
    [touch] = made.xpath("//link[@rel='apple-touch-icon']/@href")
    assert icon.get("type") == "image/png"
    assert (drawing(tree, icon.get("href") or ""), drawing(tree, touch)) == ((144, 144), (180, 180))
    assert not [path for path in tree if path.endswith(".svg")]


def test_atom_has_the_square_icon_and_the_logo_twice_as_wide_as_high(tree: Tree) -> None:
    for path in ("atom.xml", "kinds/press-release/atom.xml"):
        feed = etree.fromstring(text(tree, path))
        icon, logo = feed.findtext(f"{ATOM}icon") or "", feed.findtext(f"{ATOM}logo") or ""
        assert icon.startswith(ROOT)
        assert logo.startswith(ROOT)
        assert (drawing(tree, icon), drawing(tree, logo)) == ((144, 144), (1200, 600))


def test_rss_has_the_icon_with_its_size_which_is_144_at_most(tree: Tree) -> None:
    image = etree.fromstring(text(tree, "rss.xml")).find("channel/image")
    assert image is not None
    assert drawing(tree, image.findtext("url") or "") == (144, 144)
    assert (image.findtext("width"), image.findtext("height")) == ("144", "144")


def test_json_feed_has_a_large_icon_and_a_small_one(tree: Tree) -> None:
    feed = json.loads(text(tree, "feed.json"))
    assert (drawing(tree, feed["icon"]), drawing(tree, feed["favicon"])) == ((512, 512), (144, 144))


def test_the_publisher_of_an_article_has_the_logo(tree: Tree) -> None:
    [script] = page(tree, "items/first/index.html").xpath("//script/text()")
    logo = json.loads(script)["publisher"]["logo"]
    assert (logo["@type"], logo["width"], logo["height"]) == ("ImageObject", 1200, 600)
    assert drawing(tree, logo["url"]) == (1200, 600)


@pytest.mark.parametrize("path", ["index.html", "kinds/press-release/index.html", "items/first/index.html"])
def test_a_shared_link_shows_the_logo_where_the_page_has_no_picture(path: str, tree: Tree) -> None:
    said = meta(tree, path)
    assert drawing(tree, said["og:image"]) == (1200, 600)
    assert said["og:image"].startswith(ROOT)
    assert (said["og:image:alt"], said["twitter:card"]) == ("Example Newsroom", "summary_large_image")


def test_a_shared_link_shows_the_picture_where_there_is_one(tree: Tree) -> None:
    [shown] = page(tree, "items/full/index.html").xpath("//meta[@property='og:image']/@content")
    assert shown.startswith(f"{ROOT}images/")


def test_a_logo_alone_leaves_the_initial_for_an_icon_and_an_icon_alone_the_title(tmp_path: Path) -> None:
    both = emblems(tmp_path)
    with_logo = build_tree(CONFIG, [], NOW, tmp_path, [], {"logo": both["logo"]})
    with_icon = build_tree(CONFIG, [], NOW, tmp_path, [], {"icon": both["icon"]})
    assert page(with_logo, "index.html").xpath("//link[@rel='icon']/@type") == ["image/svg+xml"]
    assert page(with_icon, "index.html").xpath("//h1/a/text()") == ["Example Newsroom"]


def test_a_white_logo_stands_on_a_dark_ground(tmp_path: Path) -> None:
    made = build_tree(CONFIG, [], NOW, tmp_path, [], emblems(tmp_path, colour=WHITE))
    assert page(made, "index.html").xpath("//h1/a/@class") == ["logo on-dark"]
