"""``okhook store migrate``: create the store, or bring it up to date."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command("store")
def migrate(ctx: Context) -> None:
    """Create the store, or bring it up to date for this okhook.

    okhook store migrate --store postgresql://owner@db.example.com/okhook
    okhook store migrate  # the store that is set

    Other commands do this, too, if they have the right to. For PostgreSQL, run it as a role that
    may create tables; the receivers' role then needs no such right.
    """
    from okhook.cli.store.run import migrate_and_show

    migrate_and_show(ctx)
