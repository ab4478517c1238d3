"""Which items stand in which document of a feed.

shown items ─┬─▶ main feed ─┬─▶ atom.xml, feed.json, rss.xml   the newest
             │              └─▶ archive/<n>.xml                all, 100 a document, counted from the oldest
             ├─▶ a feed a kind and topic                       the newest of each
             └─▶ a feed a language, when there are several
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.site.feeds import Feed
from digest.site.survey import Survey

ARCHIVE_SIZE = 100  # items a document


@dataclass(frozen=True)
class Document:
    """One file of a feed: the one that readers poll, or an archive (RFC 5005 section 4)."""

    feed: Feed
    path: str  # in public/
    slugs: tuple[str, ...]  # of its items, newest first
    previous: str | None = None  # path of the archive with the next older items
    following: str | None = None  # path of the archive with the next newer items

    @property
    def archived(self) -> bool:
        """Return whether it is an archive."""
        return self.path != self.feed.path


def documents(survey: Survey) -> Iterator[Document]:
    """Yield every Atom document, the main feed's first."""
    main, *parts = survey.feeds
    least = survey.config.feeds.entries
    yield from _main_documents(main, survey.carried[main], archive_pages(survey), least)
    for feed in parts:
        yield Document(feed, feed.path, tuple(survey.carried[feed][:least]))


def _main_documents(
    feed: Feed, everything: Sequence[str], archives: Sequence[tuple[str, ...]], least: int
) -> Iterator[Document]:
    """Yield the document that is polled, then the archives from the oldest.

    The first holds everything after the last archive, so that no busy month falls into a gap between two polls, and
    at least `least` items.
    """
    where = [f"archive/{number}.xml" for number in range(1, len(archives) + 1)]
    archived = sum(len(page) for page in archives)
    newest = max(least, len(everything) - archived)
    yield Document(feed, feed.path, tuple(everything[:newest]), previous=where[-1] if where else None)
    for index, page in enumerate(archives):
        yield Document(
            feed,
            where[index],
            page,
            previous=where[index - 1] if index else None,
            following=where[index + 1] if index + 1 < len(where) else None,
        )


def archive_pages(survey: Survey) -> list[tuple[str, ...]]:
    """Return the slugs of what is in each archive, the oldest first; in each, the newest item comes first.

    An item that was withdrawn without trace is not shown but keeps its place, so that no other item moves to another
    archive: only a correction or a withdrawal changes an old one, and once the link to a new next one.
    """
    placed = [item.slug for item in survey.placed]
    beyond = len(placed) % ARCHIVE_SIZE  # the newest, which fill none yet
    starts = range(len(placed) - ARCHIVE_SIZE, beyond - 1, -ARCHIVE_SIZE)
    pages = [placed[start : start + ARCHIVE_SIZE] for start in starts]
    return [tuple(slug for slug in page if slug in survey.states) for page in pages]
