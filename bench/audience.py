"""Print what a million subscribers cost: to import them, to import them again, to choose an edition's recipients.

    make bench-audience        all of it
    .venv/bin/python bench/audience.py 100000       with fewer subscribers

The list is one of Mailchimp's with addresses in no order, which is the worst one for the index. Rates are by the clock,
and beside them the processor's time, which tells what another program took away. Machines differ.
"""

import csv
import hashlib
import os
import resource
import shutil
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import process_time

from bench.newsrooms import KINDS, NOW, TOPICS, newsroom_of
from digest import clock
from digest.audience.shapes import OWN
from digest.moments import to_stored

SUBSCRIBERS = 1_000_000
MAILCHIMP = (
    "Email Address", "First Name", "Last Name", "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME",
    "CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION", "LAST_CHANGED", "LEID",
    "EUID", "NOTES", "TAGS",
)  # fmt: skip


def write_list(path: Path, count: int) -> None:
    """Write so many subscribed members as Mailchimp exports them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(MAILCHIMP)
        for number in range(count):
            at = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02} {number % 24:02}:{number % 60:02}:00"
            name = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()[:10]
            rows.writerow((
                f"{name}.{number}@mail{number % 500}.example", "Ana", "Ruiz", "2", at, "192.0.2.1", at, "192.0.2.1",
                "40.4", "-3.7", "1", "2", "Europe/Madrid", "ES", "MD", at, number, name, "", '"VIP","Blog"',
            ))  # fmt: skip


def write_choosers(path: Path, count: int) -> None:
    """Write so many subscribers of our own export, each of whom chose of kinds, topics and languages."""
    at = to_stored(NOW)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(OWN)
        for number in range(count):
            kinds = " ".join(kind for place, kind in enumerate(KINDS) if number >> place & 1)
            topics = " ".join(topic for place, topic in enumerate(TOPICS) if number >> (place + 5) & 1)
            rows.writerow((
                f"reader{number}@mail{number % 500}.example", "confirmed", ("en", "es")[number % 2], "weekly", kinds,
                topics, "bench", at, "bench", "", at, "",
            ))  # fmt: skip


def imported(folder: Path, path: Path) -> str:
    """Import a list, and return what that took."""
    from digest.actions.enlist import choice
    from digest.actions.import_list import import_list, terms_of
    from digest.wiring import newsroom_at, open_store

    newsroom = newsroom_at(folder)
    terms = terms_of(newsroom.config, path.name, choice(newsroom.config, ("weekly",), None, None), left=False)
    began, busy = clock.monotonic(), process_time()
    done = import_list(open_store(newsroom).audience, path, terms, clock.now, report=folder / "refused.csv")
    took, busy = clock.monotonic() - began, process_time() - busy
    counts = done.counts
    rows = counts.added + counts.known + counts.changed + counts.refused
    return (
        f"{rows:,} rows in {took:.1f} s: {rows / took:,.0f} /s by the clock, {rows / busy:,.0f} /s of the processor, "
        f"{_memory()} MB at most; {counts.added:,} added, {counts.known:,} known, {done.faults:,} faulty"
    )


def chosen(folder: Path) -> str:
    """Fix the recipients of an edition, and return what that took; readers of nothing in it are skipped."""
    from digest.actions.compose import approve_edition, compose_now
    from digest.actions.publish import build
    from digest.actions.send import start
    from digest.clock import fixed
    from digest.wiring import newsroom_at, office, open_store

    newsroom = newsroom_at(folder)
    store = open_store(newsroom)
    build(newsroom, [], NOW)
    edition = approve_edition(newsroom, store, compose_now(newsroom, store, "weekly", NOW)[0], "bench", NOW)
    desk = office(newsroom, lambda: newsroom, store, fixed(NOW), print)
    began, busy = clock.monotonic(), process_time()
    ready = start(desk, edition)
    took, busy = clock.monotonic() - began, process_time() - busy
    rows = ", ".join(f"{count:,} {state}" for state, count in store.deliveries.counts(ready.key).items())
    return f"{rows} in {took:.1f} s by the clock, {busy:.1f} s of the processor; {_memory()} MB at most"


def disk(folder: Path) -> str:
    """Return what a commit costs here by itself: a small write that has to be on the disk."""
    times = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(200):
            began = clock.monotonic()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(clock.monotonic() - began)
    return f"{statistics.median(times) * 1000:.2f} ms for 4 kB to be on the disk, {os.getloadavg()[0]:.1f} load"


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"


def main(count: int) -> None:
    """Print the figures; each in a process of its own."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {count:,} subscribers, SQLite, synchronous=FULL")
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        whole = Path(name)
        mailchimp, choosers = whole / "subscribed.csv", whole / "own.csv"
        write_list(mailchimp, count)
        write_choosers(choosers, count)
        print(f"{'disk':<24}{disk(whole)}")
        first, second = (newsroom_of(_made(whole / folder), 40) for folder in ("first", "second"))
        for told, work, given in (
            ("import", imported, (first, mailchimp)),
            ("the same again", imported, (first, mailchimp)),
            ("import of choosers", imported, (second, choosers)),
            ("recipients, variants", chosen, (second,)),
        ):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                print(f"{told:<24}{pool.submit(work, *given).result()}", flush=True)
        shutil.rmtree(first)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SUBSCRIBERS)
