from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from digest.actions.doctor import Diagnosis, examine, examine_dns, exit_code, records_of
from digest.actions.newsroom import Newsroom
from digest.config import Relay, load_config
from digest.errors import OutsideFailure, Refused
from tests.items.samples import CONFIG, make_newsroom, write_item
from tests.mail.keys import rsa_pem

MAIL = """\
mail:
  from: {name: Desk, email: digest@example.org}
  smtp: [{host: one.example.org, username: desk}, {host: two.example.org, port: 465, security: tls}]
"""
WEB = "web: {url: 'https://news.example.org'}\n"
DKIM = "  dkim: {domain: example.org, selector: digest, key: {file: dkim.pem}}\n"


def newsroom(folder: Path, config: str = CONFIG + MAIL + DKIM + WEB) -> Newsroom:
    made = make_newsroom(folder / "newsroom", config)
    (made / "dkim.pem").write_text(rsa_pem())
    return Newsroom(made, load_config(made))


def welcome(relay: Relay) -> None:
    assert relay.host


def shut(relay: Relay) -> None:
    raise OutsideFailure(f"{relay.host} cannot be reached", "Start it.")


def found(where: Newsroom) -> dict[str, Diagnosis]:
    return {diagnosis.subject: diagnosis for diagnosis in examine(where, lambda: True, dict, welcome)}


def test_a_newsroom_that_has_all_it_needs_is_well(tmp_path: Path) -> None:
    where = newsroom(tmp_path)
    write_item(where.folder)
    diagnoses = list(examine(where, lambda: True, dict, welcome))

    assert [str(diagnosis) for diagnosis in diagnoses] == [
        "config.yaml: ok: it can be read and every value fits.",
        "items: ok: no problems.",
        "newsroom.url: ok: https://news.example.org.",
        "web.url: ok: https://news.example.org.",
        "database: ok: it is there and up to date.",
        "mail.smtp: ok: one.example.org:587 lets us in, with STARTTLS and a login as desk.",
        "mail.smtp: ok: two.example.org:465 lets us in, with TLS.",
        "mail.dkim: ok: mail is signed as example.org, by an RSA key of 2048 bits.",
    ]
    assert exit_code(diagnoses) == 0


def test_the_problems_of_items_are_counted(tmp_path: Path) -> None:
    where = newsroom(tmp_path)
    write_item(where.folder, "a", updated="2026-11-01")
    assert str(found(where)["items"]) == "items: warning: 1 warning. Run `digest check`, which names each."

    write_item(where.folder, "b", kind="novel", topics="[x]")
    assert str(found(where)["items"]) == "items: error: 2 errors, 1 warning. Run `digest check`, which names each."


def test_a_database_not_made_yet_is_no_fault(tmp_path: Path) -> None:
    diagnoses = {one.subject: one for one in examine(newsroom(tmp_path), lambda: False, dict, welcome)}

    assert str(diagnoses["database"]) == "database: ok: there is none yet; it is made when it is needed."


@pytest.mark.parametrize(
    ("error", "code"), [(Refused("it is outdated", "Migrate."), 1), (OutsideFailure("it is gone", "Start it."), 3)]
)
def test_a_database_that_cannot_be_used_is_told_with_the_remedy(
    tmp_path: Path, error: Refused | OutsideFailure, code: int
) -> None:
    def fails() -> NoReturn:
        raise error

    diagnoses = list(examine(newsroom(tmp_path), fails, fails, welcome))

    assert f"database: error: {error}" in map(str, diagnoses)
    assert exit_code(diagnoses) == code


def test_each_mail_server_is_knocked_at(tmp_path: Path) -> None:
    diagnoses = [str(one) for one in examine(newsroom(tmp_path), lambda: True, dict, shut) if one.level == "error"]

    assert diagnoses == [
        "mail.smtp: error: one.example.org cannot be reached. Start it.",
        "mail.smtp: error: two.example.org cannot be reached. Start it.",
    ]


