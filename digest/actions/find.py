"""Find an edition by its id."""

from digest.actions.ports import Store
from digest.editions.edition import Edition, parse_id
from digest.errors import Refused


def find_edition(store: Store, edition_id: str) -> Edition:
    """Return the edition that people call `edition_id`; Refused when there is none."""
    digest, day, seq = parse_id(edition_id)
    edition = store.editions.get(digest, day, seq)
    if edition is None:
        raise Refused(f"there is no edition {edition_id}", "`digest edition list` shows those there are.")
    return edition
