import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.outgoing import Outgoing
from digest.errors import UnfitText

MESSAGE = b"Subject: x\r\n\r\n..dot\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a@example.org\n",
        "a@example.org> SIZE=1",
        "<a@example.org>",
        "a b@example.org",
        '"a b"@example.org',
        "a@exämple.org",
        "ä@example.org",
        "a@b@example.org",
        "a\x00@example.org",
        "nobody",
        "",
    ],
)
def test_an_address_that_could_be_more_than_one_is_refused(address: str) -> None:
    with pytest.raises(UnfitText):
        Outgoing("bounces@example.org", address, MESSAGE)
    with pytest.raises(UnfitText):
        Outgoing(address, "reader@example.org", MESSAGE)


@given(st.text(max_size=40))
def test_no_address_that_passes_can_leave_its_command(address: str) -> None:
    try:
        outgoing = Outgoing("bounces+a-b_c=d@example.org", address, MESSAGE)
    except UnfitText:
        return
    command = f"RCPT TO:<{outgoing.address}>"
    assert command.isascii()
    assert not set(outgoing.address) & set('<> \r\n\t,;:"\\()[]')


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"no end",
        b"a\nb\r\n",
        b"a\rb\r\n",
        b"a\r\n.\r\nMAIL FROM:<x@example.org>\r\n",
        b"a\n.\nb\r\n",
        b".\r\n",
        b".hidden\r\n",
        b"a\r\n.b\r\n",
        b"a\r\n.",
    ],
)
def test_a_message_that_servers_could_cut_elsewhere_is_refused(message: bytes) -> None:
    with pytest.raises(UnfitText):
        Outgoing("bounces@example.org", "reader@example.org", message)


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\r" not in line and b"\n" not in line), min_size=1))
def test_every_dot_stuffed_message_passes(lines: list[bytes]) -> None:
    message = b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)
    assert Outgoing("bounces@example.org", "reader@example.org", message).message == message
