"""Commands about single items: new, and item list, withdraw, correct, rename."""

from enum import StrEnum
from typing import Annotated

import typer

from digest import clock
from digest.cli.options import HERE, JsonOption, NewsroomOption, moment_given, print_table

group = typer.Typer(name="item", help="List, withdraw, correct and rename items.", no_args_is_help=True)
SlugArgument = Annotated[str, typer.Argument(help="The item, by its slug.")]
AtOption = Annotated[str | None, typer.Option(help="From when on.", metavar="TIME", show_default="now")]


class Show(StrEnum):
    """What remains of a withdrawn item."""

    NOTICE = "notice"
    NOTHING = "nothing"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(new)
    app.add_typer(group)


def new(
    kind: Annotated[str, typer.Argument(help="A kind of config.yaml, such as press-release.")],
    title: Annotated[str, typer.Argument(help="The headline.")],
    newsroom: NewsroomOption = HERE,
) -> None:
    """Begin an item as a draft."""
    from digest.actions.author import new_item

    path = new_item(newsroom.absolute(), kind, title, clock.now(), clock.new_uuid())
    typer.echo(f"wrote {path}")


@group.command("list")
def list_items(newsroom: NewsroomOption = HERE, as_json: JsonOption = False) -> None:
    """List the items, the newest first, with what the public sees of each now."""
    from digest.actions.compose import current_items
    from digest.items.item import visibility
    from digest.moments import for_people
    from digest.wiring import newsroom_at

    where = newsroom_at(newsroom)
    now, zone = clock.now(), where.config.newsroom.timezone
    rows = [
        {
            "item": item.slug,
            "kind": item.kind,
            "published": for_people(item.published, zone) if item.published else None,
            "public": visibility(item, now).value,
            "title": item.title,
        }
        for item in current_items(where)
    ]
    print_table(rows, as_json=as_json, empty="There are no items yet.")


@group.command()
def withdraw(
    slug: SlugArgument,
    reason: Annotated[str, typer.Option(help="Why; the public reads it, unless nothing is shown.")],
    newsroom: NewsroomOption = HERE,
    at: AtOption = None,
    show: Annotated[Show, typer.Option(help="What remains of it.")] = Show.NOTICE,
) -> None:
    """Take an item back; the next build, or `serve`, publishes that."""
    from digest.actions.amend import withdraw as take_back
    from digest.wiring import newsroom_at

    where = newsroom_at(newsroom)
    moment = moment_given(at, where.config.newsroom.timezone)
    typer.echo(f"changed {take_back(where, slug, moment, reason, show.value)}")


@group.command()
def correct(
    slug: SlugArgument,
    note: Annotated[str, typer.Option(help="What was wrong, and what is right.")],
    newsroom: NewsroomOption = HERE,
    at: AtOption = None,
) -> None:
    """Say openly what was wrong in an item; mend its text besides."""
    from digest.actions.amend import correct as put_right
    from digest.wiring import newsroom_at

    where = newsroom_at(newsroom)
    typer.echo(f"changed {put_right(where, slug, moment_given(at, where.config.newsroom.timezone), note)}")


@group.command()
def rename(
    slug: SlugArgument,
    new_slug: Annotated[str, typer.Argument(metavar="NEW", help="Its slug from now on.")],
    newsroom: NewsroomOption = HERE,
) -> None:
    """Give an item another slug; its old address leads to the new one."""
    from digest.actions.amend import rename as call_otherwise
    from digest.wiring import newsroom_at

    typer.echo(f"wrote {call_otherwise(newsroom_at(newsroom), slug, new_slug)}")
