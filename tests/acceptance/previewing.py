"""`digest preview` as a process."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A preview that serves."""

    process: subprocess.Popen[str]
    port: int

    @property
    def address(self) -> str:
        """Return where it serves, without the final slash."""
        return f"http://{HOST}:{self.port}"

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
        connection.close()
        return answer


@contextmanager
def previewing(newsroom: Path, *options: str, port: int | None = None) -> Iterator[Running]:
    """Preview the newsroom until the context ends."""
    port = port or free_port()
    command = [str(Path(sys.executable).with_name("digest")), "preview", "--newsroom", str(newsroom)]
    arguments = [*command, "--port", str(port), *options]
    with subprocess.Popen(arguments, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr
            said: list[str] = []
            while not (said and said[-1].startswith("preview: ")):
                said.append(process.stderr.readline())
                assert said[-1], said
            yield Running(process, port)
        finally:
            process.kill()


def free_port() -> int:
    """Return a port that is free."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
