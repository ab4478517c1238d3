from hypothesis import given
from hypothesis import strategies as st

from digest.site.paging import PAGE_SIZE, leaves


def many(count: int) -> list[str]:
    return [f"n{number}" for number in range(count, 0, -1)]


@given(st.integers(0, 200))
def test_every_item_stands_on_exactly_one_page_in_order(count: int) -> None:
    items = many(count)
    pages = leaves("index.html", items)
    assert [slug for page in pages for slug in page.slugs] == items
    assert all(len(page.slugs) == PAGE_SIZE for page in pages[1:])
    assert len(pages[0].slugs) < 2 * PAGE_SIZE


@given(st.integers(0, 200))
def test_a_new_item_changes_the_first_page_and_at_most_two_more(count: int) -> None:
    before = {page.path: page for page in leaves("index.html", many(count))}
    after = {page.path: page for page in leaves("index.html", many(count + 1))}
    changed = [path for path, page in after.items() if before.get(path) != page]
    assert before.keys() <= after.keys()
    assert len(changed) <= (1 if (count + 1) % PAGE_SIZE else 3)
    assert changed[0] == "index.html"


def test_pages_name_their_neighbours_and_are_numbered_from_the_oldest() -> None:
    pages = leaves("kinds/report/index.html", many(4 * PAGE_SIZE + 1))
    assert [(page.path, page.newer, page.older) for page in pages] == [
        ("kinds/report/index.html", None, "kinds/report/page/3/index.html"),
        ("kinds/report/page/3/index.html", "kinds/report/index.html", "kinds/report/page/2/index.html"),
        ("kinds/report/page/2/index.html", "kinds/report/page/3/index.html", "kinds/report/page/1/index.html"),
        ("kinds/report/page/1/index.html", "kinds/report/page/2/index.html", None),
    ]


def test_an_empty_list_is_one_page() -> None:
    [page] = leaves("index.html", [])
    assert page.slugs == ()
    assert page.newer is page.older is None
