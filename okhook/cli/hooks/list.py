"""``okhook hooks list``: list the event hooks of an org."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command("org")
def list_hooks(ctx: Context) -> None:
    """List the event hooks of an org and their status.

    okhook hooks list  # of the org that is set
    okhook hooks list --org dev-123.okta.com --output json
    """
    import anyio

    from okhook.cli.hooks.shared import list_and_show

    anyio.run(list_and_show, ctx)
