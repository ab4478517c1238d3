"""Forget what is needed only for a time, as `privacy` in config.yaml says."""

from datetime import datetime, timedelta

from digest.actions.ports import Office

_COUNTED = timedelta(days=1)  # the longest time of any limit


def forget(office: Office, at: datetime) -> None:
    """Forget old IP addresses, who never confirmed, and the requests that no limit counts any more."""
    privacy = office.newsroom.config.privacy
    office.store.audience.forget(at - privacy.consent_ip, at - privacy.unconfirmed)
    office.store.requests.forget(at - _COUNTED)
