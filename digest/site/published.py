"""What a build did to public/."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Published:
    """Counts of files."""

    written: int
    unchanged: int
    removed: int
    changed: frozenset[str] = field(default=frozenset(), compare=False)  # paths of the files written
