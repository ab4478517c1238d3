import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import replies
from digest.delivery.replies import Garbled, Stage, parse_enhanced, read_reply, reply


def read(data: bytes) -> tuple[int, bytes]:
    return read_reply(io.BytesIO(data).readline)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"250 2.0.0 queued\r\n", (250, b"2.0.0 queued")),
        (b"250\r\n", (250, b"")),
        (b"354 go on\n", (354, b"go on")),
        (b"250-one\r\n250-two\r\n250 three\r\n", (250, b"one\ntwo\nthree")),
        (b"220-many\r\n554 changed my mind\r\n", (554, b"many\nchanged my mind")),
        (b"421 4.3.2 going down", (421, b"4.3.2 going down")),
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


def test_only_the_reply_is_read_and_not_what_follows() -> None:
    stream = io.BytesIO(b"250 one\r\n354 two\r\n")
    assert read_reply(stream.readline) == (250, b"one")
    assert read_reply(stream.readline) == (354, b"two")


def test_a_closed_connection_is_told_from_a_reply() -> None:
    with pytest.raises(EOFError):
        read(b"")
    with pytest.raises(EOFError):
        read(b"250-first of two\r\n")


def test_an_overlong_line_is_cut_and_stays_a_success() -> None:
    code, text = read(b"250 2.0.0 " + b"x" * 30_000 + b"\r\n")
    assert code == 250
    assert len(text) <= 2000


def test_an_endless_line_ends_in_garbled() -> None:
    def endless(limit: int) -> bytes:
        return b"250 x".ljust(limit, b"x")

    with pytest.raises(Garbled):
        read_reply(endless)


def test_endless_lines_end_in_garbled() -> None:
    with pytest.raises(Garbled):
        read_reply(lambda _: b"250-again and again\r\n")


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from([b"250", b"-", b" ", b"ok", b"\r\n", b"\n", b"\r", b"5"])).map(b"".join)
)
def test_whatever_a_server_sends_is_a_reply_or_one_of_two_errors(data: bytes) -> None:
    try:
        code, text = read(data)
    except (Garbled, EOFError):
        return
    answer = reply(code, text, Stage.DOT)
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
