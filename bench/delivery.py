"""Print how fast an edition goes out, beside Postfix's own load generator on the same sink, in alternating runs.

    make bench-delivery                     at 60 kB and 30 kB
    .venv/bin/python bench/delivery.py 60   one size

Both send over 16 connections to the same smtp-sink. Ours are personalised messages, each with a row that is committed
before its final dot (SQLite, synchronous=FULL); smtp-source repeats one message. Machines differ; the ratio counts.
"""

import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench.newsrooms import NOW, newsroom_of
from digest import clock
from digest.actions.compose import approve_edition, compose_now
from digest.actions.send import deliver, start
from digest.addresses import Address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.clock import fixed
from digest.config import Relay
from digest.wiring import newsroom_at, office, open_store

CONNECTIONS = 16
RECIPIENTS = 20_000
RUNS = 3
ITEMS = {"60": 36, "30": 15}  # of an edition of about so many kB
POSTFIX = f"{os.environ['PATH']}:/usr/sbin"
SINK, SOURCE = (shutil.which(name, path=POSTFIX) or name for name in ("smtp-sink", "smtp-source"))


@dataclass(frozen=True)
class Run:
    """One run of ours."""

    rate: float  # messages a second
    cpu: float  # seconds of processor time a message
    memory: float  # MB at most


@contextmanager
def sink() -> Iterator[int]:
    """Run smtp-sink on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([SINK, *user, f"127.0.0.1:{port}", "1000"])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                clock.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def ours(items: int, port: int) -> Run:
    """Send an edition; meant for a fresh process."""
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        newsroom = newsroom_at(newsroom_of(Path(folder), items))
        store = open_store(newsroom)
        store.audience.import_rows(_readers(), NOW)
        edition = approve_edition(newsroom, store, compose_now(newsroom, store, "weekly", NOW)[0], "bench", NOW)
        relay = Relay(host="127.0.0.1", port=port, security="none", connections=CONNECTIONS)
        mail = newsroom.config.mail.model_copy(update={"smtp": (relay,)}) if newsroom.config.mail else None
        newsroom = replace(newsroom, config=newsroom.config.model_copy(update={"mail": mail}))
        desk = office(newsroom, lambda: newsroom, store, fixed(NOW), print)
        ready = start(desk, edition)
        began, used = clock.monotonic(), _used()
        summary = deliver(desk, ready, lambda: False)
        seconds, cpu = clock.monotonic() - began, _used() - used
        if summary.sent != RECIPIENTS:
            raise SystemExit(f"only {summary} of {RECIPIENTS}")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Run(RECIPIENTS / seconds, cpu / RECIPIENTS, memory)


def _readers() -> Iterator[NewSubscriber]:
    for number in range(RECIPIENTS):
        text = f"reader{number}@example.org"
        yield NewSubscriber(Address(text, text), "en", ("weekly",), Consent.CONFIRMED, "bench", "bench")


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def theirs(size: int, port: int) -> float:
    """Return how many messages a second smtp-source sends."""
    began = clock.monotonic()
    options = ["-d", "-s", str(CONNECTIONS), "-m", str(RECIPIENTS), "-l", str(size)]
    subprocess.run([SOURCE, *options, f"127.0.0.1:{port}"], check=True)
    return RECIPIENTS / (clock.monotonic() - began)


def beside(kilobytes: str) -> str:
    """Return a line about messages of that size."""
    pairs = []
    for _ in range(RUNS):
        with sink() as port, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            run = pool.submit(ours, ITEMS[kilobytes], port).result()
        with sink() as port:
            pairs.append((run, theirs(int(kilobytes) * 1000, port)))
    rate, source = statistics.median(run.rate for run, _ in pairs), statistics.median(their for _, their in pairs)
    ratio = statistics.median(run.rate / their for run, their in pairs)
    cpu = statistics.median(run.cpu for run, _ in pairs) * 1e6
    return (
        f"{kilobytes} kB: {rate:,.0f} messages/s beside {source:,.0f} of smtp-source: {ratio:.2f}; "
        f"{cpu:,.0f} µs of processor and at most {max(run.memory for run, _ in pairs):.0f} MB"
    )


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, {CONNECTIONS} connections, {RECIPIENTS:,} recipients, median of {RUNS} pairs")
    for name in sys.argv[1:] or ITEMS:
        print(beside(name), flush=True)
