"""Commands about an edition that is or was sent: pause, resume, cancel."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import clock
from digest.cli.options import HERE, EditionArgument, NewsroomOption, say
from digest.errors import printable

if TYPE_CHECKING:
    from digest.actions.ports import Office
    from digest.editions.edition import Edition

ReasonOption = Annotated[str, typer.Option(help="Why.")]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    for command in (pause, resume, cancel):
        group.command()(command)


def pause(edition: EditionArgument, newsroom: NewsroomOption = HERE, reason: ReasonOption = "paused by staff") -> None:
    """Pause an edition that is being sent, in whichever process; nobody is sent anything until it is resumed."""
    from digest.actions import halt

    desk, found = _at_hand(newsroom, edition)
    paused = halt.pause(desk, found, printable(reason))
    _tell_what_became(desk, paused, halt.in_flight(desk, paused))


def resume(edition: EditionArgument, newsroom: NewsroomOption = HERE) -> None:
    """Go on with an edition that was paused, or held midway; those who have got it are not sent it again."""
    from digest.actions import send

    desk, found = _at_hand(newsroom, edition)
    _tell_what_became(desk, send.resume(desk, found))
    typer.echo(f"`digest serve` or `digest tick` goes on with it, or: digest edition send {found.id}")


def cancel(
    edition: EditionArgument, newsroom: NewsroomOption = HERE, reason: ReasonOption = "cancelled by staff"
) -> None:
    """Cancel an edition; nobody who has not got it yet will."""
    from digest.actions import halt

    desk, found = _at_hand(newsroom, edition)
    cancelled = halt.cancel(desk, found, printable(reason))
    _tell_what_became(desk, cancelled, halt.close(desk, cancelled) if found.dated else 0)


def _at_hand(newsroom: Path, edition: str) -> "tuple[Office, Edition]":
    from digest.actions.find import find_edition
    from digest.wiring import newsroom_at, office, open_store

    where = newsroom_at(newsroom)
    desk = office(where, partial(newsroom_at, newsroom), open_store(where), clock.now, say)
    return desk, find_edition(desk.store, edition)


def _tell_what_became(desk: "Office", edition: "Edition", waiting: int = 0) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in desk.store.deliveries.counts(edition.key).items())
    typer.echo(f"{edition.id} is {edition.state}: {counts}" if counts else f"{edition.id} is {edition.state}.")
    if waiting:
        say(
            f"The server has not answered for {waiting} of them yet, which were in flight. "
            f"They are named by: digest edition report {edition.id}"
        )
