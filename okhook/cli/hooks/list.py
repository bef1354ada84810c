"""``okhook hooks list``: list the event hooks of an org."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command("org")
async def list_(ctx: Context) -> None:
    """List the event hooks of an org and their status.

    okhook hooks list  # of the org that is set
    okhook hooks list --org dev-123.okta.com --output json
    """
    from okhook.cli.hooks.run import list_and_show

    await list_and_show(ctx)
