from collections.abc import Sequence
from datetime import date
from pathlib import Path, PurePath
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from digest.items.item import Item
from digest.site.targets import Content, as_it_is
from digest.site.tree import build_tree, gone_paths
from digest.site.web_views import WebView
from digest.template_files import shipped_templates
from tests.site.samples import CONFIG, NOW, full_item, hours, item, pdf, picture

NOWHERE = Path("/nonexistent")
EDITION = WebView(
    "Weekly: <b>", "en", date(2026, 11, 20), as_it_is("editions/weekly/2026-11-20/index.html", b"<p>mail</p>")
)
ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
GONE = {"at": hours(-1), "reason": "Zrsn", "show": "nothing"}
NOTICE = {"at": hours(-1), "reason": "Wrong: the source."}
HIDDEN = {
    "draft": {"published": None},
    "embargoed": {"published": hours(0.001)},
    "gone": {"withdrawn": GONE},
    "withdrawn before it was public": {"published": hours(-1), "withdrawn": {"at": hours(-2), "reason": "Zrsn"}},
}


def tree_of(*items: Item, web_views: Sequence[WebView] = (), newsroom: Path = NOWHERE) -> dict[str, Content]:
    return build_tree(CONFIG, items, NOW, newsroom, web_views)


def text(tree: dict[str, Content], path: str) -> str:
    content = tree[path]
    assert isinstance(content, bytes)
    return content.decode()


def page(tree: dict[str, Content], path: str) -> html.HtmlElement:
    return html.document_fromstring(text(tree, path))


def words(element: html.HtmlElement) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def full(tmp_path: Path, slug: str = "full", **fields: object) -> Item:
    """Return an item that has everything; its words of note start with Z."""
    return item(
        slug,
        **{
            "title": "Ztitle",
            "summary": "Zsummary",
            "body": "Zbody",
            "place": "Zplace",
            "authors": ["Zauthor"],
            "topics": ["asylum"],
            "image": {"file": "z.jpg", "alt": "Zalt", "caption": "Zcaption", "credit": "Zcredit"},
            "documents": [{"file": "z.pdf", "title": "Zdocument"}],
            "links": [{"url": "https://zlink.example", "title": "Zlink"}],
            "corrections": [{"at": hours(-2), "note": "Zcorrection"}],
            "assets": {"z.jpg": picture(tmp_path, "zpicture.jpg"), "z.pdf": pdf(tmp_path, "zfile.pdf")},
        }
        | fields,
    )


def test_the_tree_holds_pages_feed_style_and_the_files_of_public_items(tmp_path: Path) -> None:
    made = full(tmp_path)
    tree = tree_of(made)
    files = {file.public_path for asset in made.assets.values() for file in asset.variants or (asset,)}
    looks = {path for path in tree if path.startswith("assets/")}
    folders = ["kinds/press-release", "kinds/report", "topics/asylum", "topics/prisons"]
    lists = {f"{folder}/{name}" for folder in folders for name in ("index.html", "atom.xml")}
    feeds = {"atom.xml", "feed.json", "rss.xml", "feeds.opml", "feeds/index.html", "exports/ninjs/full.json"}
    for_robots = {"robots.txt", "sitemap.xml", "news-sitemap.xml"}
    pages = {"index.html", "404.html", "items/full/index.html"}
    assert set(tree) == pages | lists | feeds | for_robots | files | looks
    assert sorted(PurePath(path).suffix for path in looks) == [".css", ".svg"]


def test_of_a_picture_only_what_was_made_of_it_is_public(tmp_path: Path) -> None:
    original = picture(tmp_path)
    tree = tree_of(full_item(tmp_path, assets={"lead.jpg": original, "a #1.pdf": pdf(tmp_path, "a #1.pdf")}))
    files = [content.path for content in tree.values() if not isinstance(content, bytes)]
    assert original.path not in files
    assert {one.path for one in original.variants} < set(files)


