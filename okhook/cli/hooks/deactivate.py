"""``okhook hooks deactivate``: deactivate an event hook."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import hook_argument


@command("org")
async def deactivate(ctx: Context, hook: str = hook_argument()) -> None:
    """Deactivate an event hook: the org stops delivering to it.

    okhook hooks deactivate my-hook
    okhook hooks deactivate my-hook --org dev-123.okta.com
    """
    from okhook.cli.hooks.run import deactivate_and_show

    await deactivate_and_show(ctx, hook)
