"""``okhook deliveries search``: find deliveries by the words in them."""

from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.context import Context
from okhook.cli.record_options import ListFilterFlags, PageFlags


@command()
def search(
    ctx: Context,
    text: Annotated[
        list[str],
        Argument(
            "Words that all occur in a payload: names, logins, ids. Several in quotes must"
            " follow each other; 'jan*' is every word that starts so.",
            metavar="TEXT",
        ),
    ],
    wanted: ListFilterFlags,
    page: PageFlags,
) -> None:
    """Find deliveries by any word of their payloads, newest first."""
    from okhook.cli.deliveries.shared import show_page

    show_page(ctx, "search", wanted, page, text)