def test_a_browser_chooses_among_the_sizes_of_a_picture_and_knows_its_shape_before(tmp_path: Path) -> None:
    made = full_item(tmp_path, images=[])
    tree = tree_of(made)
    for path, root in {
        "items/full/index.html": "../../",
        "index.html": "./",
        "kinds/press-release/index.html": "../../",
    }.items():
        begin = f"{root}images/{made.assets['lead.jpg'].sha256[:16]}/lead"
        (shown,) = page(tree, path).iter("picture")
        (source,), (image,) = shown.iter("source"), shown.iter("img")
        assert (source.get("type"), source.get("srcset")) == (
            "image/webp",
            f"{begin}-480.webp 480w, {begin}-1600.webp 1600w",
        )
        assert image.get("srcset") == f"{begin}-600.jpg 600w, {begin}-1200.jpg 1200w, {begin}-1600.jpg 1600w"
        assert (image.get("src"), image.get("width"), image.get("height")) == (f"{begin}-1200.jpg", "1200", "800")
        assert source.get("sizes") == image.get("sizes")


def test_two_builds_give_the_same_bytes_in_whatever_order_the_files_come(tmp_path: Path) -> None:
    items = [full(tmp_path), item("a"), item("b", featured=hours(3)), item("c", withdrawn=NOTICE)]
    assert tree_of(*items, web_views=[EDITION]) == tree_of(*items[::-1], web_views=[EDITION])


@pytest.mark.parametrize("fields", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_the_public_may_not_see_leaves_no_trace(fields: dict[str, object], tmp_path: Path) -> None:
    hidden = full(tmp_path, "zslug", id="tag:z.example,2026:z", aliases=["/zold/", "zalias"], **fields)
    tree = tree_of(hidden, item("other", translation_of="zslug"))
    assert tree == tree_of(item("other"))
    everything = b"".join(content for content in tree.values() if isinstance(content, bytes)) + " ".join(tree).encode()
    for word in (b"ztitle", b"zslug", b"zlink", b"zfile", b"zpicture", b"zrsn", b"zold", b"zalias", hidden.id.encode()):
        assert word not in everything.lower()


def test_a_notice_shows_title_and_reason_and_nothing_else_of_the_item(tmp_path: Path) -> None:
    tree = tree_of(full(tmp_path, withdrawn=NOTICE))
    assert not [path for path in tree if path.startswith(("images/", "documents/"))]
    for path in ("index.html", "kinds/press-release/index.html", "items/full/index.html", "atom.xml", "feed.json"):
        assert "Withdrawn: Ztitle" in text(tree, path)
        assert "Wrong: the source." in text(tree, path)
    everything = b"".join(content for content in tree.values() if isinstance(content, bytes)).decode()
    for word in ("Zsummary", "Zbody", "Zcaption", "Zplace", "zpicture", "zfile", "zlink", "Zlink", "Zcorrection"):
        assert word not in everything


def test_pages_of_items_gone_without_trace_are_known() -> None:
    items = [item("a", withdrawn=GONE), item("b", withdrawn=NOTICE), item("c"), item("d", published=None)]
    assert gone_paths(items, NOW) == {"items/a/index.html"}
    assert gone_paths(items, hours(-1.5)) == frozenset()


def test_the_page_of_an_item_shows_all_of_it(tmp_path: Path) -> None:
    shown = page(tree_of(full(tmp_path)), "items/full/index.html")
    article = shown.find(".//article")
    assert article is not None
    said = words(article)
    for word in (
        *("Press release", "Ztitle", "Zsummary", "Zplace", "November", "Zauthor", "Zcaption", "Zcredit", "Zbody"),
        *("Correction, ", "Zcorrection", "Zdocument", "PDF, 4 Bytes", "Zlink", "Asylum", "About us. We test."),
        *("Press desk", "press@example.org", "Updated"),
    ):
        assert word in said
    assert [title.text for title in shown.iter("h1")] == ["Ztitle"]


def test_a_correction_to_come_is_not_shown() -> None:
    made = item(corrections=[{"at": hours(1), "note": "Zcorrection"}])
    assert not [path for path in tree_of(made) if "Zcorrection" in text(tree_of(made), path)]


def test_scripts_in_an_item_stay_words_on_every_page(tmp_path: Path) -> None:
    made = full(
        tmp_path,
        title=ATTACK,
        summary=ATTACK,
        body=ATTACK,
        place=ATTACK,
        authors=[ATTACK],
        image={"file": "z.jpg", "alt": ATTACK, "caption": ATTACK, "credit": ATTACK + "!", "rights": ATTACK},
        documents=[{"file": "z.pdf", "title": ATTACK}],
        links=[{"url": "https://zlink.example", "title": ATTACK}],
        corrections=[{"at": hours(-1), "note": ATTACK}],
        contact={"name": ATTACK, "phone": ATTACK},
    )
    withdrawn = item("taken", title=ATTACK, withdrawn={"at": hours(-1), "reason": ATTACK})
    tree = tree_of(made, withdrawn, item("old", aliases=["/old/"], title=ATTACK), web_views=[EDITION])
    for path in (path for path in tree if path.endswith(".html") and path != EDITION.path):
        shown = page(tree, path)
        assert all(script.get("type") == "application/ld+json" for script in shown.iter("script"))
        assert len(list(shown.iter("script"))) == text(tree, path).count("<script")
        assert not [element for element in shown.iter() if "onerror" in element.attrib]
        assert all(image.get("src") != "x" for image in shown.iter("img"))
    assert "<b>" not in text(tree, "editions/index.html")


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1).filter(str.strip))
def test_every_title_is_shown_as_it_was_written(title: str) -> None:
    made = item(title=title[:300].strip())
    [heading] = page(tree_of(made), "items/first/index.html").iter("h1")
    assert words(heading) == " ".join(made.title.split())


