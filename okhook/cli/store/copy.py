"""``okhook store copy``: copy a store."""

from okhook.cli.command import argument, command
from okhook.cli.context import Context


@command()
def copy(
    ctx: Context,
    source: str = argument("The store to copy: a file or a URL", metavar="FROM"),
    target: str = argument("An empty store, or one that such a copy began", metavar="TO"),
) -> None:
    """Copy a store, with its attempts and what each app has received.

    okhook store copy ./store.db postgresql://me@db.example.com/okhook
    okhook store copy postgresql://me@db.example.com/okhook ./copy.db

    Every delivery keeps its number and its bytes. Run it again after an interruption, or to add
    what arrived since: it goes on where it ended. Passwords come from ~/.pgpass or PGPASSWORD.
    """
    from okhook.cli.store.run import copy_and_show

    copy_and_show(ctx, source, target)
