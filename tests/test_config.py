import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import Config, Digest, load_config
from digest.errors import InvalidInput, UnfitText
from digest.signing_key import SigningKey
from tests.items.samples import CONFIG, make_newsroom
from tests.mail.keys import ed25519_pem, encrypted_pem, rsa_pem

SECRET = "correct horse battery staple"  # noqa: S105 - of the tests
DIGEST = "digests:\n  weekly:\n    title: Weekly\n    schedule: {every: week, on: friday, at: 9:00}\n"
MAIL = "mail:\n  from: {name: Desk, email: digest@example.org}\n  smtp: [{host: mail.example.org, port: 25}]\n"


def loaded(folder: Path, config: str) -> Config:
    return load_config(make_newsroom(folder, config))


def problems(folder: Path, config: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        loaded(folder, config)
    return str(caught.value).splitlines()


def digest(folder: Path, settings: str) -> Digest:
    return loaded(folder, f"{CONFIG}digests:\n  weekly: {{title: Weekly, schedule: manual, {settings}}}\n").digests[
        "weekly"
    ]


def test_the_sample_newsrooms_configuration_is_read_whole() -> None:
    config = load_config(Path(__file__).parent.parent)

    assert config.newsroom.title == "Amparo Newsroom"
    assert config.digests["weekly"].schedule
    assert list(config.kinds) == ["press-release", "victory", "report", "campaign", "update"]


def test_sections_may_be_left_out(tmp_path: Path) -> None:
    config = loaded(tmp_path / "n", CONFIG)

    assert (config.mail, config.web, config.digests, config.feeds.entries) == (None, None, {}, 50)


def test_comments_may_stand_behind_settings(tmp_path: Path) -> None:
    assert loaded(tmp_path / "n", f"{CONFIG}feeds:\n  entries: 20 # enough\n").feeds.entries == 20


def test_a_folder_without_configuration_is_no_newsroom(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"has no config.yaml. Go to the newsroom's folder, or run `digest init`."):
        load_config(tmp_path / "nowhere")


def test_a_configuration_that_cannot_be_read_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").mkdir()

    with pytest.raises(InvalidInput, match=r"config\.yaml: error: the file cannot be read: Is a directory"):
        load_config(tmp_path)


def test_another_file_can_stand_in_for_it(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "n", "broken: [")
    (tmp_path / "last-good.yaml").write_text(CONFIG)

    assert load_config(newsroom, tmp_path / "last-good.yaml").newsroom.title == "Example Newsroom"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("newsroom:", "newroom:", "the field 'newroom' is unknown. Did you mean 'newsroom'?"),
        ("Europe/Madrid", "Europe/Madird", "newsroom.timezone: 'Europe/Madird' is not a time zone."),
        (
            "  timezone",
            "  logo: /srv/logo.png\n  timezone",
            "newsroom.logo: '/srv/logo.png' is no place in the newsroom's folder. Copy the file there,",
        ),
        ("  timezone", "  logo: ../logo.png\n  timezone", "newsroom.logo: '../logo.png' is no place in the newsroom's"),
        ("  timezone", "  icon: https://x.example/a.png\n  timezone", "newsroom.icon: 'https://x.example/a.png' is no"),
        ("id: 6d0f3a5e-8a53", "id: x6d0f3a5e", "newsroom.id: 'x6d0f3a5e-4a0c-9f5b-3c1f2b7e9d10' is not a UUID."),
        ("report:", "Big Report:", "kinds.Big Report: the key 'Big Report' cannot stand in an address."),
        (
            "{en: Asylum, es: Asilo}",
            "{english: Asylum}",
            "topics.asylum.label.english: 'english' is not a language tag.",
        ),
        ("{en: Asylum, es: Asilo}", "{}", "topics.asylum.label: nothing stands here. Give at least one."),
        ("{en: Asylum, es: Asilo}", "[Asylum]", "topics.asylum.label: a list stands where a group of fields belongs."),
        ("https://news.example.org", "news.example.org", "newsroom.url: 'news.example.org' is not a web address."),
        (
            "press@example.org",
            "press at example",
            "newsroom.contact.email: 'press at example' is not an e-mail address: it has no @.",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert any(f"error: {problem}" in line for line in problems(tmp_path / "n", CONFIG.replace(old, new)))


def test_all_that_is_wrong_is_named_at_once_with_its_place(tmp_path: Path) -> None:
    config = (
        f"{CONFIG}feeds: {{entries: many}}\nweb: {{listen: x, url: y}}\nfoo: bar\n{DIGEST.replace('friday', 'fryday')}"
    )

    assert [line.split(" ")[0] for line in problems(tmp_path / "n", config)] == [
        "config.yaml:14:9:",
        "config.yaml:15:7:",
        "config.yaml:15:18:",
        "config.yaml:16:1:",
        "config.yaml:20:29:",
    ]


def test_a_text_for_all_languages_or_one_for_each(tmp_path: Path) -> None:
    topics = loaded(tmp_path / "n", CONFIG).topics

    assert topics["prisons"].label.in_language("es") == "Prisons"
    assert [topics["asylum"].label.in_language(tag) for tag in ("es", "es-MX", "fr")] == ["Asilo", "Asilo", "Asylum"]


@pytest.mark.parametrize(
    "schedule",
    [
        "manual",
        "{every: day, at: 9:00}",
        "{every: week, on: friday, at: 9:00}",
        "{every: week, on: [monday, Friday], at: 9:00}",
        "{every: 2 weeks, on: 'monday, friday', at: 9:00, starting: 2026-11-16, timezone: America/New_York}",
        "{every: month, on: 1, at: 9:00}",
        "{every: month, on: [1, 31], at: 9:00}",
    ],
)
def test_schedules_that_fit(tmp_path: Path, schedule: str) -> None:
    loaded(tmp_path / "n", CONFIG + DIGEST.replace("{every: week, on: friday, at: 9:00}", schedule))


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("{every: fortnight, on: friday, at: 9:00}", "schedule.every: 'fortnight' is not known. Write 'day', 'week'"),
        ("{every: week, at: 9:00}", "schedule: `every: week` goes with weekdays in `on`. Give weekdays."),
        ("{every: week, on: 5, at: 9:00}", "schedule: `every: week` goes with weekdays in `on`."),
        ("{every: month, on: friday, at: 9:00}", "schedule: `every: month` goes with days of the month in `on`."),
        ("{every: day, on: friday, at: 9:00}", "schedule: `every: day` goes with none in `on`."),
        ("{every: month, on: 32, at: 9:00}", "schedule.on: '32' is no day to send on."),
        ("{every: month, on: 0, at: 9:00}", "schedule.on: '0' is no day to send on."),
        ("{every: week, on: friday, at: 25:00}", "schedule.at: '25:00' is not a time of day."),
        ("{every: week, on: friday}", "the field 'digests.weekly.schedule.at' is missing."),
        ("weekly", "schedule: a text stands where a group of fields belongs."),
    ],
)
def test_schedules_that_do_not_fit(tmp_path: Path, schedule: str, problem: str) -> None:
    config = CONFIG + DIGEST.replace("{every: week, on: friday, at: 9:00}", schedule)

    assert problem in problems(tmp_path / "n", config)[0]


