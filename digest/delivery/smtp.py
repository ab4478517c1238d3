"""SMTP over one relay: the only home of smtplib, used below its own `sendmail`.

`sendmail` sends the final dot itself, dot-stuffs at each send and reads replies without bounds; here the bytes come
ready, the dot is a step of its own, and replies are read by `replies`.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from digest.config import Relay
from digest.delivery import replies
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost, Reply, Stage
from digest.errors import OutsideFailure, Refused

_CONNECT = 60  # seconds for each step until we are let in; the next relay is waiting
_ANSWER = 300  # seconds for each command and the body; RFC 5321 section 4.5.3.2
_DOT_ANSWER = 600  # seconds; section 4.5.3.2.6: who waits less sends twice
_LEAVE = 5  # seconds for the answer to QUIT
_START_MAIL_INPUT = 354
_ADDRESS_REMEDY = "Check host, port and security in mail.smtp, and that the server runs."
_SECURITY_REMEDY = "Set security in mail.smtp as the server's operator says; `none` is for this machine only."
_NAME_REMEDY = "Write the host in mail.smtp by the name in its certificate, or have the certificate mended."
_LOGIN_REMEDY = "Mend username and password in mail.smtp."
_ASK_REMEDY = "Ask the server's operator."


class _Wire(smtplib.SMTP):
    """smtplib with bounded replies."""

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of the next reply; raise SMTPServerDisconnected for anything else."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        try:
            return replies.read_reply(self.file.readline)
        except (OSError, EOFError, replies.Garbled) as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(error)) from error


class _EncryptedWire(_Wire, smtplib.SMTP_SSL):
    """The same with TLS from the first octet (RFC 8314)."""


class Connection:
    """One connection to one relay, let in and ready for messages; a Transport."""

    def __init__(self, wire: smtplib.SMTP, server: str) -> None:
        self._wire = wire
        self._server = server  # host:port, for people
        self._pipelines = wire.has_extn("pipelining")  # RFC 2920

    def offer(self, outgoing: Outgoing) -> Reply | None:
        """Send MAIL, RCPT, DATA and the body without the final dot; return the refusal, if there was one."""
        commands = {
            Stage.MAIL: f"MAIL FROM:<{outgoing.return_path}>",
            Stage.RCPT: f"RCPT TO:<{outgoing.address}>",
            Stage.DATA: "DATA",
        }
        refusal = self._ask_at_once(commands) if self._pipelines else self._ask_in_turn(commands)
        if refusal:
            return self._refused(refusal)
        self._tell(Stage.DATA, outgoing.message)
        return None

    def _ask_in_turn(self, commands: Mapping[Stage, str]) -> Reply | None:
        for stage, command in commands.items():
            reply = self._ask(stage, command)
            if not _goes_on(reply):
                return reply
        return None

    def _ask_at_once(self, commands: Mapping[Stage, str]) -> Reply | None:
        """Send all commands in one go, and return the first refusal."""
        self._tell(Stage.MAIL, "".join(f"{command}\r\n" for command in commands.values()).encode("ascii"))
        refusal = None
        for stage in commands:
            reply = self._answer(stage, _ANSWER)
            if reply.hangs_up:
                return refusal or reply
            if not _goes_on(reply):
                refusal = refusal or reply
        if refusal and reply.code == _START_MAIL_INPUT:
            # The server waits for a message although nobody is to get one (RFC 2920 section 3.1): an empty one.
            self._tell(Stage.DATA, b".\r\n")
            self._answer(Stage.DATA, _ANSWER)
        return refusal

    def finish(self) -> Reply:
        """Send the final dot and wait ten minutes for the answer.

        Raises Lost: at `Stage.DATA` when the dot could not be written, at `Stage.DOT` when its answer did not come.
        """
        self._tell(Stage.DATA, b".\r\n")
        reply = self._answer(Stage.DOT, _DOT_ANSWER)
        if not (reply.accepts or reply.defers or reply.refuses):
            raise self._lost(Stage.DOT, f"it answered {reply.code}")
        return reply

    def drop(self) -> None:
        """Close at once."""
        with suppress(OSError):
            self._wire.close()

    def close(self) -> None:
        """Say QUIT and close; what a server answers to that changes nothing."""
        with suppress(OSError):
            if self._wire.sock:
                self._wire.sock.settimeout(_LEAVE)
            self._wire.quit()
        self.drop()

    def _ask(self, stage: Stage, command: str) -> Reply:
        self._tell(stage, f"{command}\r\n".encode("ascii"))
        return self._answer(stage, _ANSWER)

    def _tell(self, stage: Stage, data: bytes) -> None:
        try:
            self._wire.send(data)
        except OSError as error:
            raise self._lost(stage, str(error)) from error

    def _answer(self, stage: Stage, seconds: int) -> Reply:
        try:
            self._wait_at_most(seconds)
            return replies.reply(*self._wire.getreply(), stage)
        except OSError as error:
            raise self._lost(stage, str(error)) from error
        finally:
            self._wait_at_most(_ANSWER)

    def _wait_at_most(self, seconds: int) -> None:
        if self._wire.sock and self._wire.sock.gettimeout() != seconds:
            self._wire.sock.settimeout(seconds)

    def _refused(self, reply: Reply) -> Reply:
        """Return a refusal after making the connection ready for the next message."""
        if not (reply.defers or reply.refuses):
            raise self._lost(reply.stage, f"it answered {reply.code}")
        if not reply.hangs_up:
            # A server that hangs up here is noticed at the next message.
            with suppress(Lost):
                self._ask(reply.stage, "RSET")
        return reply

    def _lost(self, stage: Stage, reason: str) -> Lost:
        self.drop()
        return Lost(self._server, stage, reason)


def _goes_on(reply: Reply) -> bool:
    return reply.code == _START_MAIL_INPUT if reply.stage is Stage.DATA else reply.accepts


def connect(relays: Sequence[Relay]) -> Connection:
    """Return a connection to the first relay that lets us in, in their order.

    Raises Refused when there is none to try, and OutsideFailure that names each with what is wrong with it.
    """
    failures = []
    for relay in relays:
        try:
            return _connected(relay)
        except OutsideFailure as failure:
            failures.append(failure)
    if not failures:
        raise Refused("config.yaml names no mail server", "Add one to mail.smtp.")
    raise OutsideFailure("; ".join(failure.message for failure in failures), failures[0].remedy)


def _connected(relay: Relay) -> Connection:
    server = f"{relay.host}:{relay.port}"
    with _explained(server, _ADDRESS_REMEDY):
        wire = _dialled(relay)
    try:
        _let_in(wire, relay, server)
    except BaseException:
        wire.close()
        raise
    return Connection(wire, server)


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
