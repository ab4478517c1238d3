"""A newsroom that tells its stories in two languages, to readers who choose what they get."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.actions import send
from digest.actions.compose import frozen_content
from digest.actions.publish import build_standing
from digest.addresses import parse_address
from digest.audience.interests import EVERYTHING, Interests, Variant
from digest.audience.requests import Wish
from digest.delivery.rows import RowState
from digest.editions.edition import State
from digest.errors import Refused
from digest.mail.offer import Offer
from tests.actions.desk import Desk
from tests.audience.events import agreed
from tests.store.rows import rows_of

NEWSROOM = {
    "id": "6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10",
    "title": "Desk",
    "organization": "Organisation",
    "url": "https://news.example",
    "language": "en",
    "languages": ["es"],
    "timezone": "Europe/Madrid",
    "contact": {"name": "Press desk"},
}
KINDS = {
    "update": {"label": "Update", "plural": {"en": "Updates", "es": "Novedades"}},
    "report": {"label": "Report", "plural": {"en": "Reports", "es": "Informes"}},
}
WEEKLY = {
    "title": {"en": "The week", "es": "La semana"},
    "schedule": {"every": "week", "on": "friday", "at": "09:00"},
    "subject": "{title}: {lead} ({count})",
}
REPORTS = Interests(kinds=frozenset({"report"}))
ANA, BEA, CAI = "ana@paper.example", "bea@paper.example", "cai@paper.example"  # reads en, es, and in de only reports


@pytest.fixture(autouse=True)
def bilingual(desk: Desk) -> None:
    desk.configure(newsroom=NEWSROOM, kinds=KINDS, digests={"weekly": WEEKLY})
    desk.subscribe(BEA, CAI)
    choose(desk, BEA, "es", EVERYTHING)
    choose(desk, CAI, "de", REPORTS)
    desk.go()
    desk.write("strike", "2026-11-24 10:00")
    desk.write("huelga", "2026-11-24 11:00", language="es", translation_of="strike")


def choose(desk: Desk, address: str, language: str, interests: Interests) -> None:
    who = desk.store.audience.get(parse_address(address).key)
    assert who
    desk.store.audience.choose(who.key, Wish(language, who.digests, interests), None, agreed(at=desk.clock()))


def mail_out(desk: Desk, name: str = "2026-11-27", eve: str = "2026-11-26") -> None:
    desk.at(f"{eve} 10:00")
    desk.approve(name)
    desk.at(f"{name} 09:00")
    assert desk.edition(name).state is State.SENT


def mails(desk: Desk, name: str = "2026-11-27") -> dict[str, EmailMessage]:
    """Return the mail of an edition that each reader got."""
    got = [(address, mail) for address, mail in desk.post.mails if mail["List-Id"]]
    return {address: mail for address, mail in got if str(mail["Feedback-ID"]).startswith(f"{name}:")}


def subjects(desk: Desk, name: str = "2026-11-27") -> dict[str, str]:
    return {address: str(mail["Subject"]) for address, mail in mails(desk, name).items()}


def carried(desk: Desk, name: str = "2026-11-27") -> dict[str, list[str]]:
    compositions = frozen_content(desk.newsroom, desk.edition(name)).compositions
    return {one.language: [entry.slug for entry in one.entries] for one in compositions}


def receipts(desk: Desk, name: str = "2026-11-27") -> dict[str, tuple[RowState, str]]:
    rows = rows_of(desk.store.deliveries, desk.edition(name).key)
    return {row.address: (row.state, row.reply) for row in rows}


def web_view(desk: Desk, below: str = "", name: str = "2026-11-27") -> Path:
    return desk.folder / "public" / "editions" / "weekly" / name / below / "index.html"


def test_each_reader_gets_the_story_once_in_their_language(desk: Desk) -> None:
    desk.write("census", "2026-11-25 10:00", kind="report")
    mail_out(desk)
    assert subjects(desk) == {
        ANA: "The week: Title of strike (2)",
        BEA: "La semana: Title of huelga (2)",
        CAI: "The week: Title of census (1)",
    }
    text = mails(desk)[BEA].get_body(("plain",))
    assert text
    assert "En esta edición:" in text.get_content()
    assert "https://news.example/editions/weekly/2026-11-27/es/" in text.get_content()
    assert "items/strike/" not in text.get_content()
    assert str(mails(desk)[BEA]["List-Id"]).startswith("La semana <weekly.")


def test_a_reader_whose_choice_leaves_nothing_is_skipped_with_that_reason(desk: Desk) -> None:
    mail_out(desk)
    assert receipts(desk)[CAI] == (RowState.SKIPPED, "nothing chosen in it")
    assert sorted(mails(desk)) == [ANA, BEA]


def test_a_reader_whose_kinds_were_all_taken_out_of_config_gets_everything_and_is_not_forgotten(desk: Desk) -> None:
    desk.configure(newsroom=NEWSROOM, kinds={"update": KINDS["update"]}, digests={"weekly": WEEKLY})
    mail_out(desk)
    assert subjects(desk)[CAI] == subjects(desk)[ANA]
    assert desk.store.audience.get(CAI).interests == REPORTS  # type: ignore[union-attr]  # as they chose


def test_of_several_kinds_those_that_config_still_has_are_what_a_reader_gets(desk: Desk) -> None:
    choose(desk, CAI, "de", Interests(kinds=frozenset({"report", "leaflet"})))
    mail_out(desk)
    assert receipts(desk)[CAI] == (RowState.SKIPPED, "nothing chosen in it")


def test_a_kind_that_the_edition_carries_is_chosen_also_when_config_has_it_no_more(desk: Desk) -> None:
    desk.write("census", "2026-11-25 10:00", kind="report")
    desk.at("2026-11-26 10:00")
    desk.approve()
    offer = Offer(frozen_content(desk.newsroom, desk.edition()), Interests(kinds=frozenset({"update"})))
    assert [entry.slug for entry in offer.chosen(Variant("en", REPORTS)).entries] == ["census"]


def test_a_reader_is_told_what_became_of_items_of_the_kinds_they_chose(desk: Desk) -> None:
    desk.write("census", "2026-11-25 10:00", kind="report")
    mail_out(desk)
    desk.write(
        "census", "2026-11-25 10:00", kind="report", corrections=[{"at": "2026-11-30 10:00", "note": "Forty-one."}]
    )
    desk.write("landed", "2026-12-01 10:00")
    mail_out(desk, "2026-12-04", "2026-12-03")
    assert subjects(desk, "2026-12-04")[CAI] == "The week: The week (0)"
    text = mails(desk, "2026-12-04")[CAI].get_body(("plain",))
    assert text
    assert "Forty-one." in text.get_content()
    assert "Title of landed" not in text.get_content()


def test_a_translation_that_comes_a_week_later_reaches_only_readers_of_its_language(desk: Desk) -> None:
    (desk.folder / "items" / "huelga.yaml").unlink()
    mail_out(desk)
    assert subjects(desk) == {ANA: "The week: Title of strike (1)", BEA: "La semana: Title of strike (1)"}
    desk.write("huelga", "2026-12-01 11:00", language="es", translation_of="strike")
    mail_out(desk, "2026-12-04", "2026-12-03")
    assert carried(desk, "2026-12-04") == {"en": [], "es": ["huelga"]}
    assert subjects(desk, "2026-12-04") == {BEA: "La semana: Title of huelga (1)"}
    assert receipts(desk, "2026-12-04")[ANA] == (RowState.SKIPPED, "nothing chosen in it")


def test_an_edition_that_says_nothing_goes_to_everybody_when_config_wants_it(desk: Desk) -> None:
    for name in ("strike", "huelga"):
        (desk.folder / "items" / f"{name}.yaml").unlink()
    desk.configure(newsroom=NEWSROOM, kinds=KINDS, digests={"weekly": WEEKLY | {"when_empty": "send"}})
    mail_out(desk)
    assert sorted(mails(desk)) == [ANA, BEA, CAI]


def test_what_is_decided_about_one_version_holds_for_the_story(desk: Desk) -> None:
    desk.write("landed", "2026-11-25 10:00")
    desk.at("2026-11-26 10:00")
    assert carried(desk) == {"en": ["landed", "strike"], "es": ["landed", "huelga"]}
    desk.edit(lead="huelga")
    assert carried(desk) == {"en": ["strike", "landed"], "es": ["huelga", "landed"]}
    desk.edit(without=["huelga"])
    assert carried(desk) == {"en": ["landed"], "es": ["landed"]}
    with pytest.raises(Refused, match=r"no item 'strike'. It has: landed"):
        desk.edit(without=["huelga"], lead="strike")


def test_what_was_left_out_comes_in_the_next_edition_in_every_language(desk: Desk) -> None:
    desk.write("landed", "2026-11-25 10:00")
    desk.at("2026-11-26 10:00")
    desk.edit(without=["huelga"])
    mail_out(desk)
    desk.at("2026-12-03 10:00")
    assert carried(desk, "2026-12-04") == {"en": ["strike"], "es": ["huelga"]}


def test_a_version_that_was_taken_back_after_approval_holds_the_edition(desk: Desk) -> None:
    desk.at("2026-11-26 10:00")
    desk.approve()
    back = {"at": "2026-11-26 12:00", "reason": "Wrong."}
    desk.write("huelga", "2026-11-24 11:00", language="es", translation_of="strike", withdrawn=back)
    desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().reason) == (State.HELD, "not public: huelga")
    assert not mails(desk)


def test_an_item_that_changes_after_approval_is_told_in_whatever_language_it_is(desk: Desk) -> None:
    desk.at("2026-11-26 10:00")
    desk.approve()
    desk.write("huelga", "2026-11-24 11:00", language="es", translation_of="strike", summary="Otra cosa.")
    desk.at("2026-11-26 11:00")
    assert any("huelga" in subject for subject in desk.told())


def test_the_web_view_in_each_language_says_what_its_mails_say(desk: Desk) -> None:
    mail_out(desk)
    english, spanish = web_view(desk).read_text(), web_view(desk, "es").read_text()
    assert '<html lang="en"' in english
    assert "Title of strike" in english
    assert "huelga" not in english
    assert '<html lang="es"' in spanish
    assert "Title of huelga" in spanish
    assert "La semana" in spanish
    assert "unsubscribe" not in spanish
    assert "preferences" not in spanish
    listed = (desk.folder / "public" / "editions" / "index.html").read_text()
    assert 'href="../editions/weekly/2026-11-27/es/" lang="es" hreflang="es"' in listed


def test_web_views_in_further_languages_are_kept_when_nothing_changes_and_cleaned_of_what_is_taken_back(
    desk: Desk,
) -> None:
    mail_out(desk)
    before = web_view(desk, "es").stat().st_mtime_ns
    desk.configure(newsroom=NEWSROOM | {"languages": []}, kinds=KINDS, digests={"weekly": WEEKLY})
    build_standing(desk.newsroom, desk.store.editions.mailed(), desk.clock())
    assert "Title of huelga" in web_view(desk, "es").read_text()
    assert web_view(desk, "es").stat().st_mtime_ns == before
    back = {"at": "2026-11-27 09:00", "reason": "Zrsn", "show": "nothing"}
    desk.write("huelga", "2026-11-24 11:00", language="es", translation_of="strike", withdrawn=back)
    build_standing(desk.newsroom, desk.store.editions.mailed(), desk.clock())
    for word in ("huelga", "Zrsn"):
        assert word not in web_view(desk, "es").read_text()
    assert "Title of strike" in web_view(desk).read_text()
    web_view(desk, "es").unlink()
    build_standing(desk.newsroom, desk.store.editions.mailed(), desk.clock())
    assert web_view(desk, "es").is_file()


def test_an_edition_whose_web_view_in_a_further_language_is_missing_is_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.at("2026-11-26 10:00")
    edition = desk.approve()
    monkeypatch.setattr("digest.actions.begin.bring_out", lambda *_: web_view(desk, "es").unlink())
    with pytest.raises(Refused, match=r"the site lacks .*editions/weekly/2026-11-27/es/index\.html"):
        send.start(desk.office, edition)
