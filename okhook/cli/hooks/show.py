"""``okhook hooks show``: one event hook, in full."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import HookArgument


@command("org")
def show(ctx: Context, hook: HookArgument) -> None:
    """Show an event hook; with --output json it is Okta's own object."""
    import anyio

    from okhook.cli.hooks.shared import show_in_full

    anyio.run(show_in_full, ctx, hook)
