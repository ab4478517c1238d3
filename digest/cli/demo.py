"""The command demo."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.options import HERE, NewsroomOption, moment_given
from digest.errors import Refused


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    newsroom: NewsroomOption = HERE,
    at: Annotated[str, typer.Option(help="The moment to pretend it is.", metavar="TIME")] = "2026-11-20 09:00",
    into: Annotated[
        Path | None, typer.Option(help="An empty folder for what is made.", show_default="a new one")
    ] = None,
) -> None:
    """Do the whole job once on a copy of the newsroom, with a mail server of its own on this machine."""
    from digest.demo import demonstrate
    from digest.wiring import newsroom_at

    where = newsroom_at(newsroom)
    folder = (into or Path(tempfile.mkdtemp(prefix="digest-demo-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Refused(f"{folder} is not empty", "Give an empty folder with --into.")
    demonstrate(where.folder, folder, moment_given(at, where.config.newsroom.timezone), typer.echo)
