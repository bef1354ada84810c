"""``okhook trace``: what became of a delivery, and the command to run next."""

from okhook.cli.command import argument, command, option
from okhook.cli.completion import latest_ids
from okhook.cli.context import Context
from okhook.cli.options import STORE


@command("limit", STORE)
def trace(
    ctx: Context,
    query: str = argument(
        "A number, latest, an eventId, an event's uuid, or a user's login",
        metavar="QUERY",
        completion=latest_ids,
    ),
    limit: int = option(
        "For a login: number of events to show", short="-n", minimum=1, maximum=10_000, default=20
    ),
) -> None:
    """Show what happened to an event, and what to do next.

    okhook trace 42                                    # by number
    okhook trace jane.doe@hookdeckexample.com          # by login
    okhook trace 54e050a3-b2c3-4026-9009-df1193d6806b  # by eventId or uuid
    """
    from okhook.cli.trace.run import trace_and_show

    trace_and_show(ctx, query, limit)
