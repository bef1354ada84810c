"""``okhook types``: the event types there are."""

from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.completion import event_types_starting_with
from okhook.cli.context import Context
from okhook.config.setting import Flag


@command("all_", "org")
def types(
    ctx: Context,
    search: Annotated[
        str,
        Argument(
            "Show those that hold each of these words.",
            metavar="[SEARCH]",
            completion=event_types_starting_with,
        ),
    ] = "",
    all_: Annotated[bool, Flag("Those too that no hook can have.")] = False,
) -> None:
    """List event types: which a hook can have, which the org's hooks have, which came here."""
    from okhook.cli.types.run import list_types_and_show

    list_types_and_show(ctx, search, all_)
