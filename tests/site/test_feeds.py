import uuid
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from digest.config import Config
from digest.items.item import Item
from digest.site import feeds
from digest.site.documents import ARCHIVE_SIZE, Document, archive_pages, documents
from digest.site.survey import survey
from tests.site.samples import CONFIG, NOW, hours, item

NEVER = {"at": hours(-1), "reason": "Wrong.", "show": "nothing"}


def many(count: int, **fields: object) -> list[Item]:
    """Return that many items an hour apart, the oldest first."""
    return [item(f"n{number}", published=hours(number - 1000), **fields) for number in range(count)]


def main_documents(config: Config, items: Sequence[Item]) -> list[Document]:
    return [document for document in documents(survey(config, items, NOW)) if document.feed.sort is feeds.Sort.MAIN]


def test_there_is_a_feed_for_everything_each_kind_and_each_topic() -> None:
    assert [feed.path for feed in survey(CONFIG, [], NOW).feeds] == [
        "atom.xml",
        "kinds/press-release/atom.xml",
        "kinds/report/atom.xml",
        "topics/asylum/atom.xml",
        "topics/prisons/atom.xml",
    ]


def test_there_is_a_feed_a_language_only_when_there_are_several() -> None:
    made = [item("a"), item("b", language="es"), item("draft", language="fr", published=hours(1))]
    languages = [feed for feed in survey(CONFIG, made, NOW).feeds if feed.sort is feeds.Sort.LANGUAGE]
    assert [(feed.path, feed.title, feed.language) for feed in languages] == [
        ("languages/en/atom.xml", "Example Newsroom: English", "en"),
        ("languages/es/atom.xml", "Example Newsroom: español", "es"),
    ]


def test_each_feed_has_an_id_of_its_own_that_comes_from_the_newsroom_and_its_key() -> None:
    made = survey(CONFIG, [item(language="es")], NOW).feeds
    assert len({feed.id for feed in made}) == len(made)
    newsroom = uuid.UUID(CONFIG.newsroom.id)
    assert made[0].id == uuid.uuid5(newsroom, "feed").urn
    assert made[1].id == uuid.uuid5(newsroom, "feed:kind:press-release").urn


def test_a_feed_carries_what_belongs_to_it_and_no_more_than_asked_for() -> None:
    config = CONFIG.model_copy(update={"feeds": CONFIG.feeds.model_copy(update={"entries": 2})})
    made = [*many(4, topics=["asylum"]), item("report", kind="report", language="es", topics=["asylum", "prisons"])]
    carried = {document.path: list(document.slugs) for document in documents(survey(config, made, NOW))}
    assert carried == {
        "atom.xml": ["report", "n3", "n2", "n1", "n0"],
        "kinds/press-release/atom.xml": ["n3", "n2"],
        "kinds/report/atom.xml": ["report"],
        "topics/asylum/atom.xml": ["report", "n3"],
        "topics/prisons/atom.xml": ["report"],
        "languages/en/atom.xml": ["n3", "n2"],
        "languages/es/atom.xml": ["report"],
    }


def test_a_few_items_need_no_archive() -> None:
    assert [document.path for document in main_documents(CONFIG, many(ARCHIVE_SIZE - 1))] == ["atom.xml"]


def test_archives_are_full_and_linked_in_both_directions() -> None:
    made = main_documents(CONFIG, many(2 * ARCHIVE_SIZE + 7))
    assert [(each.path, each.previous, each.following, len(each.slugs)) for each in made] == [
        ("atom.xml", "archive/2.xml", None, 50),
        ("archive/1.xml", None, "archive/2.xml", ARCHIVE_SIZE),
        ("archive/2.xml", "archive/1.xml", None, ARCHIVE_SIZE),
    ]
    assert made[1].slugs[:2] == ("n99", "n98")


def test_the_polled_document_holds_everything_after_the_last_archive() -> None:
    newest, *archives = main_documents(CONFIG, many(2 * ARCHIVE_SIZE - 1))
    assert newest.slugs[-1] == "n100"
    assert len(archives) == 1


def test_a_new_item_changes_no_archive() -> None:
    before = archive_pages(survey(CONFIG, many(2 * ARCHIVE_SIZE + 50), NOW))
    after = archive_pages(survey(CONFIG, many(2 * ARCHIVE_SIZE + 51), NOW))
    assert before == after


def test_an_item_withdrawn_without_trace_changes_only_its_own_archive() -> None:
    made = many(3 * ARCHIVE_SIZE)
    before = archive_pages(survey(CONFIG, made, NOW))
    made[150] = item("n150", published=made[150].published, withdrawn=NEVER)
    after = archive_pages(survey(CONFIG, made, NOW))
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert "n150" not in after[1]


@given(
    moments=st.lists(st.integers(-300, 20), max_size=450),
    gone=st.sets(st.integers(0, 449)),
    entries=st.integers(1, 120),
)
def test_every_shown_item_is_in_an_archive_or_in_the_polled_document(
    moments: list[int], gone: set[int], entries: int
) -> None:
    made = [
        FEW[number % len(FEW)].model_copy(update=_told(number, moment, gone)) for number, moment in enumerate(moments)
    ]
    config = CONFIG.model_copy(update={"feeds": CONFIG.feeds.model_copy(update={"entries": entries})})
    newest, *archives = main_documents(config, made)
    read = set(newest.slugs).union(*(archive.slugs for archive in archives))
    public = {each.slug for each in made if each.published and each.published <= NOW and not each.withdrawn}
    assert read == public
    assert len(newest.slugs) >= min(entries, len(public))


FEW = [item(), item(kind="report"), item(language="es")]
WITHDRAWN = item(withdrawn=NEVER, published=hours(-9000)).withdrawn


def _told(number: int, moment: int, gone: set[int]) -> dict[str, object]:
    withdrawn = WITHDRAWN if number in gone and moment < -1 else None
    return {"slug": f"s{number}", "published": hours(moment), "withdrawn": withdrawn}
