"""The command line, put together from its groups."""

from dataclasses import dataclass
from typing import Annotated

import typer

from digest import __version__
from digest.cli import (
    demo,
    doctor,
    editions,
    items,
    mailings,
    newsroom,
    one_subscriber,
    preview,
    schedules,
    subscribers,
)


@dataclass
class Settings:
    """What holds for all commands of this run."""

    debug: bool = False


app = typer.Typer(
    name="digest",
    help="Publish a newsroom: an Atom feed, web pages and an e-mail digest from one folder of YAML.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def show_version(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    """Answer `--version`, also behind another option."""
    if wanted:
        typer.echo(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    """Keep what holds for all commands."""
    context.ensure_object(Settings).debug = debug


newsroom.register(app)
items.register(app)
preview.register(app)
schedules.register(app)
doctor.register(app)
demo.register(app)
mailings.register(editions.group)
app.add_typer(editions.group)
one_subscriber.register(subscribers.group)
app.add_typer(subscribers.group)
