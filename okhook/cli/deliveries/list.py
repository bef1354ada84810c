"""``okhook deliveries list``: what was received, newest first."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.record_options import ListFilterFlags, PageFlags


@command()
def list_deliveries(ctx: Context, wanted: ListFilterFlags, page: PageFlags) -> None:
    """List what was received, newest first: deliveries, and requests that were refused."""
    from okhook.cli.deliveries.shared import show_page

    show_page(ctx, "list", wanted, page)
