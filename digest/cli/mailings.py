"""Commands about an edition that is or was sent: pause, resume, cancel, report, receipts, explain."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import clock
from digest.cli.options import HERE, EditionArgument, JsonOption, NewsroomOption, say
from digest.errors import printable

if TYPE_CHECKING:
    from digest.actions.ports import Office
    from digest.editions.edition import Edition

ReasonOption = Annotated[str, typer.Option(help="Why.")]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    for command in (pause, resume, cancel, report, receipts, explain):
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


def report(edition: EditionArgument, newsroom: NewsroomOption = HERE, as_json: JsonOption = False) -> None:
    """Account for every recipient: how many are in which state, and who did not simply get it, with the reason."""
    from digest.actions import report as actions

    desk, found = _at_hand(newsroom, edition)
    with desk.store.reports.account(found.key) as account:
        if as_json:
            _print_object(actions.facts(found, account), "named", map(actions.fact_of, account.named))
            return
        for line in actions.sums(found, account):
            typer.echo(line)
        for number, named in enumerate(account.named):
            typer.echo(f"{'' if number else chr(10)}{printable(actions.line_of(named))}")


def receipts(
    edition: EditionArgument,
    newsroom: NewsroomOption = HERE,
    item: Annotated[
        str | None, typer.Option(help="Only who got that item, and in which version.", metavar="SLUG")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one receipt a line.")] = False,
) -> None:
    """Print who got an edition, when, in which variant, with which versions of its items: CSV, or JSON lines."""
    from digest.actions import receipts as actions

    desk, found = _at_hand(newsroom, edition)
    made = actions.receipts(desk, found, item)
    (actions.write_json_lines if as_json else actions.write_csv)(made, sys.stdout)


def explain(
    edition: EditionArgument,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address.")],
    newsroom: NewsroomOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say why an address got an edition, or why not."""
    from digest.actions.explain import explain as explained

    desk, found = _at_hand(newsroom, edition)
    told = explained(desk, found, address)
    if as_json:
        typer.echo(json.dumps(told.facts(), indent=2, ensure_ascii=False))
        return
    first, *others = told.why
    typer.echo(f"{told.address}, {told.edition}: {printable(first)}")
    for line in others:
        typer.echo(f"  {printable(line)}")
    for slug, version in told.items:
        typer.echo(f"      {slug} {version:.12}")


def _print_object(facts: dict[str, object], name: str, rows: Iterator[dict[str, object]]) -> None:
    """Print one JSON object, whose last member is a list that may be too long for the memory."""
    typer.echo(f"{json.dumps(facts, indent=2, ensure_ascii=False)[:-2]},\n  {json.dumps(name)}: [", nl=False)
    for number, row in enumerate(rows):
        typer.echo(f"{',' if number else ''}\n    {json.dumps(row, ensure_ascii=False)}", nl=False)
    typer.echo("\n  ]\n}")


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
