"""``okhook types``: the event types there are."""

from okhook.cli.command import argument, command, flag, switch
from okhook.cli.completion import event_types
from okhook.cli.context import Context
from okhook.cli.options import STORE


@command("all_", flag("org", help="Show which hooks of this org subscribe to each type"), STORE)
def types(
    ctx: Context,
    search: list[str] | None = argument(
        "Words that the name contains", metavar="SEARCH", completion=event_types, default=None
    ),
    all_: bool = switch("Also list the event types that no hook can subscribe to"),
) -> None:
    """List the event types that a hook can subscribe to.

    okhook types user create                 # names with both words
    okhook types user.session --org sandbox  # and which hooks have them
    okhook types --all event_hook            # also types that no hook can have
    """
    from okhook.cli.types.run import list_types_and_show

    list_types_and_show(ctx, " ".join(search or ()), all_)
