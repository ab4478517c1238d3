from collections.abc import Callable

from sqlalchemy.engine import Engine

from digest.audience.interests import Interests
from digest.audience.subscriber import Consent
from digest.store.choices import counted_choices

REPORTS = Interests(kinds=frozenset({"report"}))


def test_the_choices_of_confirmed_subscribers_are_counted(engine: Engine, join: Callable[..., int]) -> None:
    join("ana")
    for name in ("ben", "cho"):
        join(name, interests=REPORTS)
    join("dia", interests=REPORTS, state=Consent.ASKED)
    assert counted_choices(engine) == {"kinds:report": 2}
