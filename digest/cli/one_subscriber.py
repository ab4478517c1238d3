"""Commands about one subscriber: show, resend, move, leave, erase, release."""

import json
from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from digest import clock
from digest.cli.options import HERE, JsonOption, NewsroomOption, say
from digest.errors import printable
from digest.moments import for_people, from_stored

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address.")]
ReasonOption = Annotated[str, typer.Option(help="Who asked for it, and how.")]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    for command in (show, resend, move, leave, erase, release):
        group.command()(command)


def show(address: AddressArgument, newsroom: NewsroomOption = HERE, as_json: JsonOption = False) -> None:
    """Show all about an address: consent, what was mailed to it and why, or why not."""
    from digest.actions.staff import address_of, dossier
    from digest.wiring import newsroom_at, open_store

    where = newsroom_at(newsroom)
    facts = dossier(open_store(where).audience, where.config, address_of(address), clock.now)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for line in _told(facts, where.config.newsroom.timezone):
        typer.echo(printable(line))  # servers, forms and lists say what they like


def resend(address: AddressArgument, newsroom: NewsroomOption = HERE) -> None:
    """Mail the confirmation again to somebody who was asked and got none, whatever the daily limit says."""
    from digest.actions.staff import ask_again, find
    from digest.wiring import newsroom_at, open_store

    audience = open_store(newsroom_at(newsroom)).audience
    who = find(audience, address)
    ask_again(audience, who, clock.now)
    say(f"The staff had the confirmation mailed again to {who.address}.")
    typer.echo(f"{who.address} is asked again: `digest serve` or `digest tick` mails it.")


def move(
    address: AddressArgument,
    to: Annotated[str, typer.Argument(metavar="NEW", help="The address from now on.")],
    newsroom: NewsroomOption = HERE,
    reason: ReasonOption = "asked the staff",
) -> None:
    """Mail somebody at another address from now on; the former one is told, and links in old mails choose nothing."""
    from digest.actions import staff
    from digest.wiring import newsroom_at, open_store

    audience = open_store(newsroom_at(newsroom)).audience
    who, new = staff.find(audience, address), staff.address_of(to)
    staff.move(audience, who, new, reason, clock.now)
    typer.echo(f"{who.address} is {new.address} from now on.")


def leave(
    address: AddressArgument,
    newsroom: NewsroomOption = HERE,
    reason: Annotated[str, typer.Option(help="How they asked.")] = "asked the staff",
) -> None:
    """Take somebody off the list who asked for it; they get nothing more, and no import brings them back."""
    from digest.actions import staff
    from digest.wiring import newsroom_at, open_store

    audience = open_store(newsroom_at(newsroom)).audience
    who = staff.find(audience, address)
    typer.echo(f"{who.address} {staff.take_off(audience, who, reason, clock.now)}.")


def erase(
    address: AddressArgument,
    newsroom: NewsroomOption = HERE,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget who somebody was, for good; of the address only a keyed hash is kept, so that no list brings it back."""
    from digest.actions import staff
    from digest.wiring import newsroom_at, open_store

    audience = open_store(newsroom_at(newsroom)).audience
    who = staff.find(audience, address)
    if not yes:
        typer.confirm(
            f"Forget {who.address}, and all that is known of them? This cannot be undone.", abort=True, err=True
        )
    staff.erase(audience, who, clock.now)
    typer.echo("Erased. Files that you imported or exported may still name them.")


def release(
    address: AddressArgument, newsroom: NewsroomOption = HERE, reason: ReasonOption = "by mistake, say the staff"
) -> None:
    """Take an address off the suppression list, unless it was erased; nobody is mailed by that."""
    from digest.actions import staff
    from digest.wiring import newsroom_at, open_store

    found = staff.address_of(address)
    was = staff.release(open_store(newsroom_at(newsroom)).audience, found, reason, clock.now)
    typer.echo(f"{found.address} is released. It was suppressed because: {was}")


def _told(facts: dict[str, Any], zone: ZoneInfo) -> Iterator[str]:
    """Yield what `show` says, line by line."""
    barred = facts["suppression"]
    if facts["state"] is None:
        since = for_people(from_stored(barred["at"]), zone)
        yield f"{facts['address']}: nobody here. On the suppression list since {since}: {barred['reason']}"
        return
    yield f"{facts['address']}: {facts['state']}, {facts['language']}, gets {', '.join(facts['digests']) or 'nothing'}"
    for what in ("kinds", "topics"):
        if facts[what]:
            yield f"  only these {what}: {', '.join(facts[what])}"
    yield f"  is mailed nothing: {facts['why_not']}" if facts["why_not"] else "  is mailed every edition that fits"
    for event in facts["consent"]:
        by = f" from {event['ip']}" if event.get("ip") else ""
        yield f"  {_when(event, zone)}  {event['state']} by {event['source']}{by}: {event['evidence']}"
    for letter in facts["letters"]:
        what = f"letter {letter['says']} to {letter['address']}"
        yield f"  {_when(letter, zone)}  {what}: {letter['state']} {letter['reply']}".rstrip()
    for mail in facts["editions"]:
        what = f"{mail['edition']} ({mail['variant']})"
        yield f"  {_when(mail, zone)}  {what}: {mail['state']} {mail['reply']}".rstrip()
        for item in mail["items"]:
            yield f"      {item['slug']} {item['version']:.12} {item['change']}".rstrip()


def _when(what: dict[str, str], zone: ZoneInfo) -> str:
    return for_people(from_stored(what["at"]), zone)
