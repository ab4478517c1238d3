"""What a build can make: each target one or a few files of public/, with a key that tells whether they still stand.

A target's key is made of the states of the items it shows (`survey.states`) and of whatever else its recipe is given.
What all targets depend on, the program, templates and config.yaml, stands in the stamp of the ledger instead.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from digest.images.variants import Variant
from digest.items.item import Asset
from digest.site.workshop import Workshop

Content = bytes | Asset | Variant  # a file's bytes, or the document or made image that holds them
Files = Mapping[str, Content]  # by path in public/


class Target(NamedTuple):
    """Files that are made together."""

    name: str  # no other target has it: the path of its main file
    key: str  # another one whenever any of its bytes may differ
    recipe: Callable[[Workshop], Files]  # can travel to another process
    near: int = 0  # place of its first item among all: what is near is made together, so that items are read once


def key(*parts: str) -> str:
    """Return what differs whenever any of the parts does."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()  # no part holds a NUL


def ready(files: Files, _workshop: Workshop) -> Files:
    """Return files that need no making; a recipe, as all that take a workshop last."""
    return files


def as_it_is(path: str, content: bytes) -> Target:
    """Return the target of a file whose bytes are there already."""
    return Target(path, hashlib.sha256(content).hexdigest(), partial(ready, {path: content}))
