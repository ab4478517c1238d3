"""What an edition has for whom: the one rule of who gets a mail of it, asked whenever it is sent, tested or shown."""

from dataclasses import dataclass, replace
from functools import cached_property

from digest.audience.interests import Interests, Variant
from digest.editions.freezing import Frozen
from digest.mail.arrangement import Wanted, wanted


@dataclass(frozen=True)
class Offer:
    """A frozen edition before its readers' choices."""

    frozen: Frozen
    known: Interests  # the kinds and topics that config.yaml has

    def standing(self, variant: Variant) -> Variant:
        """Return the variant without what there is no more: of a list of which nothing is left, everything is wanted.

        What the edition itself carries there is, whatever was taken out of config.yaml since it was composed.
        """
        return replace(variant, interests=variant.interests.within(self._offered))

    def chosen(self, variant: Variant) -> Wanted:
        """Return what readers of the variant want of the edition."""
        standing = self.standing(variant)
        return wanted(self.frozen.version_for(standing.language).composition, standing.interests)

    def leaves_nothing(self, variant: Variant) -> bool:
        """Return whether readers of the variant get no mail of it.

        An edition that says nothing in any language goes out because `when_empty` wants it, so it goes to everybody.
        """
        return not self._says_nothing and self.chosen(variant).empty

    @cached_property
    def _says_nothing(self) -> bool:
        return all(composition.empty for composition in self.frozen.compositions)

    @cached_property
    def _offered(self) -> Interests:
        entries = [entry for composition in self.frozen.compositions for entry in composition.entries]
        changes = [change for composition in self.frozen.compositions for change in composition.changes]
        kinds = {entry.kind for entry in entries} | {change.kind for change in changes}
        topics = {topic for entry in entries for topic in entry.topics}
        topics |= {topic for change in changes for topic in change.topics}
        return Interests(self.known.kinds | kinds, self.known.topics | topics)
