"""Steps of consent as tests take them."""

from datetime import UTC, datetime

from digest.audience.subscriber import Evidence

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def left(source: str = "one-click", evidence: str = "unsubscribed", at: datetime = NOON) -> Evidence:
    return Evidence(at, source, evidence)


def agreed(source: str = "confirmation", evidence: str = "the link", at: datetime = NOON) -> Evidence:
    return Evidence(at, source, evidence)
