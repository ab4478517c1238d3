"""The pages of editions that were mailed, which mails lead to by "view in browser"."""

from dataclasses import dataclass
from datetime import date

from digest.site import paths
from digest.site.targets import Target


@dataclass(frozen=True)
class WebView:
    """The page of an edition, as the list of editions names it."""

    title: str
    language: str  # BCP 47
    date: date  # of its slot
    target: Target  # the page itself

    @property
    def path(self) -> str:
        """Return where it stands in public/."""
        return self.target.name

    @property
    def link(self) -> str:
        """Return its address from the root."""
        return paths.folder(self.path)
