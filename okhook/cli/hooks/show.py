"""``okhook hooks show``: show an event hook in full."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import HookArgument


@command("org")
def show(ctx: Context, hook: HookArgument) -> None:
    """Show an event hook in full.

    okhook hooks show my-hook                             # by its name
    okhook hooks show who8vt36qfNpCGz9H1e6 --output json  # Okta's own JSON
    """
    import anyio

    from okhook.cli.hooks.shared import show_in_full

    anyio.run(show_in_full, ctx, hook)
