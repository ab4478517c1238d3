from digest.mail.plain_text import brief, note, underlined, wrapped

BASE = "https://news.example/editions/weekly/2026-11-27/"


def test_paragraphs_are_wrapped_at_72_and_addresses_stay_whole() -> None:
    address = "https://news.example/" + "x" * 90
    lines = wrapped("word " * 30 + address).splitlines()
    assert lines.pop() == address
    assert max(map(len, lines)) <= 72


def test_a_heading_is_underlined_over_its_whole_length() -> None:
    assert underlined("A heading", "=") == "A heading\n========="
    first, second, line = underlined("word " * 20, "-").splitlines()
    assert len(line) == max(len(first), len(second))


def test_the_links_of_a_note_are_numbered_and_listed() -> None:
    assert note("[one](/x 'title') [two](https://b.example)", BASE) == (
        "one [1] two [2]\n\n[1] https://news.example/x\n[2] https://b.example"
    )


def test_the_lists_and_quotations_of_a_note_keep_their_lines() -> None:
    text = "Dear all,\nwe are\nback.\n\n- one\n- two " + "word " * 20 + "\n\n\n> said\n> so\n\n1. a\n2. b"
    shown = note(text, BASE)
    assert shown.startswith("Dear all, we are back.\n\n- one\n- two word")
    assert "\n  word" in shown
    assert shown.endswith("\n\n> said\n> so\n\n1. a\n2. b")


def test_a_text_is_shortened_between_words_where_it_has_any() -> None:
    assert brief("word, " * 60, 20) == "word, word, word…"
    assert brief("x" * 60, 20) == "x" * 19 + "…"
    assert brief("short", 20) == "short"


def test_a_link_that_is_no_address_stays_as_it_was_written() -> None:
    assert note("See [it](http://[) there.", "https://news.example/") == "See it [1] there.\n\n[1] http://["
