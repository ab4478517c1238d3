"""Print what a message costs: spliced, hashed, signed; beside the standard library and dkimpy, and openssl's own speed.

    make bench-mail            all of it
    .venv/bin/python bench/messages.py audience       only the large audience

The edition is one of 40 items in full, about 60 kB. Rates are medians of alternating runs, a second of the
processor each, but those of two processes: a second of the clock. Machines differ, and one differs from second to
second; what is promised beside openssl is therefore the median of more such pairs.
"""

import hashlib
import math
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from itertools import compress, cycle, islice, repeat
from multiprocessing import get_context
from pathlib import Path
from time import process_time

from bench.newsrooms import KINDS, NOW, TOPICS, newsroom_of
from digest import clock
from digest.actions.compose import compose_now, copy_of
from digest.actions.send import envelope
from digest.audience.interests import EVERYTHING, Interests
from digest.cli.options import say
from digest.delivery.replies import Reply, Stage
from digest.delivery.route import Route
from digest.delivery.throttle import Limits, Throttle
from digest.delivery.transport import Step
from digest.editions.freezing import Frozen
from digest.mail.dkim import Identity
from digest.mail.headers import Envelope
from digest.mail.message import PreparedMessage, Tokens
from digest.mail.rendering import Rendering
from digest.signing_key import SigningKey
from digest.wiring import newsroom_at, open_store

RUNS = 5
PAIRS = 15  # beside openssl
SECONDS = 1.0  # a run
OPENSSL = shutil.which("openssl") or "openssl"
SENT = 20_000  # messages of the large audience
TOKENS = Tokens("x" * 43, "y" * 43)
ADDRESS = "reader@example.org"
SUBSCRIBERS, VARIANTS = 300_000, 50_000


@dataclass(frozen=True)
class Bench:
    """An edition, and what its messages are made with."""

    frozen: Frozen
    envelope: Envelope
    pem: str

    @property
    def identity(self) -> Identity:
        """Return who signs."""
        return Identity("example.org", "bench", SigningKey(self.pem))

    def prepared(self, identity: Identity | None) -> PreparedMessage:
        """Return the message, signed where there is an identity."""
        version = self.frozen.versions[0]
        return PreparedMessage(Rendering(version.html, version.text), version.composition, self.envelope, identity)


def bench(folder: Path) -> Bench:
    """Return an edition of 40 items."""
    newsroom = newsroom_at(newsroom_of(folder, 40))
    edition, frozen = compose_now(newsroom, open_store(newsroom), "weekly", NOW)
    pem = subprocess.run([OPENSSL, "genrsa", "2048"], check=True, capture_output=True, text=True).stdout
    return Bench(frozen, envelope(newsroom, edition, frozen.manifest, frozen.versions[0], NOW), pem)


def rate(work: Callable[[int], object], clock_of: Callable[[], float] = process_time) -> float:
    """Return how often a second `work` is done; it gets the number of its turn.

    The seconds are those of the processor, as `openssl speed` counts them too, unless another clock is given.
    """
    began, turns = clock_of(), 0
    while (took := clock_of() - began) < SECONDS:
        for _ in range(20):
            work(turns)
            turns += 1
    return turns / took


def splicing(one: Bench, identity: Identity | None) -> Callable[[int], bytes]:
    """Return what makes a recipient's message."""
    message = one.prepared(identity)
    return lambda turn: message.for_recipient(ADDRESS, TOKENS, f"<{turn}@example.org>", EVERYTHING)


def hashing(one: Bench) -> Callable[[int], bytes]:
    """Return what hashes the body of a message."""
    body = splicing(one, None)(0).partition(b"\r\n\r\n")[2]
    return lambda _: hashlib.sha256(body).digest()


def signing(one: Bench) -> Callable[[int], bytes]:
    """Return what the RSA of a signature is."""
    key, digest = one.identity.key, hashlib.sha256(b"").digest()
    return lambda _: key.sign(digest)


def naive(one: Bench, *, signed: bool) -> Callable[[int], bytes]:
    """Return what makes each message from scratch, by the standard library, and dkimpy where it is signed."""
    import dkim

    copy, subject = copy_of(one.frozen), one.frozen.composition.subject

    def work(turn: int) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = "digest@example.org", ADDRESS, subject
        message["Message-ID"] = f"<{turn}@example.org>"
        message.set_content(copy.text, cte="quoted-printable")
        message.add_alternative(copy.html, subtype="html", cte="quoted-printable")
        source = message.as_bytes()
        if not signed:
            return source
        return bytes(
            dkim.sign(source, b"bench", b"example.org", one.pem.encode(), canonicalize=(b"relaxed", b"relaxed"))
        )

    return work


