"""A mailing on SQLite while others write into the same database and build the site."""

from collections.abc import Callable
from pathlib import Path

from tests.acceptance.mailing import approved, begin_to_send, run_digest
from tests.faults.sending import post

SLOWNESS = 0.05  # seconds for a message, over each of 8 connections


def test_a_mailing_an_import_and_a_build_at_the_same_time_are_all_done_and_nobody_waits_for_ever(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    readers, newcomers = rounds(600, 12_000), rounds(3_000, 100_000)
    listed = tmp_path / "list.csv"
    lines = (f"newcomer{number}@reader.example\n" for number in range(newcomers))
    listed.write_text("address\n" + "".join(lines), "utf-8")
    with (
        post(SLOWNESS) as server,
        approved(tmp_path, "sqlite:///var/digest.db", server.port, readers) as (path, edition),
    ):
        sender = begin_to_send(path, edition, server, 10)
        importing = run_digest(path, "subscribers", "import", str(listed), "--consent", "Asked by letter.")
        builds = [run_digest(path, "build") for _ in range(2)]
        for build in builds:
            assert build.communicate(timeout=300)[1] == ""
            assert build.returncode == 0
        imported, said = importing.communicate(timeout=600)
        assert importing.returncode == 0, said
        assert f"{newcomers} added" in imported.replace(",", "")
        sent, said = sender.communicate(timeout=600)  # it says now and then how far it is
        assert sender.returncode == 0, said
        assert f"{readers} sent" in sent.replace(",", "")
        copies = {address: count for address, count in server.copies.items() if address.startswith("reader")}
    assert len(copies) == readers
    assert set(copies.values()) == {1}
