"""Looking at editions: the next one as it would be composed, a reader's choice, and a page that needs no other file."""

import re
from html import unescape
from pathlib import Path

import pytest

from digest.actions.compose import Past, current_items, past_of
from digest.actions.proofs import composed_now, next_edition, variant_of, write_proof
from digest.audience.interests import Interests, Variant
from digest.editions.edition import Edition, State
from digest.editions.freezing import Frozen
from digest.errors import Refused
from tests.acceptance.newsroom import madrid
from tests.actions.desk import SLOT, Desk
from tests.items.samples import write_picture

ENGLISH = Variant("en")
THURSDAY = madrid("2026-11-26 10:00")


def foreseen(desk: Desk) -> tuple[Edition, Frozen]:
    edition = next_edition(desk.newsroom, desk.store.editions, "weekly", THURSDAY)
    past = past_of(desk.store, "weekly")
    return edition, composed_now(desk.newsroom, past, edition, current_items(desk.newsroom), THURSDAY)


def slugs(frozen: Frozen) -> list[str]:
    return [entry.slug for entry in frozen.composition.entries]


# The next edition


def test_it_is_what_composing_makes_and_keeps_nothing(desk: Desk) -> None:
    desk.write("strike")
    desk.write("under-embargo", "2026-11-27 06:00")
    desk.write("too-late", "2026-11-27 10:00")
    edition, frozen = foreseen(desk)
    assert (edition.id, edition.slot_at, slugs(frozen)) == ("weekly/2026-11-27", SLOT, ["under-embargo", "strike"])
    assert desk.states() == {}
    assert not (desk.folder / "var/editions").exists()
    desk.at("2026-11-26 10:00")
    assert desk.edition().content_sha == frozen.content_sha


def test_it_follows_what_the_editors_decided(desk: Desk) -> None:
    desk.write("strike")
    desk.write("victory", "2026-11-25 11:00")
    desk.at("2026-11-26 10:00")
    desk.edit(lead="strike")
    assert slugs(foreseen(desk)[1]) == ["strike", "victory"]


def test_an_edition_that_went_out_before_its_slot_or_was_cancelled_is_not_the_next(desk: Desk) -> None:
    desk.write("strike")
    desk.at("2026-11-26 10:00")
    desk.store.editions.move(desk.edition(), State.CANCELLED, reason="no")
    assert foreseen(desk)[0].id == "weekly/2026-12-04"


def test_a_slot_that_is_skipped_or_moved_is_seen(desk: Desk) -> None:
    desk.settings(**{"except": {"2026-11-27": "skip", "2026-12-04": "2026-12-03"}})
    edition = next_edition(desk.newsroom, None, "weekly", THURSDAY)
    assert (edition.id, edition.slot_at) == ("weekly/2026-12-04", madrid("2026-12-03 09:00"))


def test_a_digest_without_a_schedule_has_one_of_now(desk: Desk) -> None:
    desk.settings(schedule="manual")
    edition = next_edition(desk.newsroom, None, "weekly", THURSDAY)
    assert (edition.id, edition.slot_at) == ("weekly/2026-11-26", THURSDAY)


def test_without_a_database_it_is_the_first_of_its_digest(desk: Desk) -> None:
    desk.write("strike")
    edition = next_edition(desk.newsroom, None, "weekly", THURSDAY)
    assert slugs(composed_now(desk.newsroom, Past(), edition, current_items(desk.newsroom), THURSDAY)) == ["strike"]


def test_one_that_would_be_empty_is_refused_as_composing_it_would_be(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"an edition of weekly would be empty. Publish an item"):
        foreseen(desk)


# The choice


def test_a_choice_that_config_does_not_know_is_refused_with_what_it_knows(desk: Desk) -> None:
    config = desk.newsroom.config
    assert variant_of(config, None, ["update"], []) == Variant("en")
    with pytest.raises(Refused, match=r"no mails in the language 'fr'. config.yaml knows: en"):
        variant_of(config, "fr", [], [])
    with pytest.raises(Refused, match=r"no kind 'novel'. It has: update"):
        variant_of(config, "en", ["novel"], [])
    with pytest.raises(Refused, match=r"no topic 'x'. It has: none"):
        variant_of(config, "en", [], ["x"])