def test_the_index_leads_with_the_newest_featured_item_then_goes_by_date() -> None:
    items = [
        item("a", published=hours(-4), featured=hours(1)),
        item("b", published=hours(-3), featured=hours(1)),
        item("c", published=hours(-2), featured=hours(-1)),
        item("d", published=hours(-1), withdrawn={"at": hours(-0.5), "reason": "x"}),
    ]
    articles = list(page(tree_of(*items), "index.html").iter("article"))
    titles = [words(title) for article in articles for title in article.iter("h2")]
    assert titles == ["Title of b", "Withdrawn: Title of d", "Title of c", "Title of a"]
    assert ["lead" in (article.get("class") or "").split() for article in articles] == [True, False, False, False]


def test_an_index_without_items_says_so() -> None:
    assert "Nothing has been published yet" in text(tree_of(), "index.html")


def test_each_card_names_its_language_and_one_in_another_says_so() -> None:
    shown = page(tree_of(item("a"), item("b", language="es")), "index.html")
    assert [article.get("lang") for article in shown.iter("article")] == ["en", "es"]
    assert [words(article).count("español") for article in shown.iter("article")] == [0, 1]
    assert "Nota de prensa" in words(shown)


def test_translations_name_one_another_and_no_hidden_one() -> None:
    tree = tree_of(
        item("en", published=None),
        item("es", language="es", translation_of="en"),
        item("fr", language="fr", translation_of="es"),
        item("de", language="de", translation_of="en", published=hours(5)),
    )
    alternates = {
        link.get("hreflang"): link.get("href")
        for link in page(tree, "items/fr/index.html").iter("link")
        if link.get("hreflang")
    }
    assert alternates == {
        "es": "https://news.example.org/press/items/es/",
        "fr": "https://news.example.org/press/items/fr/",
    }
    visible = [link.get("href") for link in page(tree, "items/fr/index.html").iter("a") if link.get("hreflang")]
    assert visible == ["../../items/es/"]


def test_items_that_name_each_other_as_translations_do_not_hang_the_build() -> None:
    tree = tree_of(
        item("a", translation_of="b"), item("b", language="es", translation_of="a"), item("c", translation_of="a")
    )
    assert text(tree, "items/a/index.html").count("hreflang=") == 5


