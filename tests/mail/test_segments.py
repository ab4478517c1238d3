from pathlib import Path

from digest.mail.rendering import render_mail
from digest.mail.segments import Segment, joined, segments
from tests.mail.samples import CONFIG, composition

PAGE = "a\n<!-- cut: section report -->\nb\n<!-- cut: foot -->\nc\n"


def test_a_page_is_cut_at_its_marks_which_are_left_out() -> None:
    assert segments(PAGE) == (Segment("head", "a\n"), Segment("section report", "b\n"), Segment("foot", "c\n"))
    assert joined(PAGE) == "a\nb\nc\n"


def test_each_entry_and_section_of_a_mail_is_a_segment_that_ends_a_line(tmp_path: Path) -> None:
    cut = segments(render_mail(composition(), CONFIG, tmp_path, None).html)
    assert [segment.name for segment in cut] == [
        "head",
        "entry lead",
        "section press-release",
        "entry one",
        "entry two",
        "section report",
        "entry three",
        "after entries",
        "foot",
    ]
    for segment in cut:
        assert segment.text.endswith("\n")
    for segment in cut[1:-1]:
        assert segment.text.count("<tr>") == segment.text.count("</tr>")
        assert segment.text.startswith("<tr>")
