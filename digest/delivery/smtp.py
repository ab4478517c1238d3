"""Being let in by a relay: connection, TLS and login, by smtplib, whose only home this is.

What follows is a `Dialogue`: smtplib's own `sendmail` sends the final dot itself, dot-stuffs at each send, waits for
each answer and reads replies without bounds.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from digest import clock
from digest.config import Relay
from digest.delivery import replies
from digest.delivery.dialogue import Dialogue
from digest.delivery.replies import Garbled, Replies, Stage
from digest.errors import OutsideFailure

_CONNECT = 60  # seconds for each step until we are let in; the next relay is waiting
_SOON = 0.001  # seconds; none at all would mean not to wait for anything ever after
_READ = 4096  # octets at once
_ADDRESS_REMEDY = "Check host, port and security in mail.smtp, and that the server runs."
_SECURITY_REMEDY = "Set security in mail.smtp as the server's operator says; `none` is for this machine only."
_NAME_REMEDY = "Write the host in mail.smtp by the name in its certificate, or have the certificate mended."
_LOGIN_REMEDY = "Mend username and password in mail.smtp."
_ASK_REMEDY = "Ask the server's operator."


class _Wire(smtplib.SMTP):
    """smtplib with bounded replies."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - smtplib's own
        self._replies = Replies()
        super().__init__(*arguments, **options)

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of the next reply; raise SMTPServerDisconnected for anything else."""
        over = clock.monotonic() + _CONNECT  # for all of it: a server may send it octet by octet
        try:
            while not (reply := self._replies.next()):
                if self.sock is None:
                    raise smtplib.SMTPServerDisconnected("closed")
                self.sock.settimeout(max(over - clock.monotonic(), _SOON))
                data = self.sock.recv(_READ)
                if not data:
                    raise smtplib.SMTPServerDisconnected("it hung up")
                self._replies.feed(data)
        except (OSError, Garbled) as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(error)) from error
        return reply

    def starttls(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401 - smtplib's own
        """Encrypt the connection; what came in the clear behind the answer is forgotten (RFC 3207 section 6)."""
        answer = super().starttls(*arguments, **options)
        self._replies = Replies()
        return answer


class _EncryptedWire(_Wire, smtplib.SMTP_SSL):
    """The same with TLS from the first octet (RFC 8314)."""


def connect(relay: Relay) -> Dialogue:
    """Return a connection to a relay that lets us in; raises OutsideFailure that says what is wrong with it."""
    server = f"{relay.host}:{relay.port}"
    with _explained(server, _ADDRESS_REMEDY):
        wire = _dialled(relay)
    try:
        _let_in(wire, relay, server)
        assert wire.sock  # noqa: S101 - we were let in over it
        return Dialogue(wire.sock, server, pipelines=wire.has_extn("pipelining"))
    except BaseException:
        wire.close()
        raise


def _dialled(relay: Relay) -> smtplib.SMTP:
    if relay.security == "tls":
        return _EncryptedWire(relay.host, relay.port, timeout=_CONNECT, context=ssl.create_default_context())
    return _Wire(relay.host, relay.port, timeout=_CONNECT)


def _let_in(wire: smtplib.SMTP, relay: Relay, server: str) -> None:
    """Go through EHLO, STARTTLS and AUTH; a step that is configured is never left out."""
    if wire.sock is None:
        raise OutsideFailure(f"{server} has no host", _ADDRESS_REMEDY)
    # Without it the lone final dot waits for the acknowledgement of the body, 40 ms a message.
    wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with _explained(server, _ASK_REMEDY):
        wire.ehlo_or_helo_if_needed()
    if relay.security == "starttls":
        _encrypt(wire, server)
    if relay.username is not None:
        _log_in(wire, relay, server)


def _encrypt(wire: smtplib.SMTP, server: str) -> None:
    if not wire.has_extn("starttls"):
        raise OutsideFailure(f"{server} does not offer STARTTLS", _SECURITY_REMEDY)
    with _explained(server, _SECURITY_REMEDY):
        wire.starttls(context=ssl.create_default_context())
        wire.ehlo_or_helo_if_needed()


def _log_in(wire: smtplib.SMTP, relay: Relay, server: str) -> None:
    """Log in; the server's own words are not shown, as it may repeat the password in them."""
    password = relay.password.get_secret_value() if relay.password else ""
    try:
        wire.login(relay.username or "", password)
    except smtplib.SMTPNotSupportedError:
        reason = "does not offer AUTH"
    except smtplib.SMTPAuthenticationError as error:
        reason = f"refused it with {error.smtp_code}"
    except smtplib.SMTPServerDisconnected:
        reason = "hung up"
    except smtplib.SMTPException:
        reason = "offers no way to log in that we know"
    except UnicodeEncodeError:
        reason = "cannot be given a password that is not plain ASCII"
    else:
        return
    raise OutsideFailure(f"login as {relay.username} failed: {server} {reason}", _LOGIN_REMEDY)


@contextmanager
def _explained(server: str, remedy: str) -> Iterator[None]:
    """Turn what smtplib and the network raise into an OutsideFailure that names the server."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise OutsideFailure(f"{server} has a certificate that fails: {error.verify_message}", _NAME_REMEDY) from error
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        raise OutsideFailure(f"{server}: {replies.reply(error.smtp_code, text, Stage.CONNECT)}", remedy) from error
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutsideFailure(f"{server} cannot be reached: {reason}", remedy) from error
