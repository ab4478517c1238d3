"""The command preview."""

from typing import Annotated

import typer

from digest import clock
from digest.cli.options import HERE, NewsroomOption, moment_given, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(preview)


def preview(
    newsroom: NewsroomOption = HERE,
    at: Annotated[
        str | None, typer.Option(help="Show the newsroom as of that time.", metavar="TIME", show_default="now")
    ] = None,
    port: Annotated[int, typer.Option(help="Where to serve it on 127.0.0.1.", min=1, max=65535)] = 8001,
) -> None:
    """Show the newsroom in your browser while you write, drafts and what is under embargo included."""
    from digest.running import preview as run
    from digest.wiring import newsroom_at

    moment = moment_given(at, newsroom_at(newsroom).config.newsroom.timezone) if at else None
    run(newsroom, port, moment, clock.now, say)