def test_every_page_offers_the_feed_and_leads_nowhere_that_does_not_exist(tmp_path: Path) -> None:
    tree = tree_of(full(tmp_path), item("b", withdrawn=NOTICE), web_views=[EDITION])
    for path in (path for path in tree if path.endswith(".html") and path != EDITION.path):
        shown = page(tree, path)
        feeds = [link.get("href") or "" for link in shown.iter("link") if link.get("type") == "application/atom+xml"]
        assert urljoin(f"/press/{path}", feeds[0]) == "/press/atom.xml"
        for element in shown.iter("a", "link", "img"):
            address = urljoin(f"https://news.example.org/press/{path}", element.get("href") or element.get("src"))
            parts = urlsplit(address)
            if parts.netloc == "news.example.org" and not parts.fragment:
                target = parts.path.removeprefix("/press/")
                assert (f"{target}index.html" if target.endswith("/") or not target else target) in tree


def test_every_page_can_be_used_without_a_mouse(tmp_path: Path) -> None:
    tree = tree_of(full(tmp_path), item("b", withdrawn=NOTICE), web_views=[EDITION])
    for path in (path for path in tree if path.endswith(".html") and path != EDITION.path):
        shown = page(tree, path)
        assert shown.get("lang")
        first = next(shown.iter("a"))
        assert first.get("href") == "#main"
        assert len(list(shown.iter("h1"))) == 1
        identifiers = [element.get("id") for element in shown.iter() if element.get("id")]
        assert len(identifiers) == len(set(identifiers))
        assert all(image.get("alt") is not None for image in shown.iter("img"))


def test_the_page_for_a_wrong_address_works_at_every_depth() -> None:
    [style] = [link for link in page(tree_of(), "404.html").iter("link") if link.get("rel") == "stylesheet"]
    assert (style.get("href") or "").startswith("/press/assets/site-")


def test_web_views_are_published_as_given_and_listed_newest_first() -> None:
    older = WebView("Older", "en", date(2026, 11, 13), as_it_is("editions/weekly/2026-11-13/index.html", b"<p>old</p>"))
    tree = tree_of(web_views=[older, EDITION])
    assert tree[EDITION.path] == b"<p>mail</p>"
    [listed] = [each for each in page(tree, "editions/index.html").iter("ul") if each.get("class") == "editions"]
    assert [link.get("href") for link in listed.iter("a")] == [
        "../editions/weekly/2026-11-20/",
        "../editions/weekly/2026-11-13/",
    ]
    assert [link.get("hreflang") for link in listed.iter("a")] == [None, None]
    assert "editions/index.html" not in tree_of()
    assert "editions/" not in text(tree_of(), "index.html")
    assert "/editions/weekly/2026-11-20/" in text(tree, "sitemap.xml")


def test_web_views_in_further_languages_are_listed_with_theirs() -> None:
    content = as_it_is("editions/weekly/2026-11-20/es/index.html", b"<p>correo</p>")
    spanish = WebView("La semana", "es", date(2026, 11, 20), content)
    tree = tree_of(web_views=[EDITION, spanish])
    assert tree["editions/weekly/2026-11-20/es/index.html"] == b"<p>correo</p>"
    links = {link.get("href"): link for link in page(tree, "editions/index.html").iter("a")}
    listed = links["../editions/weekly/2026-11-20/es/"]
    assert (words(listed), listed.get("lang"), listed.get("hreflang")) == ("La semana", "es", "es")
    assert "/editions/weekly/2026-11-20/es/" in text(tree, "sitemap.xml")


def test_a_newsrooms_own_templates_come_first(tmp_path: Path) -> None:
    own = tmp_path / "templates/site"
    own.mkdir(parents=True)
    (own / "404.html.j2").write_text("gone fishing")
    (own / "site.css").write_text("@media print{#x{color:red}}")
    tree = tree_of(newsroom=tmp_path)
    assert tree["404.html"] == b"gone fishing"
    assert [content for path, content in tree.items() if path.endswith(".css")] == [b"@media print{#x{color:red}}"]
    assert "<main" in text(tree, "index.html")


