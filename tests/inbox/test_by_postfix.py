"""A real Postfix takes our mails and leaves every byte as it was, so that signatures are good when they are read."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest import wiring
from digest.config import Relay
from digest.delivery.single import send_one
from tests.inbox.conftest import Need
from tests.inbox.letters import READER, Letter
from tests.inbox.test_letters import verifies

PROGRAM = shutil.which("postfix", path="/usr/sbin:/usr/bin:/usr/local/sbin")
NOBODY = 65534
RETURN_PATH = "bounces+aaaabbbbccccdddd@mail.amparo.example"
PATIENCE = 30  # seconds; the machine may be busy
MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/maillog
maillog_file_prefixes = {root}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mx.reader.example
mydestination =
alias_maps =
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
smtp_dns_support_level = disabled
smtp_host_lookup = native
default_transport = error:no delivery outside
virtual_mailbox_domains = reader.example
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Server:
    """A Postfix of the test's own."""

    relay: Relay
    inbox: Path  # a Maildir's new mail
    log: Path

    def taken(self, letter: Letter) -> bytes:
        """Send a letter and return the file that arrives for it."""
        before = self._files()
        send_one([wiring.route_to(self.relay)], RETURN_PATH, READER, letter.source)
        for _ in range(PATIENCE * 20):
            if new := self._files() - before:
                return new.pop().read_bytes()
            time.sleep(0.05)
        pytest.fail(self.log.read_text("utf-8"))

    def _files(self) -> set[Path]:
        return set(self.inbox.iterdir()) if self.inbox.is_dir() else set()


@contextmanager
def running() -> Iterator[Server]:
    assert PROGRAM
    root = Path(tempfile.mkdtemp(prefix="digest-test-postfix-"))
    root.chmod(0o755)  # its parts run as several users
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    for name in ("conf", "queue", "data", "mail"):
        (root / name).mkdir()
    shutil.chown(root / "data", "postfix")
    os.chown(root / "mail", NOBODY, NOBODY)
    (root / "conf" / "main.cf").write_text(MAIN.format(root=root, nobody=NOBODY), "utf-8")
    (root / "conf" / "master.cf").write_text(MASTER.format(port=port), "utf-8")
    command = [PROGRAM, "-c", str(root / "conf")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        _wait_for(port)
        relay = Relay(host="127.0.0.1", port=port, security="none")
        yield Server(relay, root / "mail" / "all" / "new", root / "maillog")
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        shutil.rmtree(root, ignore_errors=True)


def _wait_for(port: int) -> None:
    for _ in range(PATIENCE * 20):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"Postfix does not listen on {port}")


@pytest.fixture(scope="module")
def started() -> Iterator[Server | None]:
    if not PROGRAM or os.geteuid():
        yield None
        return
    with running() as server:
        yield server


@pytest.fixture
def server(need: Need, started: Server | None) -> Server | None:
    need(PROGRAM, "Postfix is not installed: apt-get install postfix")
    need(os.geteuid() == 0, "only root can start a Postfix")
    return started


def test_every_byte_arrives_and_the_signature_is_good(letters: list[Letter], server: Server) -> None:
    for letter in letters:
        arrived = server.taken(letter).replace(b"\n", b"\r\n")
        added, ours = arrived[: -len(letter.source)], arrived[-len(letter.source) :]
        assert ours == letter.source, letter.name
        assert added.startswith(f"Return-Path: <{RETURN_PATH}>\r\n".encode())
        assert b"\r\nReceived: from " in added
        assert verifies(arrived), letter.name
