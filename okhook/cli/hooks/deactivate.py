"""``okhook hooks deactivate``: deactivate an event hook."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import HookArgument


@command("org")
def deactivate(ctx: Context, hook: HookArgument) -> None:
    """Deactivate an event hook: the org stops delivering to it.

    okhook hooks deactivate my-hook
    okhook hooks deactivate my-hook --org dev-123.okta.com
    """
    import anyio

    from okhook.cli.hooks.shared import deactivate_and_show

    anyio.run(deactivate_and_show, ctx, hook)
