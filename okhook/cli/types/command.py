"""``okhook types``: the event types there are."""

from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command
from okhook.cli.completion import event_types_starting_with

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command("all_", "org")
def types(
    ctx: "Context",
    search: Annotated[
        str,
        typer.Argument(
            metavar="[SEARCH]",
            help="Show those that hold each of these words.",
            autocompletion=event_types_starting_with,
            show_default=False,
        ),
    ] = "",
    all_: Annotated[
        bool, typer.Option("--all", help="Those too that no hook can have.", show_default=False)
    ] = False,
) -> None:
    """List event types: which a hook can have, which the org's hooks have, which came here."""
    import anyio

    from okhook.cli.types.run import list_types_and_show

    anyio.run(list_types_and_show, ctx, search, all_)
