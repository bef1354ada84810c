"""``okhook deliveries list``: list what was received."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.cli.record_options import LIST_FILTERS, ListFilterFlags, PageFlags


@command("limit before", LIST_FILTERS, STORE)
def list_(ctx: Context, wanted: ListFilterFlags, page: PageFlags) -> None:
    """List the requests that were received, newest first.

    okhook deliveries list  # the newest 20
    okhook deliveries list --status failed --since 2h
    okhook deliveries list --event 'user.lifecycle.*' --user jane.doe@example.com
    """
    from okhook.cli.deliveries.run import show_page

    show_page(ctx, "list", wanted, page)
