from pathlib import Path

from digest.mail.arrangement import everything, whole
from digest.mail.rendering import render_mail
from digest.mail.segments import segments, without_cuts
from tests.mail.samples import CONFIG, composition

PAGE = "a\n<!-- cut: section report -->\nb\n<!-- cut: foot -->\nc\n"


def test_a_page_and_a_text_are_cut_at_their_marks_which_are_left_out() -> None:
    cut = segments(PAGE, "A\n\fsection report\nB\n\n\n\nB\n\ffoot\n")
    assert cut.page == {"head": "a\n", "section report": "b\n", "foot": "c\n"}
    assert cut.text == {"head": "A\n", "section report": "B\n\nB\n", "foot": ""}
    assert without_cuts(PAGE) == "a\nb\nc\n"


def test_an_edition_is_cut_into_every_piece_that_a_reader_may_need(tmp_path: Path) -> None:
    edition = composition()
    cut = render_mail(edition, CONFIG, tmp_path, None).segments
    assert list(cut.page) == list(cut.text) == list(everything(edition).pieces())
    assert set(whole(edition).pieces()) <= set(cut.page)


def test_each_piece_ends_a_line_and_opens_and_closes_as_many_rows(tmp_path: Path) -> None:
    cut = render_mail(composition(), CONFIG, tmp_path, None).segments
    for name, piece in cut.page.items():
        assert piece.endswith("\n"), name
        if name.split()[0] in {"lead", "full", "brief", "section", "link", "change"}:
            assert piece.count("<tr>") == piece.count("</tr>"), name
    assert all(piece.endswith("\n") for name, piece in cut.text.items() if name not in {"changes end", "links end"})
