"""``okhook deliveries search``: find deliveries by words."""

from okhook.cli.command import argument, command
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.cli.record_options import LIST_FILTERS, ListFilterFlags, PageFlags


@command("limit before", LIST_FILTERS, STORE)
def search(
    ctx: Context,
    wanted: ListFilterFlags,
    page: PageFlags,
    text: list[str] = argument(
        "Words that the payload contains: names, logins, ids; 'Jane Doe' finds a phrase,"
        " 'jan*' a beginning",
        metavar="TEXT",
    ),
) -> None:
    """Find deliveries by the words in their payloads.

    okhook deliveries search jane                # in any field of any payload
    okhook deliveries search 'jan*' --since 7d   # words that start with jan
    okhook deliveries search 'Jane Doe' FAILURE  # both
    """
    from okhook.cli.deliveries.run import show_page

    show_page(ctx, "search", wanted, page, text)
