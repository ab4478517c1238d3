"""The command doctor."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.options import HERE, JsonOption, NewsroomOption, say

if TYPE_CHECKING:
    from digest.actions.doctor import Diagnosis
    from digest.mail.dns_records import Record


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    newsroom: NewsroomOption = HERE,
    dns: Annotated[bool, typer.Option("--dns", help="Print the DNS records that mail needs, and check them.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at everything that has to be set up: files, database, mail servers, addresses."""
    from digest.actions.doctor import examine, examine_dns, exit_code, records_of
    from digest.wiring import choices, has_database, knock, lookup_in_dns, newsroom_at

    where = newsroom_at(newsroom)
    diagnoses = examine(where, partial(has_database, where), partial(choices, where), knock)
    records: tuple[Record, ...] = ()
    if dns:
        records, diagnoses = records_of(where), chain(diagnoses, examine_dns(where, lookup_in_dns))
    if as_json:
        found = list(diagnoses)
        print_json(records, found)
    else:
        print_records(records)
        found = list(said(diagnoses))
    if code := exit_code(found):
        raise typer.Exit(code)


def said(diagnoses: Iterable["Diagnosis"]) -> Iterator["Diagnosis"]:
    """Yield the diagnoses, each printed as soon as it is there: servers may take their time."""
    for diagnosis in diagnoses:
        say(str(diagnosis))
        yield diagnosis


def print_records(records: Iterable["Record"]) -> None:
    """Print the records as lines of a zone file, each with its hint as a comment."""
    for record in records:
        typer.echo(f"; {record.sort}. {record.hint}\n{record.zone_line}\n")


def print_json(records: Iterable["Record"], diagnoses: Iterable["Diagnosis"]) -> None:
    """Print all as one JSON object."""
    shown = [{**asdict(record), "type": "TXT", "zone_line": record.zone_line} for record in records]
    told = {"records": shown, "findings": [asdict(diagnosis) for diagnosis in diagnoses]}
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
