"""``okhook trace``: what became of a delivery, and the command to run next."""

from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.completion import ids_starting_with
from okhook.cli.context import Context
from okhook.config.setting import Flag


@command()
def trace(
    ctx: Context,
    query: Annotated[
        str,
        Argument(
            "An event's uuid, an eventId, a record's number, or a login.",
            metavar="QUERY",
            completion=ids_starting_with,
        ),
    ],
    limit: Annotated[
        int, Flag("Of a login, the newest so many.", short="-n", minimum=1, maximum=10_000)
    ] = 20,
) -> None:
    """Tell the story of an event: received, repeated, each attempt, where it stopped, and why."""
    from okhook.cli.trace.run import trace_and_show

    trace_and_show(ctx, query, limit)
