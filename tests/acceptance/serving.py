"""`digest serve` as a process, and the mails that it has sent."""

import email
import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

from digest import clock
from tests.acceptance.previewing import free_port

_PATIENCE = 60  # seconds; the machine may be busy


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers by name in lower case, and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    connection.close()
    return answer


@contextmanager
def serving(newsroom: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Serve a copy of the sample newsroom until the context ends; give its port once the first round is done."""
    port = free_port()
    config = (newsroom / "config.yaml").read_text("utf-8")
    (newsroom / "config.yaml").write_text(re.sub(r"127\.0\.0\.1:8000", f"127.0.0.1:{port}", config), "utf-8")
    command = [str(Path(sys.executable).with_name("digest")), "serve", "--newsroom", str(newsroom)]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        deadline = clock.monotonic() + _PATIENCE
        while True:
            assert process.poll() is None, process.communicate()
            assert clock.monotonic() < deadline
            try:
                if ask(port, "GET", "/healthz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.05)
        yield port, process
    finally:
        process.kill()
        process.communicate()


def mails_to(inbox: Path, address: str, wanted: int) -> list[EmailMessage]:
    """Wait for so many mails to an address, and return them in the order of their arrival."""
    deadline = clock.monotonic() + _PATIENCE
    while True:
        kept = Maildir(inbox, create=True)
        found = [
            email.message_from_bytes(kept.get_bytes(key), _class=EmailMessage, policy=policy.default)
            for key in sorted(kept.keys())
        ]
        found = [one for one in found if one["To"] == address]
        if len(found) >= wanted:
            return found
        assert clock.monotonic() < deadline, [one["Subject"] for one in found]
        time.sleep(0.1)


def link_in(mail: EmailMessage, page: str) -> str:
    """Return the address below `page` that the plain text of a mail holds."""
    text = mail.get_body(("plain",))
    assert text
    found = re.search(rf"^https?://\S+/{page}/\S+$", text.get_content(), re.MULTILINE)
    assert found, text.get_content()
    return found[0]
