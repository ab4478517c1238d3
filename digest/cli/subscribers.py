"""Commands about the list of subscribers: add, import, export, count."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from digest import clock
from digest.cli.options import HERE, JsonOption, NewsroomOption, print_table, say
from digest.errors import Refused, UnfitText

group = typer.Typer(name="subscribers", help="Who gets the digests.", no_args_is_help=True)
ConsentOption = Annotated[str | None, typer.Option("--consent", help="What they agreed to, when and how.")]
DigestOption = Annotated[list[str] | None, typer.Option("--digest", help="A digest they get.", show_default="all")]
KindOption = Annotated[list[str] | None, typer.Option("--kind", help="A kind they want.", show_default="all")]
TopicOption = Annotated[list[str] | None, typer.Option("--topic", help="A topic they want.", show_default="all")]
LanguageOption = Annotated[str | None, typer.Option(help="BCP 47 tag.", show_default="the newsroom's")]


@group.command()
def add(  # noqa: PLR0913 - one option for each thing that is known of them
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS…", help="One or more e-mail addresses.")],
    newsroom: NewsroomOption = HERE,
    consent: ConsentOption = None,
    digest: DigestOption = None,
    language: LanguageOption = None,
    kind: KindOption = None,
    topic: TopicOption = None,
) -> None:
    """Add people who agreed; without --consent they count as asked and are mailed nothing."""
    from digest.actions.enlist import choice, enlist, interests_of
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    interests = interests_of(where.config, kind or (), topic or ())
    chosen = choice(where.config, tuple(digest or ()), language, consent, interests)
    audience = open_store(where).audience
    refused = False
    for address in addresses:
        try:
            said, outcome = enlist(audience, address, chosen, clock.now())
        except UnfitText as unfit:
            raise Refused(unfit.message, unfit.remedy) from unfit
        typer.echo(f"{address}: {said}")
        refused |= outcome == "refused"
    if refused:
        raise typer.Exit(1)


@group.command("import")
def import_file(  # noqa: PLR0913 - one option for each thing that holds for the whole list
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.csv", help="A list with a column email, or an export of Mailchimp or listmonk."),
    ],
    newsroom: NewsroomOption = HERE,
    consent: ConsentOption = None,
    digest: DigestOption = None,
    language: LanguageOption = None,
    left: Annotated[bool, typer.Option("--left", help="Everybody in it has left: keep them away.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Where each line that is not taken is named.", show_default="FILE.refused.csv"),
    ] = None,
) -> None:
    """Add everybody in a CSV file; each line needs evidence of consent, its own or --consent."""
    from digest.actions.enlist import choice
    from digest.actions.import_list import import_list, terms_of
    from digest.cli.progress import progress_of
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    terms = terms_of(where.config, file.name, choice(where.config, tuple(digest or ()), language, consent), left=left)
    beside = report or file.parent / f"{file.stem}.refused.csv"
    with progress_of(file.name) as progress:
        done = import_list(
            open_store(where).audience, file, terms, clock.now, report=beside, dry_run=dry_run, progress=progress
        )
    for fault in done.first_faults:
        say(str(fault.problem))
    counts = done.counts
    typer.echo(
        f"{'Nothing is changed. It would be: ' if dry_run else ''}{counts.added} added, {counts.changed} changed, "
        f"{counts.known} known already, {counts.refused} refused because they left or are suppressed, "
        f"{done.faults} lines with problems"
    )
    if done.report:
        typer.echo(f"Each line that is not taken, with the reason: {done.report}")
    if done.faults:
        raise typer.Exit(1)


@group.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.csv]", help="Where to; default standard output.", show_default=False)
    ] = None,
    newsroom: NewsroomOption = HERE,
) -> None:
    """Write everybody as CSV that `import` takes back: state, consent, digests, interests, language."""
    from digest.actions.export_list import export_list, export_to
    from digest.wiring import newsroom_at, open_store

    audience = open_store(newsroom_at(newsroom)).audience
    if file is None:
        export_to(sys.stdout, audience)
    else:
        say(f"{export_list(audience, file)} subscribers are in {file}")


@group.command()
def count(newsroom: NewsroomOption = HERE, as_json: JsonOption = False) -> None:
    """Count who stands where: all, and by digest, kind, topic and language."""
    from digest.actions.staff import counted
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    print_table(counted(open_store(where).audience, where.config), as_json=as_json, empty="")
