import pytest

from digest.audience.interests import Interests
from digest.editions.composition import Composition, Section
from digest.errors import Refused
from digest.mail.arrangement import Arrangement, everything, fitted, wanted, whole
from tests.mail.samples import composition, entry

SIZES = {"lead": 30, "full": 30, "brief": 20, "link": 2}  # of a piece, by the first word of its name


def size_of(piece: str) -> int:
    return SIZES.get(piece.split(maxsplit=1)[0], 0)


def size(shown: Arrangement) -> int:
    return sum(map(size_of, shown.pieces()))


def edition(entries: int, limit: int = 40) -> Composition:
    return composition(
        entries=tuple(entry(f"entry-{number}") for number in range(entries)),
        limit=limit,
        sections=(Section(kind="press-release", title="Press releases"),),
    )


def fit(one: Composition, room: int, interests: Interests = Interests()) -> Arrangement:  # noqa: B008 - frozen
    return fitted(one, wanted(one, interests), size_of, room)


def forms(shown: Arrangement) -> list[str]:
    return [form for _, entries in shown.sections for form, _ in entries]


def test_with_room_for_all_of_it_the_first_leads_and_those_beyond_the_limit_are_links() -> None:
    shown = fit(edition(5, limit=3), 1000)
    assert shown == whole(edition(5, limit=3))
    assert [one.slug for one in shown.leads] == ["entry-0"]
    assert forms(shown) == ["full", "full"]
    assert [one.slug for one in shown.links] == ["entry-3", "entry-4"]
    assert not shown.unnamed


def test_first_the_summaries_are_shortened() -> None:
    assert forms(fit(edition(5), 149)) == ["brief"] * 4


def test_then_a_long_list_of_links_ends_with_a_count() -> None:
    shown = fit(edition(100, limit=3), 30 + 2 * 20 + 50 * 2)
    assert (len(shown.links), list(shown.unnamed)) == (50, [47])


def test_then_the_last_entries_in_full_become_the_first_links() -> None:
    shown = fit(edition(6, limit=5), 30 + 2 * 20 + 3 * 2)
    assert [one.slug for one in shown.links] == ["entry-3", "entry-4", "entry-5"]
    assert forms(shown) == ["brief", "brief"]


@pytest.mark.parametrize("room", range(0, 2000, 97))
def test_whatever_room_there_is_it_is_used_and_no_entry_is_lost(room: int) -> None:
    shown = fit(edition(90), room)
    assert size(shown) <= room
    named = len(shown.leads) + len(forms(shown)) + len(shown.links)
    assert named + sum(shown.unnamed) == 90
    assert room - size(shown) < 30 or not shown.unnamed


def test_a_frame_without_room_is_refused() -> None:
    with pytest.raises(Refused, match="note"):
        fitted(edition(3), wanted(edition(3), Interests()), lambda _: 1, 3)


def test_whoever_chose_few_gets_these_in_full_however_much_the_edition_carries() -> None:
    one = composition(
        entries=(*edition(90).entries, entry("special", topics=("prisons",))),
        sections=(Section(kind="press-release", title="Press releases"),),
    )
    shown = fit(one, 100, Interests(topics=frozenset({"prisons"})))
    assert [lead.slug for lead in shown.leads] == ["special"]
    assert list(shown.totals) == [1]


def test_every_piece_of_any_arrangement_is_among_those_rendered() -> None:
    one = edition(90)
    rendered = list(everything(one).pieces())
    assert len(rendered) == len(set(rendered))
    for room in (0, 100, 500, 1000, 5000):
        assert set(fit(one, room).pieces()) <= set(rendered)
