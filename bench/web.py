"""Print what the sign-up pages of a real `digest serve` cost, and whether their time tells who is on the list.

    make bench-web
    .venv/bin/python bench/web.py 500        so many pairs instead of 2,000

Each pair is a known and an unknown address, in alternating order, each from a network of its own, as a trusted proxy
tells it. The requests that limits count are taken out of the database now and then; nothing else differs from a
newsroom's own server. Its mail server cannot be reached, so that no letter is rendered meanwhile.
"""

import http.client
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bench.newsrooms import newsroom_of
from digest import clock
from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.store import tables
from digest.store.database import open_database
from digest.web.stamps import stamp
from digest.wiring import newsroom_at, open_store, token_keys

PAIRS = 2000
BETWEEN = 400  # pairs between two looks at the limits, which allow 2,000 requests an hour
VISITORS = 4  # at once
SECONDS = 5.0  # of a rate
AT_ONCE = 400  # posts of a rate


@dataclass(frozen=True)
class Site:
    """A newsroom that is being served."""

    folder: Path
    port: int
    engine: Engine

    def forget_requests(self) -> None:
        """Let the limits begin anew."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(tables.request))

    def stamp(self) -> str:
        """Return the stamp of a form that was shown a while ago."""
        return stamp(token_keys(newsroom_at(self.folder)), "subscribe en", clock.now() - timedelta(minutes=1))


class Visitor:
    """A browser that keeps its connection."""

    def __init__(self, site: Site) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        self._stamp = site.stamp()

    def show(self) -> None:
        """Get the form."""
        self._line.request("GET", "/subscribe", headers={"Accept-Language": "en"})
        self._read()

    def subscribe(self, address: str, number: int) -> float:
        """Send the form from the network of that number; return the seconds until the answer was read."""
        form = urlencode({"address": address, "stamp": self._stamp, "language": "en", "digest": "weekly"})
        headers = {
            "Accept-Language": "en",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"10.{number >> 8 & 255}.{number & 255}.1",
        }
        began = clock.monotonic()
        self._line.request("POST", "/subscribe", form, headers)
        self._read()
        return clock.monotonic() - began

    def _read(self) -> None:
        answer = self._line.getresponse()
        said = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{answer.status}: {said.decode()[:500]}")


@contextmanager
def serving(folder: Path, known: int) -> Iterator[Site]:
    """Give a site with so many subscribers, each at a domain of their own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    path = newsroom_of(folder, 40)
    config = (path / "config.yaml").read_text("utf-8")
    here = f'listen: "127.0.0.1:{port}"\n  trusted_proxies: [127.0.0.1]'
    config = config.replace('listen: "127.0.0.1:8000"', here)
    (path / "config.yaml").write_text(
        re.sub(r"host: 127\.0\.0\.1, port: \d+", "host: 127.0.0.1, port: 9", config), "utf-8"
    )
    newsroom = newsroom_at(path)
    rows = (
        NewSubscriber(
            parse_address(f"reader@k{number}.example"), "en", ("weekly",), Consent.CONFIRMED, "bench", "bench"
        )
        for number in range(known)
    )
    open_store(newsroom).audience.import_rows(rows, clock.now())
    engine = open_database(newsroom.config.database.url.get_secret_value(), path)
    command = [str(Path(sys.executable).with_name("digest")), "serve", "--newsroom", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield Site(path, port, engine)
    finally:
        process.kill()
        process.wait()
        engine.dispose()


def _wait(port: int) -> None:
    """Wait until the first round is done, so that it takes no time from what is measured."""
    deadline = clock.monotonic() + 120
    while clock.monotonic() < deadline:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            line.request("GET", "/healthz")
            if line.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        clock.sleep(0.1)
    raise SystemExit("digest serve does not answer")


def pairs(site: Site, many: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each known and each unknown address."""
    visitor = Visitor(site)
    known: list[float] = []
    unknown: list[float] = []
    for number in range(-50, many):  # the first are to warm it up
        if number % BETWEEN == 0:
            site.forget_requests()
        turns = [(known, f"reader@k{number % many}.example"), (unknown, f"reader@u{number % many}.example")]
        for seconds, address in turns[:: 1 if number % 2 else -1]:
            took = visitor.subscribe(address, 2 * number + (seconds is known) + 200)
            if number >= 0:
                seconds.append(took)
    return known, unknown


def rate_of_forms(site: Site) -> float:
    """Return how often a second the form is shown to several visitors at once."""
    end = clock.monotonic() + SECONDS

    def look(visitor: Visitor) -> int:
        for turns in count():
            if clock.monotonic() >= end:
                return turns
            visitor.show()
        return 0

    with ThreadPoolExecutor(VISITORS) as pool:
        return sum(pool.map(look, [Visitor(site) for _ in range(VISITORS)])) / SECONDS


def rate_of_posts(site: Site) -> float:
    """Return how many forms a second of several visitors at once are taken."""
    site.forget_requests()
    began = clock.monotonic()

    def send(part: int) -> None:
        visitor = Visitor(site)
        for number in range(part, AT_ONCE, VISITORS):
            visitor.subscribe(f"reader@p{number}.example", number)

    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(send, range(VISITORS)))
    return AT_ONCE / (clock.monotonic() - began)


def main() -> None:
    """Print the figures."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), many) as site:
        known, unknown = pairs(site, many)
        middles = [statistics.median(seconds) * 1000 for seconds in (known, unknown)]
        apart = middles[1] - middles[0]
        print(f"POST /subscribe, {many:,} interleaved pairs")
        print(f"medians: {middles[0]:.3f} ms known, {middles[1]:.3f} ms unknown")
        print(f"apart by {apart:+.3f} ms, {apart / middles[0]:+.1%} (promised: less than 5 % or 0.2 ms)")
        differences = sorted(there - here for here, there in zip(known, unknown, strict=True))
        print(f"median of the pairs' differences {statistics.median(differences) * 1000:+.3f} ms")
        print(f"{VISITORS} visitors at once: GET /subscribe {rate_of_forms(site):,.0f} /s", end=", ")
        print(f"POST /subscribe {rate_of_posts(site):,.0f} /s")


if __name__ == "__main__":
    main()