def test_exceptions_move_a_slot_or_skip_it(tmp_path: Path) -> None:
    moved = digest(tmp_path / "a", "except: {2026-12-25: 2026-12-23, 2027-01-01: skip}").exceptions
    skipped = digest(tmp_path / "b", "except: [2026-12-25]").exceptions

    assert {str(day): str(to) for day, to in moved.items()} == {"2026-12-25": "2026-12-23", "2027-01-01": "None"}
    assert list(skipped.values()) == [None]


@pytest.mark.parametrize(
    "value", ["[[a]]", "[25.12.]", "{xmas: skip}", "{2026-12-25: no}", "{2026-12-25: [a]}", "xmas"]
)
def test_exceptions_that_are_no_days_are_problems(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidInput, match=r"digests.weekly.except: "):
        digest(tmp_path / "n", f"except: {value}")


def test_a_subject_knows_plain_names(tmp_path: Path) -> None:
    subject = "{newsroom}, {date}: {count} items, {lead} ({title})"

    assert digest(tmp_path / "n", f"subject: '{subject}'").subject == subject


@pytest.mark.parametrize(
    "subject",
    ["{nope}", "{title.x}", "{title[a]}", "{title!r}", "{title:>10}", "{}", "{0}", "{", "}", "{{title}}", "{title"],
)
def test_a_subject_is_no_template(tmp_path: Path, subject: str) -> None:
    with pytest.raises(InvalidInput, match=r"has unknown braces. Known: {title}, {lead}, {count}, {date}, {newsroom}."):
        digest(tmp_path / "n", f"subject: '{subject}'")


