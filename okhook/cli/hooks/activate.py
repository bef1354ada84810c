"""``okhook hooks activate``: let the org deliver to a hook."""

from typing import TYPE_CHECKING

from okhook.cli.command import command
from okhook.cli.options import HookArgument

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command("org")
def activate(ctx: "Context", hook: HookArgument) -> None:
    """Activate an event hook; one that is active is left as it is."""
    import anyio

    from okhook.cli.hooks.shared import activate_and_show

    anyio.run(activate_and_show, ctx, hook)
