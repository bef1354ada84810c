"""Open the store to look into it: what is still to be derived is derived first."""

from collections.abc import Iterator
from contextlib import contextmanager

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.store.contract import Reader
from okhook.store.open import open_reader

_TOLD_BEYOND = 1000
"""Indexing this many records takes a tenth of a second."""


@contextmanager
def looking_back(ctx: Context) -> Iterator[Reader]:
    """Give a reader of the store, for as long as the block lasts.

    Raises:
        StoreFailed: there is no store, or it cannot be read.

    """
    console = ctx.console
    with open_reader(ctx.store_file) as reader:
        left = reader.catch_up(lambda left: _tell_of_many(console, left))
        console.stop_waiting()
        if left:
            console.note(f"the {left} newest records are not indexed yet, and not looked at")
        yield reader


def _tell_of_many(console: Console, left: int) -> None:
    """Say why it takes a while, where it does."""
    if left > _TOLD_BEYOND:
        console.wait_for(f"indexing {left} records")
