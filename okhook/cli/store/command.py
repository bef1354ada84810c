"""``okhook store``: show, create and copy the store."""

from typing import Annotated

from okhook.cli.command import Argument, command
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


@command()
def copy(
    ctx: Context,
    source: Annotated[str, Argument("The store to copy: a file or a URL", metavar="FROM")],
    target: Annotated[str, Argument("An empty store, or one that such a copy began", metavar="TO")],
) -> None:
    """Copy a store, with its attempts and what each app has received.

    okhook store copy ./store.db postgresql://me@db.example.com/okhook
    okhook store copy postgresql://me@db.example.com/okhook ./copy.db

    Every delivery keeps its number and its bytes. Run it again after an interruption, or to add
    what arrived since: it goes on where it ended. Passwords come from ~/.pgpass or PGPASSWORD.
    """
    from okhook.cli.store.run import copy_and_show

    copy_and_show(ctx, source, target)
