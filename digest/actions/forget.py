"""Forget what is needed only for a time, as `privacy` in config.yaml says."""

from datetime import datetime

from digest.actions.ports import Office
from digest.audience.limits import COUNTED


def forget(office: Office, at: datetime) -> None:
    """Forget old IP addresses, who never confirmed, requests that no limit counts any more, and old letters."""
    privacy = office.newsroom.config.privacy
    office.store.audience.forget(at - privacy.consent_ip, at - privacy.unconfirmed)
    long_ago = at - max(privacy.unconfirmed, COUNTED)  # by then no link in a letter is worth anything
    office.store.requests.forget(at - COUNTED, long_ago)
    office.store.letters.forget(long_ago)
