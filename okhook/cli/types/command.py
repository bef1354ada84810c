"""``okhook types``: the event types there are."""

from typing import Annotated

from okhook.cli.command import Argument, command, flag
from okhook.cli.completion import event_types
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.config.setting import Flag


@command("all_", flag("org", help="Show which hooks of this org subscribe to each type"), STORE)
def types(
    ctx: Context,
    search: Annotated[
        list[str] | None,
        Argument("Words that the name contains", metavar="SEARCH", completion=event_types),
    ] = None,
    all_: Annotated[bool, Flag("Also list the event types that no hook can subscribe to")] = False,
) -> None:
    """List the event types that a hook can subscribe to.

    okhook types user create                 # names with both words
    okhook types user.session --org sandbox  # and which hooks have them
    okhook types --all event_hook            # also types that no hook can have
    """
    from okhook.cli.types.run import list_types_and_show

    list_types_and_show(ctx, " ".join(search or ()), all_)
