"""Tell WebSub hubs that feeds changed, so that who subscribed there learns of it at once.

    each hub and feed: POST ─▶ taken │ later: wait longer each time ─▶ POST … │ refused or given up: said

Nothing depends on it: readers that poll see the change all the same. It may take minutes, so it belongs into a thread
of its own, which the caller may end with the program.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest import clock, urls
from digest.actions.newsroom import Newsroom
from digest.errors import OutsideFailure
from digest.site.feeds import is_polled

WAITS = (2.0, 15.0, 120.0)  # seconds before each further try
_TIME_LIMIT = 10.0  # seconds a try
_REMEDY = "Readers that poll see the change all the same; look at feeds.websub in config.yaml if this goes on."
_TAKEN = range(200, 300)  # statuses; WebSub leaves open which of them (section 7)
_SERVER_ERRORS = 500
_LATER = frozenset({408, 425, 429})  # statuses of 4xx that ask to try again (RFC 9110, RFC 8470, RFC 6585)


class Post(Protocol):
    """Sends a form by HTTP."""

    def __call__(self, address: str, form: dict[str, str]) -> int:
        """Return the status of the answer; OutsideFailure when there is none."""


def tell_hubs(
    hubs: Sequence[str],
    changed: Sequence[str],
    *,
    post: Post,
    wait: Callable[[float], None],
    say: Callable[[str], None],
) -> None:
    """Tell each hub of each feed in `changed`, absolute addresses; what fails in the end is said, never raised.

    A hub that failed is not tried with the other feeds: they would fail alike, each after minutes.
    """
    for hub in hubs:
        for feed in changed:
            if failure := _tell(hub, feed, post, wait):
                say(failure.message)
                break


def post_form(address: str, form: dict[str, str]) -> int:
    """Send a form by httpx; return the status of the answer. Raises OutsideFailure when there is none."""
    import httpx  # noqa: PLC0415 - 60 ms that only newsrooms with a hub pay

    try:
        return httpx.post(address, data=form, timeout=_TIME_LIMIT).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutsideFailure(f"{address} cannot be reached: {error}", _REMEDY) from error


def changed_feeds(newsroom: Newsroom, changed: Collection[str]) -> list[str]:
    """Return the addresses of the feeds that a build changed and that name hubs, in all their forms."""
    return [urls.absolute(newsroom.config.newsroom, path) for path in sorted(changed) if is_polled(path)]


def tell_hubs_aside(newsroom: Newsroom, files: Collection[str], say: Callable[[str], None]) -> None:
    """Tell the hubs of config.yaml that these files changed, in a thread that holds nothing up and outlives nothing."""
    hubs, changed = newsroom.config.feeds.websub, changed_feeds(newsroom, files)
    if hubs and changed:
        settings = {"post": post_form, "wait": clock.sleep, "say": say}
        threading.Thread(target=tell_hubs, args=(hubs, changed), kwargs=settings, daemon=True).start()


@dataclass(frozen=True)
class _Failure:
    message: str  # with what to do
    passing: bool  # worth another try


def _tell(hub: str, feed: str, post: Post, wait: Callable[[float], None]) -> _Failure | None:
    for pause in WAITS:
        failure = _publish(hub, feed, post)
        if failure is None or not failure.passing:
            return failure
        wait(pause)
    return _publish(hub, feed, post)


def _publish(hub: str, feed: str, post: Post) -> _Failure | None:
    try:
        status = post(hub, {"hub.mode": "publish", "hub.url": feed})
    except OutsideFailure as failure:
        return _Failure(str(failure), passing=True)
    if status in _TAKEN:
        return None
    message = f"the hub {hub} did not take the news of {feed}: it answered {status}. {_REMEDY}"
    return _Failure(message, passing=status in _LATER or status >= _SERVER_ERRORS)
