"""The newsroom that actions act for."""

from dataclasses import dataclass
from pathlib import Path

from digest.config import Config
from digest.editions.edition import Edition


@dataclass(frozen=True)
class Newsroom:
    """A newsroom's folder with the configuration in force."""

    folder: Path  # absolute
    config: Config

    @property
    def public(self) -> Path:
        """Return where the site is written."""
        return self.folder / "public"

    @property
    def var(self) -> Path:
        """Return where the program keeps its own files."""
        return self.folder / "var"

    def frozen(self, edition: Edition) -> Path:
        """Return the folder of an edition's frozen contents."""
        return self.var / "editions" / edition.digest / edition.name
