"""``okhook deliveries list``: what was received, newest first."""

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


def list_deliveries(
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
    """List what was received, newest first: deliveries, and requests that were refused."""
    from okhook.cli.context import start
    from okhook.cli.deliveries.list_run import Page, list_and_show

    ctx = start({"output": output, "quiet": quiet})
    flags = FilterFlags(event, user, since, until, status, everything)
    list_and_show(ctx, flags, Page("list", limit, before))
