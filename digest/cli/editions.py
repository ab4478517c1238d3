"""Commands about editions: list, compose, edit, show, approve, send."""

import json
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import clock
from digest.cli.options import (
    HERE,
    AddressesOption,
    EditionArgument,
    JsonOption,
    NewsroomOption,
    log_as,
    print_table,
    say,
)
from digest.errors import Busy, Refused, UnfitText, printable

if TYPE_CHECKING:
    from digest.actions.newsroom import Newsroom
    from digest.editions.edition import Edition

group = typer.Typer(name="edition", help="Compose, decide, approve and send editions.", no_args_is_help=True)


@group.command("list")
def list_editions(newsroom: NewsroomOption = HERE, as_json: JsonOption = False) -> None:
    """List the editions, the newest first."""
    from digest.moments import for_people
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    zone = where.config.newsroom.timezone
    rows = [
        {"edition": one.id, "state": one.state.value, "slot": for_people(one.slot_at, zone), "reason": one.reason}
        for one in open_store(where).editions.recent()
    ]
    print_table(rows, as_json=as_json, empty="There are no editions yet.")


@group.command()
def compose(
    edition: Annotated[str, typer.Argument(metavar="ID|DIGEST", help="An edition, or a digest for one of now.")],
    newsroom: NewsroomOption = HERE,
) -> None:
    """Compose an edition and freeze its content; an approval that it had is void."""
    from digest.actions import compose as actions
    from digest.actions.find import find_edition
    from digest.moments import for_people
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    store = open_store(where)
    if "/" in edition:
        built, frozen = actions.compose_edition(where, store, find_edition(store, edition), clock.now())
    else:
        built, frozen = actions.compose_now(where, store, edition, clock.now())
    composition = frozen.composition
    size = len(actions.copy_of(frozen).html.encode())
    items = "1 item" if len(composition.entries) == 1 else f"{len(composition.entries)} items"
    typer.echo(f"{built.id}: {items}, {size:,} bytes of HTML")
    typer.echo(f"Subject: {composition.subject}")
    if planned := actions.due_besides(store, built):
        when = for_people(planned.slot_at, where.config.newsroom.timezone)
        say(f"{planned.id} is {planned.state} for {when} besides. For that one: digest edition compose {planned.id}")


@group.command()
def edit(  # noqa: PLR0913 - one option for each decision
    edition: EditionArgument,
    newsroom: NewsroomOption = HERE,
    subject: Annotated[str | None, typer.Option(help="The subject line.")] = None,
    note: Annotated[
        Path | None, typer.Option(help="A Markdown file with the editors' note.", exists=True, dir_okay=False)
    ] = None,
    lead: Annotated[str | None, typer.Option(help="The slug of the item that leads.", metavar="SLUG")] = None,
    without: Annotated[list[str] | None, typer.Option(help="An item to leave out.", metavar="SLUG")] = None,
    order: Annotated[str | None, typer.Option(help="Slugs that come first.", metavar="SLUG,…")] = None,
) -> None:
    """Decide about an edition and compose it again; what is not named stays as decided before."""
    from digest.actions import compose as actions
    from digest.actions.find import find_edition
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    store = open_store(where)
    found = find_edition(store, edition)
    given = {
        "subject": subject,
        "note": _text_of(note) if note else None,
        "lead": lead,
        "without": tuple(without) if without else None,
        "order": tuple(slug.strip() for slug in order.split(",")) if order else None,
    }
    decisions = found.decisions.model_copy(update={name: value for name, value in given.items() if value is not None})
    built = actions.edit_edition(where, store, found, decisions, clock.now())
    typer.echo(f"{built.id} is composed again and waits for approval.")


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read as text: {error}", "Save it in the encoding UTF-8.") from error


