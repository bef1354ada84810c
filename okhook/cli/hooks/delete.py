"""``okhook hooks delete``: delete an event hook."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import hook_argument, yes_switch


@command("org yes")
def delete(ctx: Context, hook: str = hook_argument(), yes: bool = yes_switch()) -> None:
    """Deactivate an event hook, then delete it for good.

    okhook hooks delete my-hook        # asks for confirmation
    okhook hooks delete my-hook --yes  # does not ask
    """
    from okhook.cli.hooks.run import delete_and_show

    delete_and_show(ctx, hook, ask=not yes)
