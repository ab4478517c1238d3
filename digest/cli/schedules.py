"""Commands about the schedule: schedule, tick, serve."""

from dataclasses import asdict
from typing import Annotated

import typer

from digest import clock
from digest.cli.options import HERE, AddressesOption, JsonLogOption, JsonOption, NewsroomOption, log_as, print_table


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (schedule, tick, serve):
        app.command()(command)


def schedule(
    newsroom: NewsroomOption = HERE,
    coming: Annotated[int, typer.Option("--next", help="How many slots to show.", min=1, max=200)] = 12,
    as_json: JsonOption = False,
) -> None:
    """Rehearse the coming slots: when, for how many, with how many items, and what is unusual."""
    from digest.actions.rehearse import rehearse
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    rows = [asdict(one) for one in rehearse(where, open_store(where), clock.now(), coming)]
    print_table(rows, as_json=as_json, empty="No digest has a schedule.")


def tick(newsroom: NewsroomOption = HERE, as_json: JsonLogOption = False, addresses: AddressesOption = False) -> None:
    """Do one round of what `serve` does on a schedule, and send what is due; for cron."""
    from digest.running import tick as go

    go(newsroom, clock.now, log_as(as_json=as_json, addresses=addresses))


def serve(newsroom: NewsroomOption = HERE, as_json: JsonLogOption = False, addresses: AddressesOption = False) -> None:
    """Run web, schedule and delivery in one process, until SIGTERM or Ctrl-C."""
    from digest.running import serve as run

    run(newsroom, clock.now, log_as(as_json=as_json, addresses=addresses))
