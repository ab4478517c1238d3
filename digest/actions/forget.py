"""Forget what is needed only for a time, as `privacy` in config.yaml says."""

from datetime import datetime, timedelta

from digest.actions.ports import Office

_COUNTED = timedelta(days=1)  # the longest time of any limit


def forget(office: Office, at: datetime) -> None:
    """Forget old IP addresses, who never confirmed, requests that no limit counts any more, and old letters."""
    privacy = office.newsroom.config.privacy
    office.store.audience.forget(at - privacy.consent_ip, at - privacy.unconfirmed)
    long_ago = at - max(privacy.unconfirmed, _COUNTED)  # by then no link in a letter is worth anything
    office.store.requests.forget(at - _COUNTED, long_ago)
    office.store.letters.forget(long_ago)
