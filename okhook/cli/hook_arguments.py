"""How a hook that is there is named on a command line: by id or name, completed in the shell."""

from typing import Annotated

import typer


def _known_here(incomplete: str) -> list[tuple[str, str]]:
    """Return ids with their names, and names that a shell takes as one word.

    Of the hooks that this machine remembers: a shell that asks is not kept waiting for an org.
    """
    import os

    from okhook.cli.completing import hooks_starting_with

    return hooks_starting_with(incomplete, os.environ)


def event_types_starting_with(incomplete: str) -> list[str]:
    """Return the event types that a hook can have and that start so."""
    from okhook.wire.event_types import starting_with

    return starting_with(incomplete)


HookArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID|NAME",
        help="The hook, by its id or its name.",
        autocompletion=_known_here,
        show_default=False,
    ),
]
