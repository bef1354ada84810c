"""``okhook whoami``: which org, with which credential, and what that may do."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command("org")
def whoami(ctx: Context) -> None:
    """Say which org is meant, which credential is used, what it may do, and where it all is set.

    Reads a little of the event hooks, the System Log and the users, and changes nothing.
    """
    import anyio

    from okhook.cli.auth.run import whoami_and_show

    anyio.run(whoami_and_show, ctx)
