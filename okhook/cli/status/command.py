"""``okhook status``: what runs here."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command()
def status(ctx: Context) -> None:
    """Show which okhook commands run on this machine.

    okhook status                # receivers, tunnels, hooks, and since when
    okhook status --output json  # a JSON line for each command
    """
    from okhook.cli.status.run import show_status

    show_status(ctx)
