from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import Mail
from digest.mail.dns_records import (
    Fault,
    Record,
    Setup,
    dkim_faults,
    dmarc_faults,
    dmarc_names,
    records,
    setup_of,
    spf_faults,
)
from digest.signing_key import SigningKey
from tests.mail.keys import rsa_pem

KEY = SigningKey(rsa_pem()).public()
SETUP = Setup("example.org", "mail.example.org", ("smtp.example.org",), "example.org", "digest", KEY)


def mail(**settings: object) -> Mail:
    usual = {"from": {"name": "Desk", "email": "digest@example.org"}, "smtp": [{"host": "smtp.example.org"}]}
    return Mail.model_validate(usual | settings)


def said(faults: Iterable[Fault]) -> list[str]:
    return [f"{fault.level}: {fault.message}" for fault in faults]


# What to publish


def test_the_records_follow_from_the_configuration() -> None:
    dkim = {"domain": "example.org", "selector": "digest", "key": rsa_pem()}
    published = records(setup_of(mail(bounces="bounces@mail.example.org", dkim=dkim), KEY))

    assert [(record.name, record.text) for record in published] == [
        ("mail.example.org", "v=spf1 a:smtp.example.org ~all"),
        ("digest._domainkey.example.org", f"v=DKIM1; k=rsa; p={KEY}"),
        ("_dmarc.example.org", "v=DMARC1; p=none"),
    ]


def test_without_bounces_the_envelope_is_of_the_domain_of_from_and_who_does_not_sign_has_no_key_to_publish() -> None:
    assert [(record.sort, record.name) for record in records(setup_of(mail()))] == [
        ("SPF", "example.org"),
        ("DMARC", "_dmarc.example.org"),
    ]


@pytest.mark.parametrize(
    ("hosts", "mechanisms"),
    [
        (["smtp.example.org", "two.example.org", "smtp.example.org"], "a:smtp.example.org a:two.example.org"),
        (["192.0.2.7", "2001:db8::7"], "ip4:192.0.2.7 ip6:2001:db8::7"),
        (["localhost", "127.0.0.1", "::1"], "mx"),
    ],
)
def test_spf_lets_in_each_mail_server_once_by_what_is_known_of_it(hosts: list[str], mechanisms: str) -> None:
    [spf, _] = records(setup_of(mail(smtp=[{"host": host} for host in hosts])))

    assert spf.text == f"v=spf1 {mechanisms} ~all"


@given(st.integers(1, 900))
def test_a_zone_file_gets_strings_of_at_most_255_octets(length: int) -> None:
    record = Record("DKIM", "x._domainkey.example.org", "k" * length, "")
    head, *strings = record.zone_line.replace(" )", "").split(' "')

    assert head == "x._domainkey.example.org. IN TXT ("
    assert "".join(string.removesuffix('"') for string in strings) == "k" * length
    assert max(map(len, strings)) <= 256
    assert len(strings) == -(-length // 255)


def test_what_we_print_is_what_we_accept() -> None:
    spf, dkim, dmarc = records(SETUP)

    assert said(spf_faults([spf.text])) == []
    assert said(dkim_faults([dkim.text], KEY)) == []
    assert said(dmarc_faults(SETUP, {dmarc.name: [dmarc.text]})) == []


# SPF


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 -all",
        "V=SPF1 include:_spf.example.net a mx/24 a:b.example.org/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~ALL",
        "v=spf1 redirect=_spf.example.net",
        "v=spf1 exists:%{i}._spf.example.org ?ptr ptr:example.org exp=explain.example.org -all",
        f"v=spf1 {' '.join(['include:x.example'] * 10)} ip4:192.0.2.1 -all",
    ],
)
def test_an_spf_record_that_fits(text: str) -> None:
    assert said(spf_faults(["another text", text, "v=spf10 other"])) == []


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        ([], ["error: there is no SPF record"]),
        (["v=spf10 -all", "spf1 -all"], ["error: there is no SPF record"]),
        (["v=spf1 -all", "v=spf1 mx -all"], ["error: there are 2 SPF records, so receivers take none of them"]),
        (["v=spf1 +all"], ["error: the SPF record lets everybody send as you, by `+all`"]),
        (["v=spf1 mx all"], ["error: the SPF record lets everybody send as you, by `+all`"]),
        (["v=spf1 mx ?all"], ["warning: the SPF record does not say that nobody else sends"]),
        (["v=spf1 mx"], ["warning: the SPF record does not say that nobody else sends"]),
        (["v=spf1"], ["warning: the SPF record does not say that nobody else sends"]),
        (
            ["v=spf1 inlcude:x.example -all"],
            ["error: SPF knows no 'inlcude:x.example', so receivers take nothing of the record"],
        ),
        (
            [f"v=spf1 {' '.join(['include:x.example'] * 8)} a mx:b.example ptr -all"],
            ["error: the SPF record needs 11 lookups, and receivers give up after 10"],
        ),
    ],
)
def test_an_spf_record_that_does_not_fit(texts: list[str], faults: list[str]) -> None:
    assert said(spf_faults(texts)) == faults


# DKIM


