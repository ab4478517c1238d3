import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from digest.errors import OutsideFailure
from digest.wiring import newsroom_at, open_store
from tests.cli.conftest import Run
from tests.delivery.scripted_server import scripted_server
from tests.items.samples import CONFIG, write_item
from tests.mail.keys import rsa_pem

WEB = "web: {url: 'https://news.example.org'}\n"


def mail(port: int) -> str:
    return f"""\
mail:
  from: {{name: Desk, email: digest@example.org}}
  smtp: [{{host: 127.0.0.1, port: {port}, security: none}}]
  dkim: {{domain: example.org, selector: digest, key: {{file: var/dkim.pem}}}}
"""


@pytest.fixture(autouse=True)
def key(newsroom: Path) -> str:
    (newsroom / "var").mkdir()
    (newsroom / "var" / "dkim.pem").write_text(rsa_pem())
    return rsa_pem()


def test_a_mail_server_is_greeted_and_left_without_a_mail(newsroom: Path, digest: Run) -> None:
    write_item(newsroom)
    with scripted_server() as server:
        (newsroom / "config.yaml").write_text(CONFIG + mail(server.port) + WEB)
        ended = digest("doctor")

        assert [command.partition(" ")[0] for command in server.commands] == ["ehlo", "QUIT"]
    assert (ended.code, ended.out, len(ended.lines)) == (0, "", 7)
    assert f"mail.smtp: ok: 127.0.0.1:{server.port} lets us in, without encryption." in ended.lines


def test_a_mail_server_that_is_not_there_is_3_and_a_fault_of_the_newsrooms_own_1(newsroom: Path, digest: Run) -> None:
    with scripted_server() as server:
        port = server.port
    (newsroom / "config.yaml").write_text(CONFIG + mail(port) + WEB)
    ended = digest("doctor")

    assert ended.code == 3
    assert f"mail.smtp: error: 127.0.0.1:{port} cannot be reached: Connection refused." in ended.err

    (newsroom / "config.yaml").write_text(CONFIG)
    write_item(newsroom, kind="novel")
    assert digest("doctor").code == 1


def test_an_outdated_database_is_told_with_its_remedy(newsroom: Path, digest: Run) -> None:
    assert "database: ok: there is none yet; it is made when it is needed." in digest("doctor").lines
    assert not (newsroom / "var" / "digest.db").exists()

    open_store(newsroom_at(newsroom))
    assert "database: ok: it is there and up to date." in digest("doctor").lines

    with closing(sqlite3.connect(newsroom / "var" / "digest.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    ended = digest("doctor")
    assert ended.code == 1
    assert any(
        line.startswith("database: error: the database is at revision 0000") and "digest migrate" in line
        for line in ended.lines
    )


def test_a_faulty_config_yaml_is_told_line_by_line(newsroom: Path, digest: Run, key: str) -> None:
    (newsroom / "config.yaml").write_text(CONFIG + mail(0).replace("digest,", "'a b',") + WEB)
    ended = digest("doctor")

    assert (ended.code, len(ended.lines)) == (1, 2)
    assert all(line.startswith(("config.yaml:16:", "config.yaml:17:")) for line in ended.lines)
    assert key.splitlines()[3] not in ended.err


@pytest.fixture
def zone(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return what DNS holds, at first nothing; the newsroom sends mail."""
    with scripted_server() as server:
        (newsroom / "config.yaml").write_text(CONFIG + mail(server.port) + WEB)
    held: dict[str, list[str]] = {}
    monkeypatch.setattr("digest.wiring.lookup_in_dns", lambda name, _: held.get(name, []))
    monkeypatch.setattr("digest.wiring.knock", lambda relay: relay)
    return held


def test_the_records_are_printed_for_a_zone_file_and_accepted_when_they_are_there(
    zone: dict[str, list[str]], digest: Run
) -> None:
    ended = digest("doctor", "--dns")
    assert (ended.code, ended.err.count(": error: ")) == (1, 3)

    for line in filter(None, ended.out.splitlines()):
        if not line.startswith("; "):
            name, strings = re.fullmatch(r"(\S+)\. IN TXT \( (.*) \)", line).groups()  # type: ignore[union-attr]
            zone[name] = ["".join(re.findall(r'"([^"]*)"', strings))]
    assert list(zone) == ["example.org", "digest._domainkey.example.org", "_dmarc.example.org"]
    ended = digest("doctor", "--dns")
    assert (ended.code, ended.err.count("it is published and fits")) == (0, 3)


def test_the_records_are_printed_also_where_dns_is_out_of_reach(
    zone: dict[str, list[str]], digest: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(name: str, _: str) -> Sequence[str]:
        raise OutsideFailure(f"DNS gave no answer for {name}", "Try again.")

    monkeypatch.setattr("digest.wiring.lookup_in_dns", silent)
    ended = digest("doctor", "--dns")

    assert zone == {}
    assert (ended.code, ended.out.count(" IN TXT ( ")) == (3, 3)
    assert "SPF of example.org: error: DNS gave no answer for example.org. Try again." in ended.lines


def test_json_holds_the_records_and_all_findings(zone: dict[str, list[str]], digest: Run, key: str) -> None:
    ended = digest("doctor", "--dns", "--json")
    told = json.loads(ended.out)

    assert zone == {}
    assert (ended.code, ended.err) == (1, "")
    assert [(record["sort"], record["type"]) for record in told["records"]] == [
        ("SPF", "TXT"), ("DKIM", "TXT"), ("DMARC", "TXT"),
    ]  # fmt: skip
    assert told["findings"][-1] == {
        "subject": "DMARC of _dmarc.example.org",
        "level": "error",
        "message": "there is no DMARC record",
        "remedy": "Publish the one that `digest doctor --dns` prints.",
        "outside": False,
    }
    assert not any(line in ended.out for line in key.splitlines()[1:-1] if len(line) == 64)


def test_a_newsroom_without_mail_has_nothing_for_dns(newsroom: Path, digest: Run) -> None:
    assert newsroom
    ended = digest("doctor", "--dns")

    assert (ended.code, ended.lines) == (
        1, ["config.yaml has no section `mail`, so DNS need not know anything. Add it, or leave out --dns."],
    )  # fmt: skip
