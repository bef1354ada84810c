"""``okhook whoami``: which org, with which credential, and what that may do."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command(
    "org",
)
def whoami(ctx: Context) -> None:
    """Show which org and credential are in use.

    okhook whoami                         # the org that is set
    okhook whoami --org dev-123.okta.com  # another org

    Shows what the credential may read, how many API calls are left, and where each setting comes
    from. Changes nothing.
    """
    import anyio

    from okhook.cli.auth.run import whoami_and_show

    anyio.run(whoami_and_show, ctx)
