import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.interests import EVERYTHING, Interests, Variant, narrowed

keys = st.frozensets(st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True), max_size=4)
interests = st.builds(Interests, keys, keys)
languages = st.from_regex(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", fullmatch=True)


@given(interests)
def test_interests_come_back_as_they_were_written_down(chosen: Interests) -> None:
    assert Interests.of(str(chosen)) == chosen


@given(languages, interests)
def test_a_variant_comes_back_as_it_was_written_down(language: str, chosen: Interests) -> None:
    variant = Variant(language, chosen)
    assert Variant.of(str(variant)) == variant


@given(interests, interests)
def test_two_that_want_the_same_write_it_the_same_way_and_others_do_not(one: Interests, other: Interests) -> None:
    assert (str(one) == str(other)) == (one == other)


def test_interests_are_written_down_in_order_and_everything_as_nothing() -> None:
    chosen = Interests(frozenset("gfedcba"), frozenset({"prisons", "asylum"}))
    assert str(chosen) == "kinds:a,b,c,d,e,f,g topics:asylum,prisons"
    assert (str(EVERYTHING), str(Variant("es"))) == ("", "es")
    assert str(Variant("es", Interests(topics=frozenset({"asylum"})))) == "es topics:asylum"


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        (EVERYTHING, True),
        (Interests(kinds=frozenset({"report"})), True),
        (Interests(kinds=frozenset({"update"})), False),
        (Interests(topics=frozenset({"asylum", "oceans"})), True),
        (Interests(topics=frozenset({"oceans"})), False),
        (Interests(frozenset({"report"}), frozenset({"asylum"})), True),
        (Interests(frozenset({"report"}), frozenset({"oceans"})), False),
        (Interests(frozenset({"update"}), frozenset({"asylum"})), False),
    ],
)
def test_an_item_is_wanted_when_both_its_kind_and_one_of_its_topics_are(chosen: Interests, wanted: object) -> None:
    assert chosen.include("report", ("asylum", "prisons")) is wanted


def test_an_item_without_topics_is_for_who_chose_none() -> None:
    assert EVERYTHING.include("report", ())
    assert not Interests(topics=frozenset({"asylum"})).include("report", ())


def test_who_chooses_all_there_is_wants_everything_also_what_is_added_later() -> None:
    assert narrowed(["report", "update"], ("update", "report")) == frozenset()
    assert narrowed(["report"], ("update", "report")) == {"report"}
    assert narrowed([], ("update",)) == frozenset()
