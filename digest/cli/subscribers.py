"""Commands about subscribers: add, import, show."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import clock
from digest.cli.options import HERE, JsonOption, NewsroomOption, say
from digest.errors import Refused, UnfitText
from digest.moments import for_people, to_stored

if TYPE_CHECKING:
    from digest.actions.ports import Audience
    from digest.audience.subscriber import Subscriber

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
    for address in addresses:
        try:
            typer.echo(f"{address}: {enlist(audience, address, chosen, clock.now())}")
        except UnfitText as unfit:
            raise Refused(unfit.message, unfit.remedy) from unfit


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
    beside = report or file.with_name(f"{file.stem}.refused.csv")
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
def leave(
    address: Annotated[str, typer.Argument(help="An e-mail address.")],
    newsroom: NewsroomOption = HERE,
    reason: Annotated[str, typer.Option(help="How they asked.")] = "asked the staff",
) -> None:
    """Take somebody off the list who asked for it; they get nothing more, and no import brings them back."""
    from digest.audience.subscriber import Consent, ConsentEvent
    from digest.wiring import newsroom_at, open_store

    audience = open_store(newsroom_at(newsroom)).audience
    found = _found(audience, address)
    left = audience.leave(found.key, ConsentEvent(clock.now(), Consent.LEFT, "staff", reason))
    typer.echo(f"{found.address} has left." if left else f"{found.address} had left before.")


@group.command()
def show(
    address: Annotated[str, typer.Argument(help="An e-mail address.")],
    newsroom: NewsroomOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show somebody's consent and what they were sent."""
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    audience = open_store(where).audience
    found = _found(audience, address)
    history, received = audience.history(found.key), audience.editions_received(found.key)
    if as_json:
        facts = {
            "address": found.address,
            "state": found.state,
            "language": found.language,
            "digests": found.digests,
            "kinds": sorted(found.interests.kinds),
            "topics": sorted(found.interests.topics),
            "consent": [{**event.__dict__, "at": to_stored(event.at)} for event in history],
            "editions": [
                {"edition": edition, "state": state, "reply": reply, "at": to_stored(at)}
                for edition, state, reply, at in received
            ],
        }
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    zone = where.config.newsroom.timezone
    typer.echo(f"{found.address}: {found.state}, {found.language}, gets {', '.join(found.digests) or 'nothing'}")
    for what, chosen in (("kinds", found.interests.kinds), ("topics", found.interests.topics)):
        if chosen:
            typer.echo(f"  only these {what}: {', '.join(sorted(chosen))}")
    for event in history:
        typer.echo(f"  {for_people(event.at, zone)}  {event.state} by {event.source}: {event.evidence}")
    for edition, state, reply, at in received:
        typer.echo(f"  {for_people(at, zone)}  {edition}: {state} {reply}".rstrip())


def _found(audience: "Audience", address: str) -> "Subscriber":
    from digest.addresses import parse_address

    try:
        found = audience.get(parse_address(address).key)
    except UnfitText as unfit:
        raise Refused(unfit.message, unfit.remedy) from unfit
    if found is None:
        raise Refused(f"{address} is not on the list", "Add it with `digest subscribers add`.")
    return found
