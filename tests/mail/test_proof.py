"""What a proof says of an edition besides the mail itself."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from digest.audience.interests import EVERYTHING, Interests, Variant
from digest.config import Sender
from digest.editions.composition import Composition
from digest.editions.freezing import Frozen, FrozenVersion, freeze
from digest.mail.proof import Proof, proof_of
from digest.mail.rendering import MAX_HTML_BYTES, render_mail
from tests.mail.samples import CONFIG, CUTOFF, composition, entry


def frozen(*editions: Composition) -> Frozen:
    rendered = [(one, render_mail(one, CONFIG, Path(), None)) for one in editions]
    sender = Sender(name="Newsroom", email="digest@news.example")
    versions = [FrozenVersion(one, rendering.html, rendering.text) for one, rendering in rendered]
    return freeze(versions, sender=sender, reply_to=None, note_html=None)


def proof(interests: Interests = EVERYTHING, **fields: object) -> Proof:
    return proof_of(frozen(composition(**fields)), Variant("en", interests))


def test_it_has_the_subject_that_readers_who_chose_so_get() -> None:
    assert proof().subject == "The week: Title of lead"
    assert proof(Interests(kinds=frozenset({"report"}))).subject == "The week: حرية الصحافة"


def test_it_is_in_the_language_that_was_asked_for() -> None:
    both = frozen(composition(), composition(language="es", title="La semana"))
    assert proof_of(both, Variant("es")).composition.title == "La semana"


def test_what_is_only_a_link_or_only_on_the_web_is_named() -> None:
    short = proof(limit=2)
    assert [one.slug for one in short.shown.links] == ["two", "three", "four"]
    assert short.only_on_web == []
    many = tuple(entry(f"entry-{number}", summary="A long summary. " * 30) for number in range(221))
    long = proof(entries=many, limit=150)
    assert len(long.shown.links) <= 50
    assert long.only_on_web
    assert [one.slug for one in long.only_on_web] == [one.slug for one in many[-len(long.only_on_web) :]]
    assert long.shown.unnamed == (len(long.only_on_web),)
    assert long.shortened
    assert long.html_bytes <= MAX_HTML_BYTES


def test_readers_for_whom_there_is_nothing_get_no_mail() -> None:
    assert not proof().nothing
    assert proof(Interests(topics=frozenset({"prisons"}))).nothing


def test_an_edition_that_says_nothing_in_any_language_goes_to_everybody() -> None:
    assert not proof(Interests(topics=frozenset({"prisons"})), entries=(), changes=()).nothing


def test_what_is_under_embargo_is_named_only_as_far_as_these_readers_get_it() -> None:
    secret = entry("secret", kind="report", published=CUTOFF - timedelta(hours=1))
    waiting = proof(entries=(entry("lead"), secret))
    now = CUTOFF - timedelta(days=1)
    assert waiting.under_embargo(now) == [secret]
    assert waiting.under_embargo(CUTOFF) == []
    assert replace(waiting, entries=waiting.entries[:1]).under_embargo(now) == []