@given(st.text(alphabet="{}titlead.![0]:é", max_size=30))
def test_every_subject_that_is_accepted_can_be_filled(subject: str) -> None:
    names = ("title", "lead", "count", "date", "newsroom")
    try:
        accepted = Digest.model_validate({"title": "T", "schedule": "manual", "subject": subject}).subject
    except ValueError:
        return
    accepted.format(**dict.fromkeys(names, "x"))


def test_a_digest_takes_only_kinds_and_topics_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        digest(tmp_path / "n", "include: {kinds: [report, novel], topics: [asylum, prisn]}")

    assert [str(problem) for problem in caught.value.problems] == [
        "config.yaml:15:71: error: digest weekly: 'novel' is not one of the kinds. Known: press-release, report.",
        "config.yaml:15:96: error: digest weekly: 'prisn' is not one of the topics. Known: asylum, prisons.",
    ]


def test_a_value_can_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_HOST", "relay.example.org")
    monkeypatch.setenv("RELAY_PORT", "2525")
    mail = loaded(
        tmp_path / "n",
        CONFIG + MAIL.replace("mail.example.org", "{env: RELAY_HOST}").replace("25}", "{env: RELAY_PORT}}"),
    ).mail

    assert mail
    assert (mail.smtp[0].host, mail.smtp[0].port) == ("relay.example.org", 2525)


def test_a_value_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "host").write_text("relay.example.org\n")
    mail = loaded(tmp_path / "n", CONFIG + MAIL.replace("mail.example.org", "{file: ../host}")).mail

    assert mail
    assert mail.smtp[0].host == "relay.example.org"


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("{env: NOT_SET}", "the environment variable NOT_SET is not set. Set it where the program is started."),
        ("{env: EMPTY}", "the environment variable EMPTY is not set."),
        ("{file: nowhere}", "the file nowhere cannot be read. Create it, or mend its path or rights."),
        ("{file: /}", "the file / cannot be read."),
        ("{file: items/empty}", "the file items/empty is empty. Write the value into it."),
    ],
)
def test_a_reference_into_nothing_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, problem: str
) -> None:
    monkeypatch.setenv("EMPTY", "")
    newsroom = make_newsroom(tmp_path / "n", f"{CONFIG}{MAIL}  only_to: [{reference}]\n")
    (newsroom / "items" / "empty").touch()

    with pytest.raises(InvalidInput) as caught:
        load_config(newsroom)

    assert [line.partition("error: ")[2].startswith(problem) for line in str(caught.value).splitlines()] == [True]


def test_a_topic_may_be_called_file(tmp_path: Path) -> None:
    config = loaded(tmp_path / "n", CONFIG.replace("  asylum: {label: {en: Asylum, es: Asilo}}\n  prisons:", "  file:"))

    assert list(config.topics) == ["file"]


