"""``okhook help``: the manual in the terminal."""

from okhook.cli.command import argument, command, option
from okhook.cli.completion import manual_topics
from okhook.cli.context import Context


@command("search")
def help_(
    ctx: Context,
    topic: list[str] | None = argument(
        "Page of the manual, or a command", metavar="TOPIC", completion=manual_topics, default=None
    ),
    search: str | None = option(
        "Find the lines of the manual that contain these words", metavar="TEXT"
    ),
) -> None:
    """Show the manual, or one page of it.

    okhook help                   # list the pages
    okhook help forwarding        # show a page
    okhook help --search retries  # find a word
    """
    from okhook.cli.help.run import list_topics, search_and_show, show_topic

    if search is not None:
        search_and_show(ctx, search)
    elif topic:
        show_topic(ctx, topic)
    else:
        list_topics(ctx)
