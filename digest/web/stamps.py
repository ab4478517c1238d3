"""The stamp in a form that anybody may send: we made it, a moment ago and not days ago.

Programs that fill in forms do so at once, or send again what they kept.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from digest.audience import tokens

_AT_LEAST = timedelta(seconds=2)  # nobody reads and fills in the form faster
_AT_MOST = timedelta(days=1)
_NOBODY = 0

Age = Literal["right", "young", "void"]


def stamp(keys: Sequence[bytes], form: str, at: datetime) -> str:
    """Return the stamp of a form that is shown now."""
    return tokens.sign(keys, _purpose(form), _NOBODY, int(at.timestamp()))


def age(keys: Sequence[bytes], form: str, text: str, at: datetime) -> Age:
    """Return whether a stamp has the right age; `void` is one that is too old, of another form, or not ours."""
    claim = tokens.verify(keys, _purpose(form), text)
    if claim is None:
        return "void"
    passed = at - datetime.fromtimestamp(claim.number, UTC)
    if passed > _AT_MOST or passed < -_AT_LEAST:
        return "void"
    return "right" if passed >= _AT_LEAST else "young"


def _purpose(form: str) -> str:
    return f"form {form}"
