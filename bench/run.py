"""Print how fast the parts are and how much memory each takes; every figure is measured in a process of its own.

    make bench                 all figures
    .venv/bin/python bench/run.py load feed      some of them

These are figures to watch, not tests: machines differ. Each line gives the median of three runs.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.newsrooms import NOW, newsroom_of
from digest import clock

ITEMS = 1_000
MESSAGES = 2_000
RUNS = 3
Figure = tuple[float, str]  # how many a second, of what


def _timed(work: Callable[[], object], count: int, unit: str) -> Figure:
    began = clock.monotonic()
    work()
    return count / (clock.monotonic() - began), unit


def load(folder: Path) -> Figure:
    """Read, check and complete every item."""
    from digest.items.loading import load_items
    from digest.wiring import newsroom_at

    newsroom = newsroom_at(newsroom_of(folder, ITEMS))
    return _timed(lambda: load_items(newsroom.folder, newsroom.config), ITEMS, "items")


def feed(folder: Path) -> Figure:
    """Make atom.xml of its newest entries."""
    from digest.items.loading import load_items
    from digest.site.documents import documents
    from digest.site.entries import entry
    from digest.site.feed import atom
    from digest.site.feeds import Imprint
    from digest.site.survey import survey
    from digest.wiring import newsroom_at

    newsroom = newsroom_at(newsroom_of(folder, ITEMS))
    config, items = newsroom.config, load_items(newsroom.folder, newsroom.config).items
    main = next(documents(survey(config, items, NOW)))
    carried = [item for item in items if item.slug in main.slugs]
    return _timed(
        lambda: atom(main, [entry(item, NOW, config) for item in carried], config, Imprint()), len(carried), "entries"
    )


def pages(folder: Path) -> Figure:
    """Check, make and write the whole site for the first time."""
    from digest.actions.publish import build
    from digest.wiring import newsroom_at

    newsroom = newsroom_at(newsroom_of(folder, ITEMS))
    return _timed(lambda: build(newsroom, [], NOW), ITEMS, "pages")


def compose(folder: Path) -> Figure:
    """Compose, render, inline and freeze an edition of 40 items and more links."""
    from digest.actions.compose import compose_now
    from digest.wiring import newsroom_at, open_store

    newsroom = newsroom_at(newsroom_of(folder, 100))
    store = open_store(newsroom)
    return _timed(lambda: compose_now(newsroom, store, "weekly", NOW), 1, "editions")


def splice(folder: Path) -> Figure:
    """Make a recipient's message from the edition's."""
    from digest.actions.compose import compose_now, frozen_content
    from digest.actions.send import envelope
    from digest.audience.interests import EVERYTHING
    from digest.mail.message import PreparedMessage, Tokens
    from digest.mail.rendering import Rendering
    from digest.wiring import newsroom_at, open_store

    newsroom = newsroom_at(newsroom_of(folder, 100))
    edition, _ = compose_now(newsroom, open_store(newsroom), "weekly", NOW)
    frozen = frozen_content(newsroom, edition)
    version = frozen.versions[0]
    headers = envelope(newsroom, edition, frozen.manifest, version, NOW)
    message = PreparedMessage(Rendering(version.html, version.text), version.composition, headers)
    tokens, count = Tokens("u" * 43, "p" * 43), 100_000

    def work() -> None:
        for number in range(count):
            message.for_recipient("reader@example.org", tokens, f"<{number}@example.org>", EVERYTHING)

    return _timed(work, count, "messages")


def send(folder: Path) -> Figure:
    """Send an edition over one SMTP connection, each row committed before its final dot."""
    from dataclasses import replace

    from digest.actions.compose import approve_edition, compose_now
    from digest.actions.enlist import choice, enlist
    from digest.actions.send import deliver, start
    from digest.cli.options import say
    from digest.clock import fixed
    from digest.config import Relay
    from digest.wiring import newsroom_at, office, open_store, route_to

    newsroom = newsroom_at(newsroom_of(folder, 20))
    store = open_store(newsroom)
    agreed = choice(newsroom.config, (), None, "bench")
    for number in range(MESSAGES):
        enlist(store.audience, f"reader{number}@example.org", agreed, NOW)
    edition = approve_edition(newsroom, store, compose_now(newsroom, store, "weekly", NOW)[0], "bench", NOW)
    sink = subprocess.Popen([sys.executable, Path(__file__).with_name("sink.py")], stdout=subprocess.PIPE, text=True)
    try:
        port = int(sink.stdout.readline()) if sink.stdout else 0
        route = route_to(Relay(host="127.0.0.1", port=port, security="none", connections=1))
        desk = replace(office(newsroom, lambda: newsroom, store, fixed(NOW), say), routes=[route])
        ready = start(desk, edition)
        return _timed(lambda: deliver(desk, ready, lambda: False), MESSAGES, "messages")
    finally:
        sink.kill()
        sink.communicate()


FIGURES: dict[str, Callable[[Path], Figure]] = {
    "load": load,
    "feed": feed,
    "pages": pages,
    "compose": compose,
    "splice": splice,
    "send": send,
}


def measured(name: str) -> tuple[float, str, float]:
    """Return figure, unit and peak memory (MB) of this process; meant for a fresh one."""
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        figure, unit = FIGURES[name](Path(folder))
    return figure, unit, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def starts() -> str:
    """Return how long `digest --version` takes, the median of eleven."""
    command = [str(Path(sys.executable).with_name("digest")), "--version"]
    times = []
    for _ in range(11):
        began = clock.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(clock.monotonic() - began)
    return f"{'version':<10}{statistics.median(times) * 1000:>12,.0f} ms"


def main(names: list[str]) -> None:
    """Print a line for each figure named, or for all."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, median of {RUNS}")
    for name in names or FIGURES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            runs = [pool.submit(measured, name).result() for _ in range(RUNS)]
        rate, unit, memory = statistics.median(run[0] for run in runs), runs[0][1], max(run[2] for run in runs)
        said = (FIGURES[name].__doc__ or "").split("\n", maxsplit=1)[0]
        print(f"{name:<10}{rate:>12,.1f} {unit + '/s':<12}{memory:>8.0f} MB   {said}")
    if not names:
        print(starts())


if __name__ == "__main__":
    main(sys.argv[1:])
