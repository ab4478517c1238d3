import pytest

from digest.editions.composition import Composition, Section
from digest.errors import Refused
from digest.mail.fitting import Shown, smaller
from tests.mail.samples import composition, entry


def large(full: int, links: int, summary: str = "Short.") -> Composition:
    return composition(
        sections=(
            Section(
                kind="press-release",
                title="Press releases",
                entries=tuple(entry(f"full-{number}", summary=summary) for number in range(full)),
            ),
        ),
        more=tuple(entry(f"link-{number}") for number in range(links)),
    )


def carried(shown: Shown) -> int:
    return len(shown.composition.entries) + shown.unnamed


def test_first_the_summaries_are_shortened_between_words() -> None:
    shown = smaller(Shown(large(3, 0, "word, " * 60)), 0.9)
    summaries = [one.summary for one in shown.composition.sections[0].entries]
    assert all(len(summary) <= 160 and summary.endswith("word…") for summary in summaries)
    assert len(summaries) == 3


def test_then_a_long_list_of_links_ends_with_a_count() -> None:
    shown = smaller(Shown(large(3, 80)), 0.9)
    assert (len(shown.composition.more), shown.unnamed) == (50, 30)


def test_then_the_last_entries_in_full_become_the_first_links() -> None:
    shown = smaller(Shown(large(10, 1)), 0.75)
    assert [one.slug for one in shown.composition.sections[0].entries] == [f"full-{number}" for number in range(7)]
    assert [one.slug for one in shown.composition.more] == ["full-7", "full-8", "full-9", "link-0"]


def test_each_step_is_smaller_loses_no_entry_and_the_last_is_refused() -> None:
    shown = Shown(large(7, 60, "word " * 60))
    everything = carried(shown)
    sizes = [len(shown.composition.model_dump_json())]
    while shown.composition.sections or shown.composition.more:
        shown = smaller(shown, 0.99)
        assert carried(shown) == everything
        sizes.append(len(shown.composition.model_dump_json()))
    assert sizes == sorted(sizes, reverse=True)
    assert shown.composition.lead
    with pytest.raises(Refused, match="note"):
        smaller(shown, 0.99)