def own_site(newsroom: Path, **templates: str) -> Path:
    """Give the newsroom in that folder these templates of its own; return it."""
    folder = newsroom / "templates/site"
    folder.mkdir(parents=True)
    for name, written in templates.items():
        (folder / f"{name}.html.j2").write_text(written)
    return newsroom


def test_a_newsrooms_own_card_knows_how_deep_its_list_stands(tmp_path: Path) -> None:
    parts = (shipped_templates() / "site/parts.html.j2").read_text()
    own = parts.replace('<article class="card', '<article data-up="{{ root.count("../") }}" class="card')
    tree = tree_of(item("a"), item("b"), newsroom=own_site(tmp_path, parts=own))
    assert 'data-up="0"' in text(tree, "index.html")
    assert 'data-up="2"' in text(tree, "kinds/press-release/index.html")


def test_a_newsrooms_own_templates_may_give_a_part_whatever_they_like(tmp_path: Path) -> None:
    parts = (shipped_templates() / "site/parts.html.j2").read_text()
    own = parts.replace("{% macro press(contact) %}", '{% macro press(contact, note="") %}[{{ note }}]')
    given = (
        "newsroom.contact, '<b>' | safe",
        "newsroom.contact, '<b>'",
        "{'name': 'Somebody', 'email': none, 'phone': none}",
    )
    foot = "".join(f"{{{{ parts.press({values}) }}}}" for values in given)
    shown = text(tree_of(newsroom=own_site(tmp_path, parts=own, foot=foot)), "index.html")
    assert "[<b>]" in shown
    assert "[&lt;b&gt;]" in shown
    assert "Somebody" in shown


def test_a_credit_that_the_caption_names_already_is_not_repeated(tmp_path: Path) -> None:
    image = {"file": "z.jpg", "alt": "x", "caption": "At dawn (Photo: Zcredit)", "credit": "Photo: Zcredit"}
    tree = tree_of(full(tmp_path, image=image))
    [caption] = page(tree, "items/full/index.html").iter("figcaption")
    assert words(caption).count("Zcredit") == 1


def test_a_caption_without_an_end_mark_is_ended_before_the_credit_on_pages_and_in_feeds(tmp_path: Path) -> None:
    image = {"file": "z.jpg", "alt": "x", "caption": "The quay, day of the strike", "credit": "Ana Ruiz"}
    tree = tree_of(full(tmp_path, image=image))
    [caption] = page(tree, "items/full/index.html").iter("figcaption")
    assert words(caption).startswith("The quay, day of the strike. Ana Ruiz")
    assert "The quay, day of the strike. Ana Ruiz" in text(tree, "atom.xml")


def test_the_keyboard_reaches_a_table_and_no_attribute_is_broken_by_that() -> None:
    attack = '<b title="<table onclick=alert(1) <pre x">b</b>'
    body = page(tree_of(item(body=f"{attack}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")), "items/first/index.html")
    [table] = body.iter("table")
    assert table.get("tabindex") == "0"
    [bold] = [element for element in body.iter("b") if element.text == "b"]
    assert set(bold.keys()) == {"title"}


def test_the_feeds_name_the_sign_of_the_site_its_hubs_and_the_terms() -> None:
    newsroom = CONFIG.newsroom.model_copy(update={"license": "https://terms.example/"})
    hubs = CONFIG.feeds.model_copy(update={"websub": ("https://hub.example/",)})
    config = CONFIG.model_copy(update={"newsroom": newsroom, "feeds": hubs})
    tree = build_tree(config, [item()], NOW, NOWHERE, [])
    for path in ("atom.xml", "kinds/press-release/atom.xml"):
        feed = feedparser.parse(text(tree, path)).feed
        assert feed.icon.removeprefix("https://news.example.org/press/") in tree
        links = {link.rel: link.href for link in feed.links}
        assert (links["hub"], links["license"]) == ("https://hub.example/", "https://terms.example/")
