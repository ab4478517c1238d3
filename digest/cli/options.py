"""What several commands share: the newsroom's folder, times, and how tables are printed."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from digest import clock
from digest.errors import UnfitText
from digest.log import Log
from digest.moments import parse_moment

NewsroomOption = Annotated[
    Path,
    typer.Option("--newsroom", envvar="DIGEST_NEWSROOM", help="The newsroom's folder.", show_default="this folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JsonLogOption = Annotated[bool, typer.Option("--json", help="Log in JSON, an object a line.")]
AddressesOption = Annotated[bool, typer.Option("--addresses", help="Show e-mail addresses in the log.")]
EditionArgument = Annotated[str, typer.Argument(metavar="ID", help="The edition, such as weekly/2026-11-27.")]
HERE = Path()


def moment_given(text: str | None, zone: ZoneInfo) -> datetime:
    """Return the moment of `--at`, or now; a text that is none is wrong usage."""
    if text is None:
        return clock.now()
    try:
        return parse_moment(text, zone)
    except UnfitText as unfit:
        raise typer.BadParameter(str(unfit), param_hint="--at") from unfit


def log_as(*, as_json: bool, addresses: bool) -> Log:
    """Return what prints lines on standard error, as logs go."""
    return Log(partial(typer.echo, err=True), clock.now, as_json=as_json, addresses=addresses)


say = log_as(as_json=False, addresses=True)  # to whoever gave the command


def print_table(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str) -> None:
    """Print the rows as aligned columns, or as a JSON list; `empty` says that there are none."""
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
        return
    if not rows:
        typer.echo(empty)
        return
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    for line in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(str(one) for one in value) if isinstance(value, (list, tuple)) else str(value)