WITH_SECRETS = f"""\
{CONFIG}mail:
  from: {{name: Desk, email: digest@example.org}}
  smtp: [{{host: mail.example.org, username: u, password: {SECRET}}}]
web: {{url: 'https://news.example.org', keys: [{SECRET}]}}
database: {{url: 'postgresql+psycopg://u:{SECRET}@db/n'}}
"""


def test_secrets_show_in_no_output(tmp_path: Path) -> None:
    config = loaded(tmp_path / "n", WITH_SECRETS)
    shown = [
        repr(config),
        str(config),
        str(config.model_dump()),
        config.model_dump_json(),
        f"{config.mail} {config.web}",
    ]

    assert not any(SECRET in text for text in shown)
    assert config.web
    assert config.web.keys[0].get_secret_value() == SECRET


@pytest.mark.parametrize(
    "wrong",
    [
        f"mail: {{from: x, smtp: [{{host: h, port: x, passwort: {SECRET}}}]}}",
        f"mail: {SECRET}",
        f"mail: {{smtp: {SECRET}}}",
        f"web: {{keys: {{a: {SECRET}}}}}",
        f"database: postgresql://u:{SECRET}@db/n",
        f"database: [{SECRET}]",
        f"database: {{url: [{SECRET}]}}",
    ],
)
def test_secrets_show_in_no_problem(tmp_path: Path, wrong: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(InvalidInput) as caught:
        loaded(tmp_path / "n", f"{CONFIG}{wrong}\n")

    assert SECRET not in repr(caught.value) + str(caught.value) + caplog.text
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_mails_are_in_the_newsrooms_own_language_first_and_in_each_once(tmp_path: Path) -> None:
    further = CONFIG.replace("  timezone", "  language: es\n  languages: [en, es, pt-BR]\n  timezone")

    assert loaded(tmp_path / "a", further).newsroom.mail_languages == ("es", "en", "pt-BR")
    assert loaded(tmp_path / "b", CONFIG).newsroom.mail_languages == ("en",)


@pytest.mark.parametrize(
    ("languages", "problem"),
    [
        ("[es, spanish]", "newsroom.languages.1: 'spanish' is not a language tag. Write a BCP 47 tag, such as en, es"),
        ("es", "newsroom.languages: "),
    ],
)
def test_languages_that_are_none_are_problems(tmp_path: Path, languages: str, problem: str) -> None:
    config = CONFIG.replace("  timezone", f"  languages: {languages}\n  timezone")

    assert any(f"error: {problem}" in line for line in problems(tmp_path / "n", config))


def test_a_digests_title_may_be_one_for_each_language(tmp_path: Path) -> None:
    config = CONFIG + DIGEST.replace("title: Weekly", "title: {en: The week, es: La semana}")
    title = loaded(tmp_path / "n", config).digests["weekly"].title

    assert [title.in_language(tag) for tag in ("en", "es-MX", "fr")] == ["The week", "La semana", "The week"]
    assert loaded(tmp_path / "o", CONFIG + DIGEST).digests["weekly"].title.in_language("es") == "Weekly"


def test_one_key_or_one_address_need_not_be_a_list(tmp_path: Path) -> None:
    config = loaded(tmp_path / "n", f"{CONFIG}web: {{url: 'https://x.org', keys: abc}}\nalerts: {{email: a@b.org}}\n")

    assert config.web
    assert (len(config.web.keys), config.alerts.email) == (1, ("a@b.org",))


@pytest.mark.parametrize("listen", ["8000", "localhost", "localhost:http", "::1:8000", "x:99999"])
def test_an_address_to_listen_on_has_a_host_and_a_port(tmp_path: Path, listen: str) -> None:
    assert len(problems(tmp_path / "n", f"{CONFIG}web: {{url: 'https://x.org', listen: '{listen}'}}\n")) == 1


REMEDY = "Make one by `openssl genrsa -out var/dkim.pem 2048` and name that file: `key: {file: var/dkim.pem}`."


def signing(folder: Path, *, domain: str = "example.org", selector: str = "digest", key: str | None = None) -> Config:
    newsroom = make_newsroom(
        folder, f"{CONFIG}{MAIL}  dkim: {{domain: {domain}, selector: '{selector}', key: {{file: dkim.pem}}}}\n"
    )
    (newsroom / "dkim.pem").write_text(key or rsa_pem())
    return load_config(newsroom)


@pytest.mark.parametrize(
    ("sender", "domain", "signs"),
    [
        ("digest@example.org", "example.org", "example.org"),
        ("digest@mail.example.org", "example.org", "example.org"),
        ("digest@example.org", "EXAMPLE.org", "example.org"),
        ("digest@xn--bcher-kva.example", "bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_signature_speaks_for_the_domain_of_from_or_for_one_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sender: str, domain: str, signs: str
) -> None:
    monkeypatch.setattr("tests.test_config.MAIL", MAIL.replace("digest@example.org", sender))
    mail = signing(tmp_path / "n", domain=domain).mail

    assert mail
    assert mail.dkim
    assert (mail.dkim.domain, mail.dkim.key.get_secret_value()) == (signs, rsa_pem().strip())


@pytest.mark.parametrize("domain", ["example.com", "mail.example.org", "ample.org"])
def test_a_signature_that_says_nothing_about_from_is_a_problem(tmp_path: Path, domain: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        signing(tmp_path / "n", domain=domain)

    assert str(caught.value) == (
        f"config.yaml:17:10: error: mail.dkim.domain: '{domain}' says nothing about mail from example.org. "
        "Sign as example.org, or as a domain above it."
    )


@pytest.mark.parametrize("selector", ["a_b", "-a", "a..b", "a.", "x" * 64, "Digest", "a b", "é"])
def test_a_selector_is_a_name_in_dns(tmp_path: Path, selector: str) -> None:
    with pytest.raises(InvalidInput, match=r"mail.dkim.selector: .* cannot be a selector. Use a-z, 0-9 and hyphens"):
        signing(tmp_path / "n", selector=selector)


@pytest.mark.parametrize("domain", ["example", "example..org", "org.", "'@example.org'", "exa_mple.org"])
def test_what_is_no_domain_signs_nothing(tmp_path: Path, domain: str) -> None:
    with pytest.raises(InvalidInput, match=r"mail.dkim.domain: .* is not a domain. Write it like example.org."):
        signing(tmp_path / "n", domain=domain)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (encrypted_pem(), "the private key is encrypted, and nobody could type its password"),
        (ed25519_pem(), "the private key is not RSA, the one sort that all receivers verify"),
        (rsa_pem(1024), "the private key has 1024 bits; 2048 to 4096 are needed"),
        (rsa_pem().replace("M", "N"), "this is no private key in PEM"),
        (SECRET, "this is no private key in PEM"),
    ],
    ids=["encrypted", "not RSA", "short", "damaged", "something else"],
)
def test_a_key_that_cannot_sign_is_refused_with_how_to_make_one(tmp_path: Path, key: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        signing(tmp_path / "n", key=key)

    assert str(caught.value) == f"config.yaml:17:51: error: mail.dkim.key: {problem}. {REMEDY}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_key_shows_nowhere(tmp_path: Path) -> None:
    config = signing(tmp_path / "n")
    middle = rsa_pem().splitlines()[5]

    assert middle not in repr(config) + str(config.model_dump()) + config.model_dump_json() + repr(config.mail)


def test_a_larger_key_than_receivers_verify_is_refused() -> None:
    assert SigningKey(rsa_pem(4096)).bits == 4096
    with pytest.raises(UnfitText, match="the private key has 4224 bits"):
        SigningKey(rsa_pem(4224))
