"""An item as bytes that it can be made of again without checking anything anew."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

from digest.config import Contact
from digest.images.variants import Variant
from digest.items.item import Asset, Attachment, Correction, Item, Link, Picture, Withdrawal, item_with
from digest.validation import Fields


@cache
def _items() -> TypeAdapter[Item]:
    """Return what writes items as bytes; made when it is needed, since most builds keep none and it takes 2 ms."""
    return TypeAdapter(Item)


def bytes_of(item: Item) -> bytes:
    """Return the item as JSON."""
    return _items().dump_json(item, exclude_defaults=True)


def item_of(data: bytes) -> Item:
    """Return the item that `bytes_of` wrote; nothing of it is checked."""
    return item_with(fields_of(data))


def fields_of(data: bytes | str) -> dict[str, Any]:
    """Return what JSON says of an item, or of some of its fields, in their types."""
    said: dict[str, Any] = from_json(data)
    return {name: _MAKERS[name](value) if name in _MAKERS else value for name, value in said.items()}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _one(model: type[Fields]) -> Callable[[Mapping[str, Any]], Fields]:
    return lambda said: model.model_construct(**said)


def _timed(model: type[Fields]) -> Callable[[Mapping[str, Any]], Fields]:
    return lambda said: model.model_construct(**{**said, "at": _moment(said["at"])})


def _many(make: Callable[[Mapping[str, Any]], Fields]) -> Callable[[list[Any]], tuple[Fields, ...]]:
    return lambda said: tuple(make(one) for one in said)


def _assets(said: Mapping[str, Any]) -> dict[str, Asset]:
    return {name: _asset(one) for name, one in said.items()}


def _asset(said: Mapping[str, Any]) -> Asset:
    variants = tuple(Variant(**{**one, "path": Path(one["path"])}) for one in said.get("variants", ()))
    return Asset(**{**said, "path": Path(said["path"]), "variants": variants})


_MAKERS: Mapping[str, Callable[[Any], object]] = {
    "published": _moment,
    "updated": _moment,
    "featured": _moment,
    "image": _one(Picture),
    "images": _many(_one(Picture)),
    "topics": tuple,
    "authors": tuple,
    "contact": _one(Contact),
    "documents": _many(_one(Attachment)),
    "links": _many(_one(Link)),
    "aliases": tuple,
    "corrections": _many(_timed(Correction)),
    "withdrawn": _timed(Withdrawal),
    "assets": _assets,
}
