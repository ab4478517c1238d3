"""Newsrooms to measure: the same items as a newsroom of Digest and as a site of Hugo, without pictures.

story(number) ─┬─▶ items/<date>-item-<number>.yaml      beside the sample newsroom's config.yaml
               └─▶ content/items/item-<number>.md       beside bench/hugo/

What an item says is drawn from its number: the same on every machine, and no two alike.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.config import load_config
from digest.template_files import shipped_templates

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
NEWEST = 200_000  # the number of the item that is published at NOW; a number is an hour
_SAMPLE = Path(__file__).parents[1]  # the sample newsroom
_LAYOUTS = Path(__file__).with_name("hugo")

KINDS = ("press-release", "update", "report", "campaign", "victory")
_DRAWN = ("press-release", *KINDS)
TOPICS = ("asylum", "press-freedom", "digital-rights", "prisons", "environment", "womens-rights")
_PLACES = ("Verenna", "Sant Orrell", "Karsk", "Lower Tamm", "Brask", "Cape Skarn", "Norhaven")
_WHO = (
    "The mayor", "A nurse of the night shift", "Her eldest brother", "A man at the ministry", "The third witness",
    "A clerk in the archive", "Our observer", "The youngest of the judges", "A neighbour across the yard",
    "Every second teacher", "The harbour master", "An interpreter", "The woman at the gate", "A retired pilot",
    "One of the jurors", "The family’s lawyer",
)  # fmt: skip
_DID = (
    "kept", "read aloud", "asked twice for", "signed", "photographed", "could not find", "refused to hand over",
    "remembered", "had never seen", "copied by hand", "sent back", "translated", "counted", "hid", "made public",
    "still waits for",
)  # fmt: skip
_WHAT = (
    "the list of names", "a map of the northern road", "both telephones", "the order to clear the square",
    "a letter without a date", "the minutes of that night", "the keys to the school", "eleven pages of the report",
    "a recording of forty minutes", "the bill for the fence", "the permit", "her passport", "the water samples",
    "the second half of the contract", "a promise in writing", "the register of visitors",
)  # fmt: skip
_WHEN = (
    "before the hearing began", "on the way to the ferry", "while the lights were out", "a week after the vote",
    "in front of two officers", "at the end of the shift", "when the road was open again", "without being asked",
    "as the law demands", "in spite of the rain", "between two sessions of the court", "for the third time this year",
    "with the door open", "until the morning", "at her own expense", "long after everybody had left",
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """What an item says."""

    number: int
    published: datetime
    kind: str
    topics: tuple[str, ...]
    place: str
    title: str
    summary: str
    body: str  # Markdown, about 2.7 kB

    @property
    def id(self) -> str:
        """Return its UUID."""
        return f"{self.number:08x}-1111-4222-8333-444444444444"

    @property
    def slug(self) -> str:
        """Return what names its page."""
        return f"item-{self.number}"


def stories(items: int) -> Iterator[Story]:
    """Yield so many stories, an hour apart, up to the newest."""
    return map(story, range(NEWEST - items + 1, NEWEST + 1))


def story(number: int, wording: int = 0) -> Story:
    """Return the story of that number; `wording` changes its body and nothing else."""
    head, told = _chances(f"{number}"), _chances(f"{number} {wording}")
    first = next(head) % len(TOPICS)
    topics = {TOPICS[first], TOPICS[(first + next(head) % 3) % len(TOPICS)]}
    return Story(
        number=number,
        published=NOW - timedelta(hours=NEWEST - number),
        kind=_DRAWN[next(head) % len(_DRAWN)],
        topics=tuple(sorted(topics)),
        place=_PLACES[next(head) % len(_PLACES)],
        title=_sentence(head).removesuffix("."),
        summary=_sentences(head, 2),
        body=_body(told),
    )


def _chances(seed: str) -> Iterator[int]:
    """Yield bytes, the same for the same seed."""
    return iter(hashlib.shake_256(seed.encode()).digest(1_024))


def _sentence(chances: Iterator[int]) -> str:
    who, did, what, when = (words[next(chances) % len(words)] for words in (_WHO, _DID, _WHAT, _WHEN))
    return f"{who} {did} {what} {when}."


def _sentences(chances: Iterator[int], count: int) -> str:
    return " ".join(_sentence(chances) for _ in range(count))


def _body(chances: Iterator[int]) -> str:
    told = "\n\n".join(_sentences(chances, 5) for _ in range(3))
    listed = "\n".join(f"- **{_PLACES[next(chances) % len(_PLACES)]}:** {_sentence(chances)}" for _ in range(4))
    quoted = f"“{_sentence(chances)} *{_sentence(chances)}*”"
    linked = f"[All on {TOPICS[next(chances) % len(TOPICS)]}](https://www.example.org/{next(chances)}/)."
    closing = f"{_sentences(chances, 5)} {linked}\n\n{_sentences(chances, 5)}"
    return f"{told}\n\n## What we found\n\n{listed}\n\n> {quoted}\n\n{closing}\n"


def newsroom_of(folder: Path, items: int) -> Path:
    """Write a newsroom of so many items of about 2.7 kB, an hour apart, and return its folder."""
    shutil.copy(_SAMPLE / "config.yaml", folder)
    (folder / "items").mkdir()
    for each in stories(items):
        write_item(folder, each)
    return folder


def write_item(newsroom: Path, each: Story) -> None:
    """Write a story as Digest reads it."""
    body = "".join(f"  {line}\n" if line else "\n" for line in each.body.splitlines())
    text = (
        f"id: {each.id}\nkind: {each.kind}\ntitle: {each.title}\npublished: {each.published:%Y-%m-%d %H:%M}Z\n"
        f"summary: {each.summary}\ntopics: [{', '.join(each.topics)}]\nplace: {each.place}\nbody: |\n{body}"
    )
    (newsroom / f"items/{each.published:%Y-%m-%d}-{each.slug}.yaml").write_text(text, "utf-8")


def hugo_site_of(folder: Path, items: int) -> Path:
    """Write a site of Hugo with the same items, names and styles, and return its folder."""
    config = load_config(_SAMPLE)
    shutil.copytree(_LAYOUTS, folder, dirs_exist_ok=True)
    for name in ("static/assets", "data", "content/items"):
        (folder / name).mkdir(parents=True)
    shutil.copy(shipped_templates() / "site/site.css", folder / "static/assets")
    (folder / "data/newsroom.json").write_text(config.newsroom.model_dump_json(), "utf-8")
    (folder / "data/feeds.json").write_text(config.feeds.model_dump_json(), "utf-8")
    own = config.newsroom.language
    for key, kind in config.kinds.items():
        singular, plural = kind.label.in_language(own), kind.plural.in_language(own)
        _write_term(folder / "content/kinds" / key, f"title: {plural}\nlabel: {singular}\n", kind.boilerplate or "")
    for key, topic in config.topics.items():
        _write_term(folder / "content/topics" / key, f"title: {topic.label.in_language(own)}\n", "")
    for each in stories(items):
        write_page(folder, each)
    return folder


def _write_term(folder: Path, about: str, body: str) -> None:
    folder.mkdir(parents=True)
    (folder / "_index.md").write_text(f"---\n{about}---\n{body}", "utf-8")


def write_page(site: Path, each: Story) -> None:
    """Write a story as Hugo reads it."""
    text = (
        f"---\nid: {each.id}\ntitle: {each.title}\ndate: {each.published.isoformat()}\n"
        f"description: {each.summary}\nkinds: [{each.kind}]\ntopics: [{', '.join(each.topics)}]\n"
        f"place: {each.place}\n---\n{each.body}"
    )
    (site / f"content/items/{each.slug}.md").write_text(text, "utf-8")