def test_an_address_without_https_is_a_warning_for_the_site_and_an_error_for_unsubscribing(tmp_path: Path) -> None:
    where = newsroom(tmp_path, (CONFIG + MAIL + WEB).replace("https:", "http:"))

    assert (found(where)["newsroom.url"].level, found(where)["web.url"].level) == ("warning", "error")


def test_mail_needs_an_address_to_unsubscribe_at(tmp_path: Path) -> None:
    assert found(newsroom(tmp_path, CONFIG + MAIL))["web.url"].level == "error"


def test_a_site_alone_needs_no_mail(tmp_path: Path) -> None:
    where = newsroom(tmp_path, CONFIG)

    assert exit_code(found(where).values()) == 0
    assert found(where)["mail"].message == "config.yaml has no mail, so this is a site only"
    with pytest.raises(Refused, match="has no section `mail`"):
        records_of(where)


def test_who_does_not_sign_is_told_who_has_to(tmp_path: Path) -> None:
    assert found(newsroom(tmp_path, CONFIG + MAIL + WEB))["mail.dkim"].message == (
        "Digest does not sign its mail, so the mail server has to"
    )


def test_what_failed_outside_counts_more_than_what_is_wrong_inside() -> None:
    inside, outside = Diagnosis("items", "error", "x"), Diagnosis("mail.smtp", "error", "x", outside=True)
    warning = Diagnosis("items", "warning", "x", outside=True)

    assert [exit_code(group) for group in ([], [warning], [inside, inside, warning], [inside, outside])] == [0, 0, 1, 3]


# DNS


def told(where: Newsroom, zone: Mapping[str, Sequence[str]]) -> list[str]:
    return [str(diagnosis) for diagnosis in examine_dns(where, lambda name, _: zone.get(name, ()))]


def test_a_domain_that_publishes_our_records_is_well(tmp_path: Path) -> None:
    where = newsroom(tmp_path)
    zone = {record.name: [record.text] for record in records_of(where)}

    assert told(where, zone) == [
        "SPF of example.org: ok: it is published and fits.",
        "DKIM of digest._domainkey.example.org: ok: it is published and fits.",
        "DMARC of _dmarc.example.org: ok: it is published and fits.",
    ]


def test_a_domain_that_publishes_nothing_is_told_what_is_missing(tmp_path: Path) -> None:
    assert [line.partition(". ")[0] for line in told(newsroom(tmp_path), {})] == [
        "SPF of example.org: error: there is no SPF record",
        "DKIM of digest._domainkey.example.org: error: there is no DKIM record",
        "DMARC of _dmarc.example.org: error: there is no DMARC record",
    ]


def test_another_key_in_dns_than_ours_is_found_out(tmp_path: Path) -> None:
    where = newsroom(tmp_path)
    zone = {record.name: [record.text] for record in records_of(where)}
    (where.folder / "dkim.pem").write_text(rsa_pem(number=1))
    renewed = Newsroom(where.folder, load_config(where.folder))

    [line] = [line for line in told(renewed, zone) if ": error: " in line]
    assert line == (
        "DKIM of digest._domainkey.example.org: error: p= is not the public half of mail.dkim.key. "
        "Publish the one that `digest doctor --dns` prints."
    )


def test_dns_that_does_not_answer_is_a_failure_outside(tmp_path: Path) -> None:
    def silent(name: str, _: str) -> Sequence[str]:
        raise OutsideFailure(f"no answer for {name}", "Wait.")

    diagnoses = list(examine_dns(newsroom(tmp_path), silent))

    assert str(diagnoses[0]) == "SPF of example.org: error: no answer for example.org. Wait."
    assert (len(diagnoses), exit_code(diagnoses)) == (3, 3)


def test_subscribers_who_chose_what_config_has_no_more_are_counted(tmp_path: Path) -> None:
    chosen = {"kinds:press-release": 7, "kinds:gone,press-release": 2, "topics:lost": 1000}
    [said] = [
        one for one in examine(newsroom(tmp_path), lambda: True, lambda: chosen, welcome) if one.level == "warning"
    ]
    assert (said.subject, said.message) == (
        "subscribers",
        "1,002 subscribers chose what config.yaml does not have any more: gone, lost",
    )
