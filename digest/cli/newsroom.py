"""Commands about the newsroom as a whole: init, check, build, schema, migrate."""

import gc
import json
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from digest import clock
from digest.cli.options import HERE, NewsroomOption, moment_given, say
from digest.errors import Problem, printable


class Format(StrEnum):
    """How problems are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"  # annotations of a pull request


class SchemaName(StrEnum):
    """What a schema can be had of."""

    ITEM = "item"
    CONFIG = "config"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (init, check, build, schema, migrate):
        app.command()(command)


def init(folder: Annotated[Path, typer.Argument(help="The new newsroom's folder.")]) -> None:
    """Begin a newsroom in a folder, with a first item."""
    from digest.actions.founding import found

    for path in found(folder, clock.now().date(), clock.new_uuid):
        typer.echo(f"wrote {path}")
    typer.echo(f"Next: cd {folder}, put your names into config.yaml, then digest check and digest build.")


def check(
    newsroom: NewsroomOption = HERE,
    fix: Annotated[bool, typer.Option("--fix", help="Give ids to items that have none, or another's.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
    style: Annotated[Format, typer.Option("--format", help="How to print the problems.")] = Format.TEXT,
) -> None:
    """Check config.yaml and every item: all problems of all files at once."""
    from digest.actions import author

    folder = newsroom.absolute()
    if fix:
        for source in author.mend_ids(folder, clock.new_uuid):
            say(printable(f"{source}: its id was mended"))
    problems = author.check(folder)
    _print_problems(problems, style, newsroom)
    errors = sum(problem.level == "error" for problem in problems)
    if errors or (strict and problems):
        raise typer.Exit(1)


def _print_problems(problems: tuple[Problem, ...], style: Format, newsroom: Path) -> None:
    match style:
        case Format.TEXT:
            for problem in problems:
                say(str(problem))
            say(_counted(problems))
        case Format.JSON:
            typer.echo(json.dumps([asdict(problem) for problem in problems], indent=2))
        case Format.GITHUB:
            for problem in problems:
                typer.echo(_annotation(problem, newsroom))


def _counted(problems: tuple[Problem, ...]) -> str:
    counts = Counter(problem.level for problem in problems)
    words = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in sorted(counts.items())]
    return ", ".join(words) or "no problems"


def _annotation(problem: Problem, newsroom: Path) -> str:
    """Return the problem as GitHub's runner reads it; what its commands are made of is escaped as it wants."""
    path = (newsroom / problem.path).as_posix()
    for sign, escape in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        path = path.replace(sign, escape)
    text = printable(f"{problem.message}. {problem.remedy}").replace("%", "%25")
    return printable(f"::{problem.level} file={path},line={max(problem.line, 1)},col={max(problem.column, 1)}::{text}")


def build(
    newsroom: NewsroomOption = HERE,
    at: Annotated[str | None, typer.Option(help="Publish as of that time.", metavar="TIME")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read and make everything anew.")] = False,
) -> None:
    """Publish the site into public/; nothing is touched unless all is well."""
    gc.disable()  # looking for cycles, of which a build makes hardly any, takes a tenth of its time
    from digest.actions.publish import build as publish
    from digest.wiring import mailed_editions, newsroom_to_build

    with newsroom_to_build(newsroom) as where:
        moment = moment_given(at, where.config.newsroom.timezone)
        built = publish(where, mailed_editions(where), moment, full=full)
    if moment > clock.now():
        say(f"{where.public} shows what is under embargo now. Build again without --at before anybody can read it.")
    done = built.published
    typer.echo(f"{where.public}: {done.written} files written, {done.unchanged} unchanged, {done.removed} removed")


def schema(name: Annotated[SchemaName, typer.Argument(help="What to describe.")]) -> None:
    """Print the JSON Schema that editors use."""
    from digest.actions.editor_schema import schema_text

    typer.echo(schema_text(name.value), nl=False)


def migrate(newsroom: NewsroomOption = HERE) -> None:
    """Bring the database to this version of the program."""
    from digest.wiring import migrate_store, newsroom_at

    typer.echo(migrate_store(newsroom_at(newsroom)))
