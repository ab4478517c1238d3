import json
from datetime import UTC, datetime

import pytest

from digest.clock import fixed
from digest.log import Entry, Log, Trace

NOW = fixed(datetime(2026, 11, 27, 8, 0, tzinfo=UTC))
REPLY = "550 5.1.1 <ana.maria@paper.example>: unknown, ask postmaster@example.org"
ROW = Trace(f"subscriber 7 is bounced: {REPLY}", event="row", subscriber=7, reply=REPLY)


def logged(*lines: str, as_json: bool = False, addresses: bool = False) -> list[str]:
    written: list[str] = []
    log = Log(written.append, NOW, as_json=as_json, addresses=addresses)
    for line in lines:
        log(line)
    return written


def test_people_read_the_lines_but_not_the_traces() -> None:
    assert logged("serving", ROW, Entry("one is out of reach", event="server")) == ["serving", "one is out of reach"]


def test_machines_read_all_of_them_as_one_object_a_line_with_its_facts() -> None:
    plain, row = (json.loads(line) for line in logged("serving\nnow", ROW, as_json=True, addresses=True))
    assert plain == {"at": "2026-11-27T08:00:00Z", "line": "serving\nnow"}
    assert row == {"at": "2026-11-27T08:00:00Z", "line": str(ROW), "event": "row", "subscriber": 7, "reply": REPLY}
    assert all("\n" not in line for line in logged("serving\nnow", as_json=True))


@pytest.mark.parametrize("as_json", [False, True])
def test_no_address_is_named_unless_asked_for(*, as_json: bool) -> None:
    lines = [REPLY, ROW, "ana@paper.example could not be told", "MAIL FROM:<bounces+TOKEN@mail.example>"]
    text = "".join(logged(*lines, as_json=as_json))
    assert "a•••@paper.example" in text
    assert not any(word in text for word in ("ana", "postmaster@", "TOKEN"))
    assert "ana.maria@paper.example" in "".join(logged(*lines, as_json=as_json, addresses=True))


def test_what_is_known_outside_is_added_before_the_line_s_own_facts() -> None:
    row = ROW.with_facts(edition="weekly/2026-11-27", event="other")
    assert isinstance(row, Trace)
    assert row.facts == {"edition": "weekly/2026-11-27", "event": "row", "subscriber": 7, "reply": REPLY}