@group.command()
def show(  # noqa: PLR0913 - one option for each choice of a reader
    edition: EditionArgument,
    newsroom: NewsroomOption = HERE,
    as_json: JsonOption = False,
    in_browser: Annotated[bool, typer.Option("--open", help="Show the mail itself in your browser.")] = False,
    lint: Annotated[bool, typer.Option("--lint", help="Show what is wrong with its mail instead.")] = False,
    language: Annotated[
        str | None,
        typer.Option(help="With --open or --lint: BCP 47 tag.", show_default="the newsroom's; with --lint all"),
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="With --open: as a reader of these kinds gets it.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="With --open: as a reader of these topics gets it.")] = None,
) -> None:
    """Show an edition: its state, its subject, its items."""
    from digest.actions import compose as actions
    from digest.actions.find import find_edition
    from digest.actions.newsroom import Newsroom
    from digest.wiring import newsroom_at, open_store

    if (kind or topic or (language and not lint)) and not in_browser:
        raise typer.BadParameter("A choice of language, kinds or topics is shown in your browser. Add --open.")
    where: Newsroom = newsroom_at(newsroom)
    store = open_store(where)
    found = find_edition(store, edition)
    if in_browser:
        _open_proof(where, found, language, kind or (), topic or ())
        return
    if lint:
        _show_lint(where, found, language, as_json=as_json)
        return
    facts: dict[str, object] = {"edition": found.id, "state": found.state.value, "reason": found.reason}
    if found.content_sha:
        frozen = actions.frozen_content(where, found)
        composition = frozen.composition
        facts |= {
            "subject": composition.subject,
            "items": [entry.slug for entry in composition.entries],
            "changes": [f"{change.what}: {change.title or 'an item'}" for change in composition.changes],
            "html_bytes": len(actions.copy_of(frozen).html.encode()),
            "content_sha": found.content_sha,
            "approved_by": found.approved_by,
            "frozen": str(where.frozen(found) / found.content_sha),
        }
    counts = {state.value: count for state, count in store.deliveries.counts(found.key).items() if count}
    if as_json:
        typer.echo(json.dumps({**facts, "recipients": counts}, indent=2, ensure_ascii=False))
        return
    facts["recipients"] = ", ".join(f"{count} {state}" for state, count in counts.items())
    for name, value in facts.items():
        if not value:
            continue
        if isinstance(value, list):
            typer.echo(f"{name}:")
            for one in value:
                typer.echo(f"  {one}")
        else:
            typer.echo(f"{name}: {value}")


def _show_lint(newsroom: "Newsroom", edition: "Edition", language: str | None, *, as_json: bool) -> None:
    """Print each finding on a line; an error among them ends the command with exit code 1."""
    from digest.actions.compose import frozen_content
    from digest.actions.lint import lint_edition
    from digest.mail.lint.finding import across_languages, errors

    frozen = frozen_content(newsroom, edition)
    languages = [version.language for version in frozen.versions]
    if language and language not in languages:
        raise Refused(f"{edition.id} has no mails in the language {language!r}", f"It has: {', '.join(languages)}.")
    findings = [one for one in lint_edition(newsroom, frozen) if language in {None, one.language}]
    if as_json:
        rows = [{"edition": edition.id, **finding.as_row()} for finding in findings]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for finding in across_languages(findings):
            typer.echo(f"{edition.id} {finding} [{finding.rule}]")
        if not findings:
            typer.echo(f"{edition.id}: nothing is wrong with its mail.")
    if errors(findings):
        raise typer.Exit(1)


def _open_proof(
    newsroom: "Newsroom", edition: "Edition", language: str | None, kinds: Collection[str], topics: Collection[str]
) -> None:
    import webbrowser

    from digest.actions.proofs import variant_of, write_proof

    variant = variant_of(newsroom.config, language, kinds, topics)
    file = write_proof(newsroom, edition, variant, clock.now())
    typer.echo(file)
    if not webbrowser.open(file.as_uri()):
        say("No browser can be opened here. Open the file above in one.")


@group.command("test")
def mail_test(  # noqa: PLR0913 - one option for each choice of a reader
    edition: EditionArgument,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS…", help="Who looks at it.")],
    newsroom: NewsroomOption = HERE,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag.", show_default="the newsroom's")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="As a reader of these kinds gets it.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="As a reader of these topics gets it.")] = None,
) -> None:
    """Mail an edition to somebody who looks at it before it goes out."""
    from digest.actions.find import find_edition
    from digest.actions.proofs import variant_of
    from digest.actions.trial import send_test
    from digest.addresses import parse_address
    from digest.wiring import newsroom_at, office, open_store

    where = newsroom_at(newsroom)
    variant = variant_of(where.config, language, kind or (), topic or ())
    desk = office(where, partial(newsroom_at, newsroom), open_store(where), clock.now, say)
    try:
        send_test(
            desk, find_edition(desk.store, edition), [parse_address(one) for one in addresses], variant, clock.new_uuid
        )
    except UnfitText as unfit:
        raise Refused(unfit.message, unfit.remedy) from unfit
    typer.echo(f"{edition} is mailed to {', '.join(addresses)}.")


@group.command()
def approve(
    edition: EditionArgument,
    newsroom: NewsroomOption = HERE,
    by: Annotated[str, typer.Option(help="Who approves, by e-mail address.", envvar="DIGEST_USER")] = "command line",
) -> None:
    """Approve an edition: this content, and no other, will be sent at its slot."""
    from digest.actions import compose as actions
    from digest.actions.find import find_edition
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    store = open_store(where)
    found = find_edition(store, edition)
    approved = actions.approve_edition(where, store, found, printable(by), clock.now(), say)
    typer.echo(f"{approved.id} is approved: {approved.content_sha}")


@group.command()
def send(
    edition: EditionArgument,
    newsroom: NewsroomOption = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Log and print in JSON, an object a line.")] = False,
    addresses: AddressesOption = False,
) -> None:
    """Send an approved edition now, or go on with one that was paused, held or interrupted."""
    from digest.actions import report
    from digest.actions import send as actions
    from digest.actions.find import find_edition
    from digest.cli.progress import progress_of_mailing
    from digest.wiring import newsroom_at, office, open_store

    where, log = newsroom_at(newsroom), log_as(as_json=as_json, addresses=addresses)
    desk = office(where, partial(newsroom_at, newsroom), open_store(where), clock.now, log)
    ready = actions.start(desk, find_edition(desk.store, edition))
    try:
        with progress_of_mailing(ready.id, log if as_json else None) as tell:
            summary = actions.deliver(desk, ready, lambda: False, tell)
    except Busy as busy:
        (log if as_json else typer.echo)(f"{ready.id} is handed to the sender that is running. ({busy.message})")
        return
    final = desk.store.editions.by_key(ready.key) or ready
    if as_json:
        with desk.store.reports.account(final.key) as account:
            typer.echo(json.dumps(report.facts(final, account), ensure_ascii=False))
        return
    counts = ", ".join(f"{count} {state}" for state, count in actions.rows_by_state(desk, ready).items())
    typer.echo(f"{final.id} is {final.state}: {counts or final.reason}")
    if summary.paused_until:
        typer.echo(f"The server wants a pause: {summary.reason}. `digest serve` or `digest tick` goes on later.")
