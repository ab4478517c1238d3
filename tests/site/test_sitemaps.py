from lxml import etree

from digest.site.sitemaps import NEWS as PATH
from digest.site.sitemaps import Place, item_places, leaves_the_news, robots, sitemap_files
from digest.site.survey import survey
from tests.site.samples import CONFIG, NOW, hours, item
from tests.site.syndicated import syndicated

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
ROOT = "https://news.example.org/press"


def locations(content: bytes) -> list[str | None]:
    return [loc.text for loc in etree.fromstring(content).iter(f"{MAP}loc")]


def test_items_are_listed_with_their_last_change_and_their_translations() -> None:
    made = [
        item("a&b", published=hours(-30), updated=hours(-2)),
        item("es", language="es", translation_of="a&b", published=hours(-20)),
        item("alone", published=hours(-10)),
        item("taken", published=hours(-40), withdrawn={"at": hours(-1), "reason": "Wrong."}),
    ]
    root = etree.fromstring(sitemap_files(CONFIG, list(item_places(survey(CONFIG, made, NOW))))["sitemap.xml"])
    assert [(url.findtext(f"{MAP}loc"), url.findtext(f"{MAP}lastmod")) for url in root] == [
        (f"{ROOT}/items/alone/", "2026-11-20T02:00:00+00:00"),
        (f"{ROOT}/items/es/", "2026-11-19T16:00:00+00:00"),
        (f"{ROOT}/items/a%26b/", "2026-11-20T10:00:00+00:00"),
        (f"{ROOT}/items/taken/", "2026-11-20T11:00:00+00:00"),
    ]
    versions = [
        [(link.get("hreflang"), link.get("href")) for link in url.iter("{http://www.w3.org/1999/xhtml}link")]
        for url in root
    ]
    both = [("en", f"{ROOT}/items/a%26b/"), ("es", f"{ROOT}/items/es/")]
    assert versions == [[], both, both, []]


def test_a_page_without_a_known_change_has_no_lastmod() -> None:
    made = sitemap_files(CONFIG, [Place("index.html"), Place("kinds/report/index.html", NOW)])["sitemap.xml"]
    assert locations(made) == [f"{ROOT}/", f"{ROOT}/kinds/report/"]
    assert made.count(b"<lastmod>") == 1


def test_too_many_pages_are_split_into_an_index_of_sitemaps() -> None:
    places = [Place(f"items/{number}/index.html") for number in range(5)]
    made = sitemap_files(CONFIG, places, largest=2)
    assert list(made) == ["sitemap.xml", "sitemaps/1.xml", "sitemaps/2.xml", "sitemaps/3.xml"]
    assert locations(made["sitemap.xml"]) == [f"{ROOT}/{path}" for path in list(made)[1:]]
    assert sum(len(locations(made[path])) for path in list(made)[1:]) == 5
    assert list(sitemap_files(CONFIG, places, largest=5)) == ["sitemap.xml"]


def test_news_are_the_public_items_of_the_last_two_days() -> None:
    made = [
        item("fresh", title="A & B", language="pt-BR", published=hours(-47)),
        item("old", published=hours(-48)),
        item("soon", published=hours(1)),
        item("taken", withdrawn={"at": hours(-1), "reason": "Wrong."}),
    ]
    root = etree.fromstring(syndicated(CONFIG, made, NOW)[PATH])
    [url] = root
    news = url.find(f"{NEWS}news")
    assert news is not None
    assert url.findtext(f"{MAP}loc") == f"{ROOT}/items/fresh/"
    assert news.findtext(f"{NEWS}title") == "A & B"
    assert news.findtext(f"{NEWS}publication/{NEWS}name") == "Example Newsroom"
    assert news.findtext(f"{NEWS}publication/{NEWS}language") == "pt"
    assert news.findtext(f"{NEWS}publication_date") == hours(-47).isoformat()
    assert not locations(syndicated(CONFIG, made[:1], leaves_the_news(made[0]))[PATH])


def test_robots_may_read_everything_and_find_both_sitemaps() -> None:
    assert robots(CONFIG).decode() == (
        f"User-agent: *\nDisallow:\n\nSitemap: {ROOT}/sitemap.xml\nSitemap: {ROOT}/news-sitemap.xml\n"
    )
