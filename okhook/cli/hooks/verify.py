"""``okhook hooks verify``: ask the org to verify an event hook."""

from okhook.cli.command import Panel, command, flag
from okhook.cli.context import Context
from okhook.cli.options import HookArgument


@command(
    "org",
    flag(
        "url",
        help="The hook's URL, if it is yours: okhook sends it a test delivery with the secret",
        shown_default="the running tunnel's",
    ),
    "wait",
    Panel("Secret", ("auth_secret_file", "auth_secret", "basic_auth")),
)
def verify(ctx: Context, hook: HookArgument) -> None:
    """Ask the org to verify an event hook.

    okhook hooks verify my-hook
    okhook hooks verify my-hook --wait 2m  # retry for two minutes

    If the org cannot verify it, okhook makes the same request and shows which step fails.
    """
    import anyio

    from okhook.cli.hooks.shared import verify_and_show

    anyio.run(verify_and_show, ctx, hook)