# The page


def page_of(desk: Desk, variant: Variant = ENGLISH) -> str:
    return write_proof(desk.newsroom, desk.edition(), variant, desk.clock()).read_text("utf-8")


def frames(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', page)]


@pytest.fixture
def illustrated(desk: Desk) -> Desk:
    write_picture(desk.folder / "items/red.png", size=(640, 480))
    desk.write("strike", image={"file": "red.png", "alt": "A strike", "credit": "Somebody"})
    desk.write("secret", "2026-11-27 08:00", title="<Secret> words")
    desk.at("2026-11-26 10:00")
    return desk


def test_the_page_shows_the_frozen_mail_and_needs_no_other_file(illustrated: Desk) -> None:
    page = page_of(illustrated)
    assert len(frames(page)) == 4
    assert not re.search(r"<(?:script|link|object)\b", page)
    pictures = re.findall(r'src="([^"]*)"', "".join(frames(page)))
    assert len(pictures) == 3  # in all looks but the one with pictures off
    assert all(picture.startswith("data:image/jpeg;base64,") for picture in pictures)
    assert page.count('sandbox="allow-popups allow-popups-to-escape-sandbox"') == 4


def test_the_page_marks_what_is_not_approved_and_what_is_under_embargo(illustrated: Desk) -> None:
    page = page_of(illustrated)
    assert "Composed, not approved" in page
    assert "&lt;Secret&gt; words – 27 November 2026, 08:00" in page
    illustrated.approve()
    illustrated.clock.move_to(SLOT)
    later = page_of(illustrated)
    assert "Approved, not sent" in later
    assert "Under embargo" not in later


def test_the_page_is_of_what_was_frozen_also_when_items_changed(illustrated: Desk) -> None:
    illustrated.write("strike", title="Written later")
    assert "Written later" not in page_of(illustrated)


def test_a_picture_that_is_nowhere_is_counted(illustrated: Desk) -> None:
    for file in (illustrated.folder / "items").iterdir():
        file.unlink()
    page = page_of(illustrated)
    assert "1 picture is not to be found" in page
    assert "src=" not in "".join(frames(page))


def test_readers_of_another_kind_are_told_to_get_nothing(illustrated: Desk) -> None:
    page = page_of(illustrated, Variant("en", Interests(topics=frozenset({"none-of-these"}))))
    assert "Nobody who chose this gets a mail of this edition" in page


def test_the_page_is_in_the_newsrooms_own_language(illustrated: Desk) -> None:
    newsroom = {
        "id": "6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10",
        "title": "Desk",
        "organization": "Organisation",
        "url": "https://news.example",
        "timezone": "Europe/Madrid",
        "contact": {"name": "Press"},
        "language": "es",
    }
    illustrated.configure(newsroom=newsroom)
    page = page_of(illustrated)
    assert "Compuesta, sin aprobar" in page
    for word in ("Subject", "Desktop", "Plain text", "Due:", "lead nowhere", "bytes of"):
        assert word not in page


def test_an_edition_that_was_not_composed_cannot_be_shown(desk: Desk) -> None:
    desk.store.editions.plan("weekly", SLOT.date(), SLOT, state=State.PLANNED, reason=None)
    with pytest.raises(Refused, match=r"has not been composed. Run `digest edition compose weekly/2026-11-27`"):
        page_of(desk)


def test_every_word_of_the_proof_is_known_in_spanish() -> None:
    root = Path(__file__).parents[2] / "templates"
    known = "".join(re.findall(r'"(.*)"', (root / "messages/es.po").read_text("utf-8")))
    for file in (root / "web").glob("proof*.j2"):
        for words in re.findall(r'_\("([^"]+)"\)', file.read_text("utf-8")):
            assert words in known, words
