import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from digest.errors import OutsideFailure
from digest.mail.resolver import lookup

LONG = "k" * 400
ZONE = {
    ("digest._domainkey.example.org.", "TXT"): [f'"{LONG[:255]}" "{LONG[255:]}"'],
    ("example.org.", "TXT"): ['"v=spf1 -all"', '"another \\"text\\""', '"caf\\233"'],
    ("example.org.", "MX"): ["10 mail.example.org."],
}
BROKEN = "broken.example.org."


def answer(question: bytes) -> bytes:
    asked = dns.message.from_wire(question)
    response = dns.message.make_response(asked)
    name, kind = str(asked.question[0].name), asked.question[0].rdtype.name
    if name == BROKEN:
        response.set_rcode(dns.rcode.SERVFAIL)
    elif texts := ZONE.get((name, kind)):
        response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *texts))
    elif not any(name == known for known, _ in ZONE):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


@pytest.fixture
def port() -> Iterator[int]:
    """Run a DNS server on this machine; return its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while (received := server.recvfrom(4096))[0]:
                server.sendto(answer(received[0]), received[1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.sendto(b"", server.getsockname())
        thread.join(5)


def texts(name: str, port: int, kind: str = "TXT") -> tuple[str, ...]:
    return lookup(name, kind, servers=["127.0.0.1"], port=port)


def test_the_strings_of_a_record_are_one_text(port: int) -> None:
    assert texts("digest._domainkey.example.org", port) == (LONG,)


def test_every_record_of_a_name_is_told(port: int) -> None:
    assert sorted(texts("example.org", port)) == ['another "text"', "caf\\xe9", "v=spf1 -all"]


def test_other_types_are_told_as_zone_files_have_them(port: int) -> None:
    assert texts("example.org", port, "MX") == ("10 mail.example.org.",)


def test_a_name_that_is_not_there_or_has_none_of_the_type_has_no_texts(port: int) -> None:
    assert texts("nowhere.example.org", port) == texts("digest._domainkey.example.org", port, "MX") == ()


def test_a_server_that_fails_is_said_to(port: int) -> None:
    with pytest.raises(OutsideFailure, match=r"DNS gave no answer for broken\.example\.org: .*SERVFAIL"):
        texts("broken.example.org", port)


def test_a_server_that_is_silent_is_said_to_be() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(OutsideFailure) as caught:
            lookup("example.org", "TXT", servers=["127.0.0.1"], port=silent.getsockname()[1], patience=0.2)

    assert str(caught.value) == (
        "DNS gave no answer for example.org within 0.2 seconds. "
        "Check this machine's network and DNS servers, and try again."
    )
