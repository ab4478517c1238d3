"""What a mail answers that was asked for on the web."""

import pytest

from digest.audience.requests import ERASED, Purpose, Says, answer, forbids, unwanted
from digest.audience.subscriber import Consent


@pytest.mark.parametrize("barred", [None, ERASED])
def test_whoever_is_not_barred_or_was_erased_may_come_back(barred: str | None) -> None:
    assert not forbids(barred)
    assert answer(Purpose.SUBSCRIBE, None, barred) is Says.CONFIRM
    assert not unwanted(Says.CONFIRM, Consent.ASKED, barred)


@pytest.mark.parametrize("barred", ["5.1.1", "complaint"])
def test_whoever_bounced_or_complained_is_mailed_nothing(barred: str) -> None:
    assert forbids(barred)
    assert answer(Purpose.SUBSCRIBE, None, barred) is None
    assert unwanted(Says.CONFIRM, Consent.ASKED, barred)