def openssl() -> float:
    """Return how many RSA-2048 signatures a second `openssl speed` makes on one core."""
    said = subprocess.run([OPENSSL, "speed", "-seconds", "1", "rsa2048"], check=True, capture_output=True, text=True)
    found = re.search(r"^rsa 2048 bits +\S+ +\S+ +(\S+)", said.stdout, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _in_a_process(one: Bench, signed: bool) -> float:  # noqa: FBT001 - of a process pool
    return rate(splicing(one, one.identity if signed else None), clock.monotonic)


def on_two(one: Bench, *, signed: bool) -> float:
    """Return how many messages a second two processes make together."""
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        return sum(pool.map(_in_a_process, [one, one], [signed, signed]))


def speed(folder: Path) -> None:
    """Print the rates."""
    one = bench(folder)
    size = len(splicing(one, one.identity)(0))
    print(f"a message of {size:,} bytes; medians of {RUNS} alternating runs")
    figures: dict[str, Callable[[], float]] = {
        "splice": lambda: rate(splicing(one, None)),
        "hash of the body": lambda: rate(hashing(one)),
        "RSA-2048 alone": lambda: rate(signing(one)),
        "openssl speed": openssl,
        "splice, hash, sign": lambda: rate(splicing(one, one.identity)),
        "the same, two processes": lambda: on_two(one, signed=True),
        "splice, two processes": lambda: on_two(one, signed=False),
        "EmailMessage": lambda: rate(naive(one, signed=False)),
        "EmailMessage and dkimpy": lambda: rate(naive(one, signed=True)),
    }
    runs: dict[str, list[float]] = {name: [] for name in figures}
    for _ in range(RUNS):
        for name, figure in figures.items():
            runs[name].append(figure())
    for name in figures:
        middle = statistics.median(runs[name])
        print(f"{name:<26}{middle:>12,.0f} /s{1e6 / middle:>12,.1f} µs")
    signed = splicing(one, one.identity)
    ratios = sorted(rate(signed) / openssl() for _ in range(PAIRS))
    print(
        f"signed messages per openssl signature: {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f} in {PAIRS} pairs)"
    )


def _choices(variants: int) -> Iterator[Interests]:
    """Yield so many different choices of the newsroom's kinds and topics, and of topics that it had once."""
    if variants == 1:
        return repeat(EVERYTHING)
    kinds, topics = KINDS, (*TOPICS, *(f"once-{number}" for number in range(6)))
    some = (
        Interests(frozenset(compress(kinds, _bits(number))), frozenset(compress(topics, _bits(number >> len(kinds)))))
        for number in range(VARIANTS * 2)
    )
    return cycle(islice(some, VARIANTS))


def _bits(number: int) -> list[int]:
    return [number >> place & 1 for place in range(16)]


def audience(folder: Path, variants: int) -> str:
    """Return what it takes to begin a mailing to 300,000 people with so many different choices."""
    from digest.actions.compose import approve_edition
    from digest.actions.publish import build
    from digest.actions.send import deliver, start
    from digest.addresses import parse_address
    from digest.audience.admission import NewSubscriber
    from digest.audience.subscriber import Consent
    from digest.clock import fixed
    from digest.wiring import office

    newsroom = newsroom_at(newsroom_of(folder, 40))
    store = open_store(newsroom)
    people = enumerate(islice(_choices(variants), SUBSCRIBERS))
    store.audience.import_rows(
        (
            NewSubscriber(
                parse_address(f"reader{number}@example.org"), "en", ("weekly",), Consent.CONFIRMED, "bench", "bench",
                interests=interests,
            )
            for number, interests in people
        ),
        NOW,
    )  # fmt: skip
    build(newsroom, [], NOW)
    edition = approve_edition(newsroom, store, compose_now(newsroom, store, "weekly", NOW)[0], "bench", NOW)
    first: list[float] = []
    desk = replace(
        office(newsroom, lambda: newsroom, store, fixed(NOW), say),
        routes=[Route(lambda: _Taker(first), Throttle("taker", Limits()))],
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = clock.monotonic()
    ready = start(desk, edition)
    begun = clock.monotonic() - began
    deliver(desk, ready, lambda: len(first) >= SENT)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (
        f"{variants:>7,} variants: begun in {begun:.1f} s, first message after {first[0] - began:.1f} s, "
        f"{len(first):,} messages at {len(first) / (first[-1] - first[0]):,.0f} /s, "
        f"{after / 1024:.0f} MB ({(after - before) / 1024:.0f} MB more than before)"
    )


class _Taker:
    """A mail server that takes everything at once; it is not what is measured."""

    def __init__(self, offered: list[float]) -> None:
        self._offered = offered
        self.deadline = math.inf

    def offer(self, outgoing: object) -> None:  # noqa: ARG002 - taken as it is
        self._offered.append(clock.monotonic())
        self._ended: Reply | Step = Step.OFFERED

    def finish(self, following: object = None) -> None:  # noqa: ARG002 - it hears of it soon enough
        self._ended = Reply(250, None, "taken", Stage.DOT)

    def leave(self) -> None:
        self._ended = Step.LEFT

    def step(self) -> Reply | Step:
        return self._ended

    def writes(self) -> bool:
        return False

    def fileno(self) -> int:
        raise NotImplementedError  # nobody has to wait

    def drop(self) -> None:
        """Have nothing to close."""


def main(wanted: list[str]) -> None:
    """Print the figures."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        if wanted != ["audience"]:
            speed(_new(folder, "speed"))
        for variants in (1, VARIANTS):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                print(pool.submit(audience, _new(folder, f"{variants}"), variants).result())


def _new(folder: str, name: str) -> Path:
    made = Path(folder) / name
    made.mkdir()
    return made


if __name__ == "__main__":
    main(sys.argv[1:])
