"""What an author asks for: check the files, mend ids, begin an item."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from digest import yamlfile
from digest.actions.editor_schema import refresh_schema
from digest.actions.emblems import emblem_problems
from digest.actions.writing import replace_file
from digest.config import Config, load_config
from digest.errors import InvalidInput, Problem, Refused
from digest.images.cache import Proofs
from digest.items.accepted import accepted_ids, mirror_of
from digest.items.checks import Reading
from digest.items.fixing import new_item_text, wants_new_id, with_id
from digest.items.item import ItemFields
from digest.items.loading import FOLDER, Loaded, images_cache, load_items, slug_of, sources
from digest.validation import validated

_MAX_SLUG_OF_TITLE = 60


def check(newsroom: Path) -> tuple[Problem, ...]:
    """Return every problem of config.yaml, of logo and icon, and of all items."""
    try:
        config = load_config(newsroom)
    except InvalidInput as error:
        return error.problems
    return (*emblem_problems(newsroom, config), *_loaded(newsroom, config).problems)


def _loaded(newsroom: Path, config: Config) -> Loaded:
    return load_items(newsroom, config, accepted_ids(mirror_of(newsroom)), Proofs(images_cache(newsroom)))


def mend_ids(newsroom: Path, new_id: Callable[[], str]) -> list[str]:
    """Give an id to each item that has none, and a new one to the copy of another; return the files mended.

    An item that was published already gets back the id that readers know it by. With a faulty config.yaml nothing is
    done: `check` names what is wrong with it.
    """
    try:
        config = load_config(newsroom)
    except InvalidInput:
        return []
    mended = []
    for reading in _loaded(newsroom, config).readings:
        if wants_new_id(reading):
            text = with_id(reading, _id_as_published(newsroom, reading) or new_id())
            if text is not None:
                replace_file(newsroom / reading.source, text)
                mended.append(reading.source)
    return mended


def _id_as_published(newsroom: Path, reading: Reading) -> str | None:
    return None if reading.copies_id else accepted_ids(mirror_of(newsroom)).get(reading.source)


def new_item(newsroom: Path, kind: str, title: str, now: datetime, identifier: str) -> Path:
    """Begin an item as a draft; return its file. Refused for an unknown kind, an unfit title or a taken slug."""
    config = load_config(newsroom)
    if kind not in config.kinds:
        raise Refused(f"the kind {kind!r} is unknown", f"config.yaml knows: {', '.join(config.kinds)}.")
    slug = slug_from(title) or f"{kind}-{identifier[:8]}"
    taken = [source for source in sources(newsroom) if slug_of(source) == slug]
    if taken:
        raise Refused(f"the slug {slug!r} is that of {taken[0]}", "Choose another title.")
    text = new_item_text(kind, title, identifier, "../../item.schema.json").encode()
    _refuse_unfit(text)
    today = now.astimezone(config.newsroom.timezone).date()
    path = newsroom / FOLDER / str(today.year) / f"{today}-{slug}.yaml"
    refresh_schema(newsroom, "item")
    replace_file(path, text)
    return path


def _refuse_unfit(text: bytes) -> None:
    _, problems = validated(ItemFields, yamlfile.parse(text, "the new item"), "the new item")
    if problems:
        raise Refused(problems[0].message, problems[0].remedy)


def slug_from(title: str) -> str:
    """Return a slug of the title's letters and digits, whole words only; empty when none of them are Latin."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", plain.replace("'", "")):
        if len(slug) + len(word) >= _MAX_SLUG_OF_TITLE:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug
