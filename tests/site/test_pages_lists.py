from urllib.parse import urljoin

from lxml import html

from digest.items.item import Item
from digest.site.paging import PAGE_SIZE
from tests.site.samples import hours, item, pages_of

HERE = "https://news.example.org/press/"
MAX_INDEX = 60_000  # bytes


def pages(*items: Item) -> dict[str, bytes]:
    return pages_of(items)


def page(made: dict[str, bytes], path: str) -> html.HtmlElement:
    return html.document_fromstring(made[path])


def titles(made: dict[str, bytes], path: str) -> list[str]:
    return [str(link.text) for link in page(made, path).xpath("//article//h2/a")]


def many(count: int, **fields: object) -> list[Item]:
    return [item(f"n{number}", published=hours(-count + number), **fields) for number in range(count)]


def test_each_kind_topic_and_language_lists_its_own() -> None:
    made = pages(item("a", topics=["asylum"]), item("b", kind="report"), item("c", language="es", topics=["asylum"]))
    assert titles(made, "kinds/press-release/index.html") == ["Title of a", "Title of c"]
    assert titles(made, "kinds/report/index.html") == ["Title of b"]
    assert titles(made, "topics/asylum/index.html") == ["Title of a", "Title of c"]
    assert titles(made, "languages/es/index.html") == ["Title of c"]
    assert "Nothing has been published here yet" in made["topics/prisons/index.html"].decode()


def test_a_list_offers_the_main_feed_and_then_its_own() -> None:
    shown = page(pages(item()), "kinds/press-release/index.html")
    feeds = [
        (link.get("title"), urljoin(f"{HERE}kinds/press-release/", link.get("href") or ""))
        for link in shown.iter("link")
        if link.get("type") == "application/atom+xml"
    ]
    assert feeds == [
        ("Example Newsroom", f"{HERE}atom.xml"),
        ("Example Newsroom: Press releases", f"{HERE}kinds/press-release/atom.xml"),
    ]


def test_an_item_leads_to_its_kind_its_topics_and_its_language() -> None:
    made = pages(item("a", topics=["asylum", "prisons"]), item("b", language="es"))
    links = page(made, "items/a/index.html").xpath("//nav[@class='filed']//a/@href")
    assert links == [
        f"../../{to}/" for to in ("kinds/press-release", "topics/asylum", "topics/prisons", "languages/en")
    ]


def test_every_list_leads_to_the_others_that_have_items_and_says_which_it_is() -> None:
    made = pages(item("a", topics=["asylum"]), item("b", language="es"))
    shown = page(made, "topics/asylum/index.html")
    links = {link.get("href"): link.get("aria-current") for link in shown.xpath("//nav//a")}
    assert links == {
        "../../": None,
        "../../kinds/press-release/": None,
        "../../feeds/": None,
        "../../topics/asylum/": "page",
        "../../languages/en/": None,
        "../../languages/es/": None,
    }


def test_one_language_alone_has_no_list() -> None:
    assert not [path for path in pages(item()) if path.startswith("languages/")]


def test_older_items_stand_on_pages_that_lead_to_one_another() -> None:
    made = pages(*many(3 * PAGE_SIZE))
    assert len(titles(made, "index.html")) == PAGE_SIZE
    assert titles(made, "page/1/index.html")[-1] == "Title of n0"
    second = page(made, "page/2/index.html")
    assert second.xpath("//link[@rel='prev']/@href") == second.xpath("//a[@rel='prev']/@href") == ["../../"]
    assert second.xpath("//link[@rel='next']/@href") == second.xpath("//a[@rel='next']/@href") == ["../../page/1/"]
    assert second.xpath("//link[@rel='canonical']/@href") == [f"{HERE}page/2/"]
    assert "kinds/press-release/page/2/index.html" in made


def test_what_leads_the_front_page_leads_no_other_and_is_not_lost_to_them() -> None:
    items = many(3 * PAGE_SIZE)
    items[0] = item("n0", published=items[0].published, featured=hours(1))
    made = pages(*items)
    assert titles(made, "index.html")[0] == "Title of n0"
    assert len(titles(made, "index.html")) == PAGE_SIZE + 1
    assert titles(made, "page/1/index.html")[-1] == "Title of n0"
    assert not page(made, "page/1/index.html").xpath("//article[contains(@class, 'lead')]")


def test_a_new_item_rewrites_few_pages() -> None:
    items = many(5 * PAGE_SIZE + 3)
    before, after = pages(*items), pages(*items, item("new", published=hours(-0.5)))
    changed = [path for path in after if path.endswith(".html") and before.get(path) != after[path]]
    assert sorted(changed) == ["index.html", "items/new/index.html", "kinds/press-release/index.html"]


def test_the_front_page_is_small_at_its_longest() -> None:
    summary = "Sixteen days against violence begin on Wednesday, and the court has secured the recordings. " * 2
    made = pages(*many(4 * PAGE_SIZE - 1, summary=summary, title="A headline of the usual length, or a little more"))
    assert len(titles(made, "index.html")) == 2 * PAGE_SIZE - 1
    assert len(made["index.html"]) < MAX_INDEX
    assert b"<script" not in made["index.html"]


def test_what_is_written_from_the_right_says_so() -> None:
    made = pages(item("a"), item("b", language="ar"))
    assert page(made, "items/b/index.html").get("dir") == "rtl"
    assert page(made, "items/a/index.html").get("dir") == "ltr"
    assert [card.get("dir") for card in page(made, "index.html").iter("article")] == ["ltr", "rtl"]


def test_the_icon_shows_the_newsrooms_initial() -> None:
    made = pages()
    [path] = [path for path in made if path.endswith(".svg")]
    assert b">E</text>" in made[path]
    assert page(made, "404.html").xpath("//link[@rel='icon']/@href") == [f"/press/{path}"]
