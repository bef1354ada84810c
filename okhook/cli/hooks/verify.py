"""``okhook hooks verify``: have the org verify a hook that is there."""

from okhook.cli.command import command, flag
from okhook.cli.context import Context
from okhook.cli.options import HookArgument


@command(
    "org",
    flag(
        "url",
        help="The hook's URL, if it is yours: our own request carries the secret there alone.",
        shown_default="the running tunnel's",
    ),
    *("auth_secret", "auth_secret_file", "basic_auth", "wait"),
)
def verify(ctx: Context, hook: HookArgument) -> None:
    """Have the org verify an event hook; where it cannot, find out why by the same request."""
    import anyio

    from okhook.cli.hooks.shared import verify_and_show

    anyio.run(verify_and_show, ctx, hook)
