"""``okhook store show``: show the store."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command("store")
def show(ctx: Context) -> None:
    """Show the store: its size, its receivers and its apps.

    okhook store show                     # the store that is set
    okhook store show --store ./other.db  # another one

    Changes nothing, and needs no right to change the store.
    """
    from okhook.cli.store.run import show_store

    show_store(ctx)
