"""Commands about single items."""

from typing import Annotated

import typer

from digest import clock
from digest.cli.options import HERE, NewsroomOption


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(new)


def new(
    kind: Annotated[str, typer.Argument(help="A kind of config.yaml, such as press-release.")],
    title: Annotated[str, typer.Argument(help="The headline.")],
    newsroom: NewsroomOption = HERE,
) -> None:
    """Begin an item as a draft."""
    from digest.actions.author import new_item

    path = new_item(newsroom.absolute(), kind, title, clock.now(), clock.new_uuid())
    typer.echo(f"wrote {path}")
