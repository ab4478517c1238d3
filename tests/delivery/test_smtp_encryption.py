import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr

from digest import wiring
from digest.config import Relay
from digest.delivery import smtp
from digest.delivery.outgoing import Outgoing
from digest.delivery.rows import RowState
from digest.delivery.sender import send_edition
from digest.delivery.single import send_one
from digest.errors import OutsideFailure
from tests.delivery.doubles import EDITION, START, MemoryRows, Process, never
from tests.delivery.scripted_server import scripted_server

PASSWORD = "correct horse"  # noqa: S105 - of a server that lives for a test
OUTGOING = Outgoing("bounces@news.example", "reader@example.org", b"Subject: x\r\n\r\nbody\r\n")
OPENSSL = shutil.which("openssl")


class Certificate:
    """A certificate for `localhost` that only this test trusts, and its server's context."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "certificate.pem"
        key = folder / "key.pem"
        command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
        names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(self.file)]
        subprocess.run([OPENSSL or "openssl", *command.split(), *names], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.file, key)


class Taker:
    """Takes every message and counts them."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken += 1
        return "250 2.0.0 taken"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    if not OPENSSL:
        pytest.skip("openssl is not installed: no certificate can be made")
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """Make OpenSSL's default store, which create_default_context loads, trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


def only_the_right_password(_server: object, _session: object, _envelope: object, _how: str, given: Any) -> AuthResult:  # noqa: ANN401 - untyped there
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given == LoginPassword(b"newsroom", PASSWORD.encode()), handled=False)


@contextmanager
def running(taker: Taker, free_port: Callable[[], int], **options: Any) -> Iterator[int]:  # noqa: ANN401 - aiosmtpd's
    controller = Controller(taker, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def send(relay: Relay) -> None:
    send_one([wiring.route_to(relay)], OUTGOING.return_path, OUTGOING.address, OUTGOING.message)


def test_starttls_and_login_carry_a_message(trusted: Certificate, free_port: Callable[[], int]) -> None:
    taker = Taker()
    options = {"tls_context": trusted.context, "require_starttls": True, "auth_required": True}
    with running(taker, free_port, **options, auth_callback=None, authenticator=only_the_right_password) as port:
        send(Relay(host="localhost", port=port, username="newsroom", password=SecretStr(PASSWORD)))
    assert taker.taken == 1


def test_tls_from_the_first_octet_carries_a_message(trusted: Certificate, free_port: Callable[[], int]) -> None:
    taker = Taker()
    with running(taker, free_port, ssl_context=trusted.context) as port:
        send(Relay(host="localhost", port=port, security="tls"))
    assert taker.taken == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: Certificate,
    free_port: Callable[[], int],
    security: Any,  # noqa: ANN401 - a Literal
) -> None:
    options = {"ssl_context": certificate.context} if security == "tls" else {"tls_context": certificate.context}
    with running(Taker(), free_port, **options) as port, pytest.raises(OutsideFailure, match="certificate") as failure:
        smtp.connect(Relay(host="localhost", port=port, security=security))
    assert f"localhost:{port}" in failure.value.message


def test_a_certificate_for_another_name_is_refused(trusted: Certificate, free_port: Callable[[], int]) -> None:
    with running(Taker(), free_port, tls_context=trusted.context) as port, pytest.raises(OutsideFailure) as failure:
        smtp.connect(Relay(host="127.0.0.1", port=port))
    assert "certificate" in failure.value.message
    assert "certificate" in failure.value.remedy


def test_starttls_that_is_not_offered_is_never_done_without() -> None:
    with scripted_server() as server, pytest.raises(OutsideFailure, match="does not offer STARTTLS") as failure:
        smtp.connect(Relay(host="127.0.0.1", port=server.port, security="starttls"))
    assert not any(command.startswith("MAIL") for command in server.commands)
    assert "security" in failure.value.remedy


def test_starttls_that_is_offered_and_refused_is_never_done_without() -> None:
    answers = {"EHLO": b"250-here\r\n250 STARTTLS", "STARTTLS": b"454 4.7.0 not today"}
    with scripted_server(answers) as server, pytest.raises(OutsideFailure, match="not today"):
        smtp.connect(Relay(host="127.0.0.1", port=server.port, security="starttls"))


def test_what_a_stranger_slips_in_behind_starttls_is_forgotten(trusted: Certificate) -> None:
    # RFC 3207 section 6; the words after the first line come in the clear and must not be taken for the server's.
    assert trusted
    answers = {"EHLO": b"250-here\r\n250 STARTTLS", "STARTTLS": b"220 go\r\n250-here\r\n250 AUTH PLAIN"}
    relay = Relay(port=1, host="localhost", username="newsroom", password=SecretStr(PASSWORD))
    with scripted_server(answers) as server, pytest.raises(OutsideFailure):
        smtp.connect(relay.model_copy(update={"port": server.port}))
    assert not any("AUTH" in command for command in server.commands)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"EHLO": b"250 here"}, "does not offer AUTH"),
        ({"EHLO": b"250-here\r\n250 AUTH GSSAPI"}, "no way to log in that we know"),
        (
            {"EHLO": b"250-here\r\n250 AUTH PLAIN", "AUTH": b"535 5.7.8 bad: AGFubmE= correct horse"},
            "refused it with 535",
        ),
        ({"EHLO": b"250-here\r\n250 AUTH PLAIN", "AUTH": None}, "hung up"),
        ({"EHLO": b"250-here\r\n250 AUTH PLAIN", "AUTH": b"correct horse"}, "hung up"),
    ],
)
def test_a_login_that_fails_says_why_and_never_the_password(answers: dict[str, bytes | None], words: str) -> None:
    with scripted_server(answers) as server:
        relay = server.relay.model_copy(update={"username": "newsroom", "password": SecretStr(PASSWORD)})
        with pytest.raises(OutsideFailure) as failure:
            smtp.connect(relay)
    assert words in failure.value.message
    assert "login as newsroom failed" in failure.value.message
    assert "horse" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_password_that_cannot_be_sent_is_said_but_not_shown() -> None:
    with scripted_server({"EHLO": b"250-here\r\n250 AUTH PLAIN"}) as server:
        relay = server.relay.model_copy(update={"username": "newsroom", "password": SecretStr("contraseña")})
        with pytest.raises(OutsideFailure, match="plain ASCII") as failure:
            smtp.connect(relay)
    assert "contrase" not in str(failure.value)


def test_a_long_edition_goes_through_tls_over_several_connections(
    trusted: Certificate, free_port: Callable[[], int]
) -> None:
    taker, process = Taker(), Process()
    rows = MemoryRows([f"reader{number}@example.org" for number in range(60)], process)
    large = b"Subject: The week\r\n\r\n" + b"What happened, line by line.\r\n" * 30_000
    with running(taker, free_port, ssl_context=trusted.context) as port:
        relay = Relay(host="localhost", port=port, security="tls")
        send_edition(
            EDITION,
            rows,
            [wiring.route_to(relay)],
            lambda recipient: Outgoing("bounces@news.example", recipient.address, large),
            process.clock,
            policy="hold",
            started=START,
            stop=never,
        )
    assert set(rows.states()) == {RowState.SENT}
    assert taker.taken == 60
