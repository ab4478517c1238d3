"""`digest edition pause`, `resume`, `cancel`, `report`, `receipts` and `explain`."""

import json
from pathlib import Path

import pytest

from digest.actions import send
from tests.acceptance.mailing import approved
from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk, desk_in
from tests.cli.conftest import Run
from tests.delivery.scripted_server import scripted_server

EDITION = "weekly/2026-11-27"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk whose edition is being sent: one got it, one bounced, one is left."""
    with desk_in(tmp_path / "newsroom") as made:
        made.write("strike")
        made.subscribe("ben@paper.example", "cho@paper.example")
        made.at("2026-11-26 10:00")
        made.approve()
        made.clock.move_to(madrid("2026-11-27 09:00"))
        made.post.refused, made.post.greylisted = {"ben@paper.example"}, {"cho@paper.example"}
        send.deliver(made.office, send.start(made.office, made.edition()), lambda: False)
    return made


def test_it_is_paused_resumed_and_cancelled(digest: Run, desk: Desk) -> None:
    def run(*words: str) -> tuple[int, str, list[str]]:
        ended = digest("edition", *words, "--newsroom", desk.folder)
        return ended.code, ended.out, ended.lines

    sums = "1 sent, 1 deferred, 1 bounced"
    assert run("pause", EDITION) == (0, f"{EDITION} is paused: {sums}\n", [])
    go_on, end_it = (f"`digest edition {what} {EDITION}`" for what in ("resume", "cancel"))
    assert run("pause", EDITION) == (
        1,
        "",
        [f"{EDITION} is paused already. Go on with {go_on}, or end it with {end_it}."],
    )
    code, out, _ = run("resume", EDITION)
    assert (code, out.splitlines()[0]) == (0, f"{EDITION} is sending: {sums}")
    assert run("cancel", EDITION, "--reason", "wrong") == (
        0,
        f"{EDITION} is cancelled: 1 sent, 1 bounced, 1 skipped\n",
        [],
    )
    code, _, [said] = run("resume", EDITION)
    assert (code, said) == (1, f"{EDITION} is cancelled: it was not stopped midway. Look with `digest edition show`.")


def test_what_is_not_sent_yet_is_cancelled_without_a_word_of_recipients(digest: Run, tmp_path: Path) -> None:
    with desk_in(tmp_path / "newsroom") as desk:
        desk.write("strike")
        desk.at("2026-11-26 10:00")
    ended = digest("edition", "cancel", EDITION, "--newsroom", desk.folder)
    assert (ended.code, ended.out) == (0, f"{EDITION} is cancelled.\n")


def test_the_report_accounts_for_every_row_in_words(digest: Run, desk: Desk) -> None:
    ended = digest("edition", "report", EDITION, "--newsroom", desk.folder)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        f"{EDITION} is sending; 3 recipients:",
        "1 sent",
        "1 deferred",
        "1 bounced",
        "",
        "deferred: cho@paper.example (1 attempt, again at 2026-11-27T08:05:00Z): 451 4.3.0 later (at RCPT)",
        "bounced: ben@paper.example (1 attempt): 550 5.7.1 no (at RCPT)",
    ]


def test_the_report_is_one_json_object(digest: Run, desk: Desk) -> None:
    told = json.loads(digest("edition", "report", EDITION, "--newsroom", desk.folder, "--json").out)
    assert told["total"] == sum(told["recipients"].values()) == 3
    assert (told["edition"], told["state"], told["skipped"]) == (EDITION, "sending", {})
    assert told["recipients"] | {"sent": 1, "bounced": 1, "deferred": 1} == told["recipients"]
    assert [(row["address"], row["state"], row["attempts"]) for row in told["named"]] == [
        ("cho@paper.example", "deferred", 1),
        ("ben@paper.example", "bounced", 1),
    ]


def test_the_report_of_an_edition_that_nobody_was_sent_is_empty_and_whole(digest: Run, tmp_path: Path) -> None:
    with desk_in(tmp_path / "newsroom") as desk:
        desk.write("strike")
        desk.at("2026-11-26 10:00")
    told = json.loads(digest("edition", "report", EDITION, "--newsroom", desk.folder, "--json").out)
    assert (told["total"], told["named"], told["dated"]) == (0, [], None)
    assert digest("edition", "report", "weekly/2026-01-02", "--newsroom", desk.folder).code == 1


def test_it_explains_in_words_and_as_json(digest: Run, desk: Desk) -> None:
    explain = ("edition", "explain", EDITION, "--newsroom", desk.folder)
    ended = digest(*explain, "ana@paper.example")
    assert ended.code == 0
    assert ended.out.startswith(f"ana@paper.example, {EDITION}: they got it: ")
    assert "\n      strike " in ended.out
    told = json.loads(digest(*explain, "ben@paper.example", "--json").out)
    assert (told["got"], told["state"], told["attempts"], told["variant"]) == (False, "bounced", 1, "en")
    ended = digest(*explain, "nobody@paper.example")
    assert (ended.code, ended.out) == (1, "")


def test_receipts_are_csv_or_json_lines(digest: Run, desk: Desk) -> None:
    receipts = ("edition", "receipts", EDITION, "--newsroom", desk.folder)
    head, line = digest(*receipts).out.splitlines()
    assert head == "address,edition,at,variant,items"
    assert line.startswith(f"ana@paper.example,{EDITION},2026-11-27T08:00:00Z,en,strike@")
    [told] = digest(*receipts, "--item", "strike", "--json").out.splitlines()
    assert json.loads(told)["address"] == "ana@paper.example"
    assert digest(*receipts, "--item", "other").lines == [f"{EDITION} did not carry 'other'. It carried: strike."]


@pytest.mark.parametrize("words", [(), ("--addresses",)])
def test_send_logs_who_was_refused_in_json_by_number_and_by_address_only_when_asked(
    digest: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    refusal = b"550 5.1.1 <reader0@reader.example> is unknown"
    with (
        scripted_server({"RCPT": refusal}) as server,
        approved(tmp_path, "sqlite:///var/digest.db", server.port, 1) as (path, edition),
    ):
        ended = digest("edition", "send", edition, "--json", *words, "--newsroom", path)
    assert json.loads(ended.out)["recipients"]["bounced"] == 1
    events = {told["event"]: told for told in map(json.loads, ended.lines) if "event" in told}
    assert set(events) == {"row", "progress", "run", "notice"}
    assert (events["row"]["edition"], events["row"]["state"]) == (edition, "bounced")
    assert (events["progress"]["refused"], events["progress"]["left"], events["run"]["bounced"]) == (1, 0, 1)
    assert ("reader0" in ended.err) == bool(words)


def test_send_says_nothing_of_single_readers_to_people(digest: Run, tmp_path: Path) -> None:
    with (
        scripted_server({"RCPT": b"550 5.1.1 unknown"}) as server,
        approved(tmp_path, "sqlite:///var/digest.db", server.port, 1) as (path, edition),
    ):
        ended = digest("edition", "send", edition, "--newsroom", path)
    assert ended.out == f"{edition} is sent: 1 bounced\n"
    assert "subscriber" not in ended.err
