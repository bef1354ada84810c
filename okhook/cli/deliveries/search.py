"""``okhook deliveries search``: find deliveries by the words in them."""

from typing import Annotated

import typer

from okhook.cli.filter_options import (
    EventsOption,
    EverythingOption,
    FilterFlags,
    SinceOption,
    StatusOption,
    UntilOption,
    UserOption,
)
from okhook.cli.options import OutputOption, QuietOption
from okhook.cli.record_arguments import DEFAULT_LIMIT, BeforeOption, LimitOption


def search(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT",
            help="Words that all occur in a payload: names, logins, ids. Several in quotes must"
            " follow each other; 'jan*' is every word that starts so.",
            show_default=False,
        ),
    ],
    event: EventsOption = None,
    user: UserOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    status: StatusOption = None,
    everything: EverythingOption = False,
    limit: LimitOption = DEFAULT_LIMIT,
    before: BeforeOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Find deliveries by any word of their payloads, newest first."""
    from okhook.cli.context import start
    from okhook.cli.deliveries.list_run import Page, list_and_show

    ctx = start({"output": output, "quiet": quiet})
    flags = FilterFlags(event, user, since, until, status, everything)
    list_and_show(ctx, flags, Page("search", limit, before, tuple(text)))
