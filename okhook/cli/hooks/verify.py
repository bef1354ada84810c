"""``okhook hooks verify``: have the org verify an event hook."""

from okhook.cli.command import command, flag
from okhook.cli.context import Context
from okhook.cli.options import HOOK_SECRET, hook_argument


@command(
    "org",
    flag(
        "url",
        help="The hook's URL, if it is yours: okhook sends it a test delivery with the secret",
        shown_default="the running tunnel's",
    ),
    "wait",
    HOOK_SECRET,
)
async def verify(ctx: Context, hook: str = hook_argument()) -> None:
    """Ask the org to verify an event hook.

    okhook hooks verify my-hook
    okhook hooks verify my-hook --wait 2m  # retry for two minutes

    If the org cannot verify it, okhook makes the same request and shows which step fails.
    """
    from okhook.cli.hooks.run import verify_and_show

    await verify_and_show(ctx, hook)
