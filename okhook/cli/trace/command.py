"""``okhook trace``: the story of a delivery, and what mends it."""

from typing import Annotated

import typer

from okhook.cli.options import OutputOption, QuietOption
from okhook.cli.record_arguments import ids_starting_with


def trace(
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
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Tell the story of an event: received, repeated, each attempt, where it stopped, and why."""
    from okhook.cli.context import start
    from okhook.cli.trace.run import trace_and_show

    trace_and_show(start({"output": output, "quiet": quiet}), query, limit)
