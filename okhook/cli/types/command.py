"""``okhook types``: the event types there are."""

from typing import Annotated

import typer

from okhook.cli.hook_arguments import event_types_starting_with
from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def types(
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
    org: OrgOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """List event types: which a hook can have, which the org's hooks have, which came here."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.types.run import list_types_and_show

    ctx = start({"org": org, "output": output, "quiet": quiet})
    anyio.run(list_types_and_show, ctx, search, all_)
