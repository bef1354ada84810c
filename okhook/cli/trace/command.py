"""``okhook trace``: the story of a delivery, and what mends it."""

from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command
from okhook.cli.completion import ids_starting_with

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command()
def trace(
    ctx: "Context",
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY",
            help="An event's uuid, an eventId, a record's number, or a login.",
            autocompletion=ids_starting_with,
            show_default=False,
        ),
    ],
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", min=1, max=10_000, help="Of a login, the newest so many."),
    ] = 20,
) -> None:
    """Tell the story of an event: received, repeated, each attempt, where it stopped, and why."""
    from okhook.cli.trace.run import trace_and_show

    trace_and_show(ctx, query, limit)
