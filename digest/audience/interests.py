"""What a subscriber wants of a digest, and in which language: all who want the same get the same variant of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

_KINDS, _TOPICS = "kinds", "topics"


@dataclass(frozen=True)
class Interests:
    """The kinds and topics somebody chose; none chosen means all. An item must fit both."""

    kinds: frozenset[str] = frozenset()  # keys in config.yaml
    topics: frozenset[str] = frozenset()

    def include(self, kind: str, topics: Collection[str]) -> bool:
        """Return whether an item of that kind and those topics is wanted."""
        return (not self.kinds or kind in self.kinds) and (not self.topics or not self.topics.isdisjoint(topics))

    def within(self, known: "Interests") -> "Interests":
        """Return what there still is of what was chosen; none left of a list is all of it, as none chosen is."""
        return Interests(self.kinds & known.kinds, self.topics & known.topics)

    def __str__(self) -> str:
        """Return the one way of writing them down, such as `kinds:report topics:asylum,prisons`; empty: everything."""
        given = ((_KINDS, self.kinds), (_TOPICS, self.topics))
        return " ".join(f"{name}:{','.join(sorted(keys))}" for name, keys in given if keys)

    @classmethod
    def of(cls, text: str) -> Self:
        """Return what `str` has written down."""
        given = dict(word.split(":") for word in text.split())
        kinds, topics = (frozenset(given.get(name, "").split(",")) - {""} for name in (_KINDS, _TOPICS))
        return cls(kinds, topics)


EVERYTHING = Interests()


def narrowed(chosen: Collection[str], known: Collection[str]) -> frozenset[str]:
    """Return which of the kinds or topics that config.yaml has were chosen; who chose all of them wants everything."""
    return frozenset(chosen) if set(chosen) != set(known) else frozenset()


@dataclass(frozen=True)
class Variant:
    """What tells a recipient's mail from others of the same edition."""

    language: str  # BCP 47, of the subscriber
    interests: Interests = EVERYTHING

    def __str__(self) -> str:
        """Return the one way of writing it down, such as `es kinds:report`."""
        return f"{self.language} {self.interests}".rstrip()

    @classmethod
    def of(cls, text: str) -> Self:
        """Return what `str` has written down."""
        language, _, interests = text.partition(" ")
        return cls(language, Interests.of(interests))
