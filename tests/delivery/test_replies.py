import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import replies
from digest.delivery.replies import Garbled, Replies, Stage, parse_enhanced, reply


def read(*parts: bytes) -> tuple[int, bytes] | None:
    """Return the first reply in what comes part by part."""
    replies_ = Replies()
    for part in parts:
        replies_.feed(part)
        if found := replies_.next():
            return found
    return None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"250 2.0.0 queued\r\n", (250, b"2.0.0 queued")),
        (b"250\r\n", (250, b"")),
        (b"354 go on\n", (354, b"go on")),
        (b"250-one\r\n250-two\r\n250 three\r\n", (250, b"one\ntwo\nthree")),
        (b"220-many\r\n554 changed my mind\r\n", (554, b"many\nchanged my mind")),
    ],
)
def test_a_reply_is_its_last_lines_code_and_all_lines_texts(data: bytes, expected: tuple[int, bytes]) -> None:
    assert read(data) == expected


@pytest.mark.parametrize(
    "data", [b"\r\n", b"ok\r\n", b"25 0\r\n", b"+25 x\r\n", b"2_5 x\r\n", b"150 x\r\n", b"999 x\r\n"]
)
def test_what_is_no_reply_is_garbled(data: bytes) -> None:
    with pytest.raises(Garbled):
        read(data)


def test_replies_that_come_together_are_cut_apart() -> None:
    came = Replies()
    came.feed(b"250 one\r\n354-two\r\n354 three\r\n2")
    assert [came.next(), came.next(), came.next()] == [(250, b"one"), (354, b"two\nthree"), None]


@pytest.mark.parametrize("data", [b"", b"2", b"250 no end", b"250-first of two\r\n"])
def test_half_a_reply_is_none_yet(data: bytes) -> None:
    assert read(data) is None


@given(st.lists(st.integers(1, 30)))
def test_the_parts_in_which_a_reply_comes_change_nothing(sizes: list[int]) -> None:
    whole = b"250-first\r\n250-\r\n250 last of them\r\n"
    cuts = [sum(sizes[:end]) for end in range(len(sizes) + 1)]
    parts = [whole[start:end] for start, end in zip(cuts, [*cuts[1:], None], strict=True)]
    assert read(*parts) == (250, b"first\n\nlast of them")


def test_an_overlong_line_stays_a_success() -> None:
    found = read(b"250 2.0.0 " + b"x" * 30_000 + b"\r\n")
    assert found
    assert reply(*found, Stage.DOT).accepts


def test_an_endless_line_ends_in_garbled() -> None:
    with pytest.raises(Garbled):
        read(*[b"250 x".ljust(4096, b"x")] * 20)


def test_endless_lines_end_in_garbled() -> None:
    with pytest.raises(Garbled):
        read(*[b"250-again and again\r\n"] * 10_000)


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from([b"250", b"-", b" ", b"ok", b"\r\n", b"\n", b"\r", b"5"])).map(b"".join)
)
def test_whatever_a_server_sends_is_a_reply_or_garbled_or_not_yet_whole(data: bytes) -> None:
    try:
        found = read(data)
    except Garbled:
        return
    if found is None:
        return
    answer = reply(*found, Stage.DOT)
    assert 200 <= answer.code <= 599
    assert str(answer).isprintable()
    assert len(str(answer)) <= replies.LONGEST_TEXT + 30


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.7.1 slow down", "4.7.1"),
        ("5.1.10", "5.1.10"),
        ("2.0.0 ok", "2.0.0"),
        ("no code", None),
        ("10.0.0.1 said no", None),
        ("5.1 short", None),
        ("5.1.1.1 is an address", None),
        ("see 5.1.1", None),
    ],
)
def test_an_enhanced_code_stands_at_the_beginning(text: str, expected: str | None) -> None:
    assert parse_enhanced(text) == expected


def test_an_enhanced_code_of_another_class_than_the_reply_counts_for_nothing() -> None:
    assert reply(550, b"4.7.1 odd", Stage.RCPT).enhanced is None
    assert reply(450, b"4.7.1 fair", Stage.RCPT).enhanced == "4.7.1"


def test_a_reply_reads_as_one_line() -> None:
    answer = reply(550, b"5.1.1 no\n5.1.1 such\x00\x1b[31m user \xff", Stage.RCPT)
    assert str(answer) == "550 5.1.1 no 5.1.1 such [31m user � (at RCPT)"