@pytest.mark.parametrize(
    "text",
    [
        f"p={KEY}",
        f"v=DKIM1;k=rsa;p={KEY[:200]} {KEY[200:]};",
        f"v=DKIM1; h=sha1:sha256; s=*; t=s; n=a note; p={KEY}",
        f"k = rsa ; s=email ; p = {KEY}",
    ],
)
def test_a_dkim_record_that_fits(text: str) -> None:
    assert said(dkim_faults([text], KEY)) == []


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        ([], ["error: there is no DKIM record"]),
        (["v=spf1 -all"], ["error: there is no DKIM record"]),
        ([f"p={KEY}", f"p={KEY}"], ["error: there are 2 DKIM records, and receivers may take any"]),
        (["v=DKIM1; p="], ["error: p= is empty: the key was revoked"]),
        ([f"p={KEY[:-4]}"], ["error: p= is not the public half of mail.dkim.key"]),
        ([f"v=DKIM2; p={KEY}"], ["error: v=DKIM2 does not fit our signatures"]),
        ([f"k=ed25519; p={KEY}"], ["error: k=ed25519 does not fit our signatures"]),
        ([f"h=sha1; p={KEY}"], ["error: h=sha1 does not fit our signatures"]),
        ([f"s=tlsrpt; p={KEY}"], ["error: s=tlsrpt does not fit our signatures"]),
        ([f"t=s:y; p={KEY}"], ["warning: t=y says that signatures are a trial"]),
    ],
)
def test_a_dkim_record_that_does_not_fit(texts: list[str], faults: list[str]) -> None:
    assert said(dkim_faults(texts, KEY)) == faults


# DMARC


def test_a_policy_may_stand_at_the_domain_or_above_it() -> None:
    assert dmarc_names("news.mail.example.org") == [
        "_dmarc.news.mail.example.org",
        "_dmarc.mail.example.org",
        "_dmarc.example.org",
    ]


def policy(text: str, name: str = "_dmarc.example.org", **changes: str) -> list[str]:
    setup = Setup(**{**vars(SETUP), **changes})
    return said(dmarc_faults(setup, {name: ["another text", text]}))


@pytest.mark.parametrize(
    "text", ["v=DMARC1; p=none", "v=DMARC1;p=Reject;rua=mailto:x@y.org", "v=DMARC1; p=quarantine;"]
)
def test_a_policy_that_fits(text: str) -> None:
    assert policy(text) == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("p=none", ["error: there is no DMARC record"]),
        ("v=DMARC1", ["error: the policy p= is unknown"]),
        ("v=DMARC1; p=refuse", ["error: the policy p=refuse is unknown"]),
    ],
)
def test_a_policy_that_does_not_fit(text: str, faults: list[str]) -> None:
    assert policy(text) == faults


def test_the_nearest_policy_holds() -> None:
    setup = Setup("mail.example.org", "mail.example.org", ())
    above = {"_dmarc.example.org": ["v=DMARC1; p=none"]}

    assert said(dmarc_faults(setup, above)) == []
    assert said(dmarc_faults(setup, above | {"_dmarc.mail.example.org": ["v=DMARC1; p=x"]})) == [
        "error: the policy p=x is unknown"
    ]
    assert said(dmarc_faults(setup, {"_dmarc.org": ["v=DMARC1; p=none"]})) == ["error: there is no DMARC record"]


def test_two_policies_at_one_name_are_none() -> None:
    assert said(dmarc_faults(SETUP, {"_dmarc.example.org": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})) == [
        "error: there are 2 DMARC records at _dmarc.example.org, so receivers take none of them"
    ]


SPF_IN_VAIN = "warning: SPF for {}, where return paths lead, says nothing about mail from {}"


@pytest.mark.parametrize(
    ("sender", "envelope", "signer", "text", "faults"),
    [
        ("example.org", "mail.example.org", "example.org", "p=none", []),
        ("mail.example.org", "example.org", "example.org", "p=none", []),
        ("a.example.org", "b.example.org", "example.org", "p=none", []),
        ("example.org", "example.org", "example.org", "p=none; adkim=s; aspf=s", []),
        ("example.org", "example.org", None, "p=none; adkim=s; aspf=s", []),
        ("example.org", "relay.example.com", "example.org", "p=none", ["relay.example.com"]),
        ("example.org", "sample.org", "example.org", "p=none", ["sample.org"]),
        ("example.org", "mail.example.org", "example.org", "p=none; aspf=s", ["mail.example.org"]),
        ("a.example.org", "a.example.org", "example.org", "p=none; adkim=s", []),
    ],
)
def test_spf_and_dkim_have_to_speak_for_the_domain_of_from(
    sender: str, envelope: str, signer: str | None, text: str, faults: list[str]
) -> None:
    setup = Setup(sender, envelope, (), signer)
    found = said(dmarc_faults(setup, {"_dmarc.example.org": [f"v=DMARC1; {text}"]}))
    in_vain = [SPF_IN_VAIN.format(domain, sender) for domain in faults]
    if signer not in {None, sender} and "adkim=s" in text:
        in_vain = [f"error: adkim=s wants signatures by {sender}, and mail.dkim signs as {signer}", *in_vain]

    assert found == in_vain


@given(st.lists(st.text(max_size=40)))
def test_no_text_in_dns_breaks_the_judgement(texts: list[str]) -> None:
    prefixed = [prefix + text for text in texts for prefix in ("", "v=spf1 ", "v=DMARC1; ", "p=")]

    assert said(spf_faults(prefixed)) != []
    assert said(dkim_faults(prefixed, KEY)) != []
    said(dmarc_faults(SETUP, {"_dmarc.example.org": prefixed}))
