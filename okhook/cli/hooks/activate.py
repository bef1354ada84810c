"""``okhook hooks activate``: activate an event hook."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import hook_argument


@command("org")
async def activate(ctx: Context, hook: str = hook_argument()) -> None:
    """Activate an event hook: the org starts delivering to it.

    okhook hooks activate my-hook
    okhook hooks activate my-hook --org dev-123.okta.com
    """
    from okhook.cli.hooks.run import activate_and_show

    await activate_and_show(ctx, hook)
