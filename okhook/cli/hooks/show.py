"""``okhook hooks show``: show an event hook."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import hook_argument


@command("org")
async def show(ctx: Context, hook: str = hook_argument()) -> None:
    """Show an event hook in full.

    okhook hooks show my-hook                             # by its name
    okhook hooks show who8vt36qfNpCGz9H1e6 --output json  # Okta's own JSON
    """
    from okhook.cli.hooks.run import show_in_full

    await show_in_full(ctx, hook)
