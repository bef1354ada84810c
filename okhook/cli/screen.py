"""The screen of a long-running command: shows the stream, and holds nobody up.

Lines are written from a thread, because a terminal that is held (Ctrl-S) or a pipe that nobody
reads blocks whoever writes. What a slow screen missed is read again from the store.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, final

import anyio
import anyio.to_thread

from okhook.activity import Activity, Stopped
from okhook.cli.console import Console, Renderer
from okhook.cli.held_output import OutputHeld
from okhook.receiver.record_activity import activity_of
from okhook.record import Record
from okhook.runtime.hub import ActivityHub, Subscription

LAST_WORDS_S = 1.0
"""How long a screen may take to show what is left once the command ends."""

_PAGE = 500


class History(Protocol):
    """What a screen reads again."""

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return records after ``seq``, oldest first."""
        ...

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        ...


class NothingKept:
    """The history of what is not kept: a screen that was too slow has lost it."""

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return nothing."""
        del seq, limit
        return []

    async def last_seq(self) -> int:
        """Return 0: there is no record."""
        return 0


@final
class Screen:
    """Shows a subscription through a console. ``last_seq`` is the newest record before it began."""

    def __init__(
        self, console: Console, render: Renderer, history: History, *, last_seq: int
    ) -> None:
        self._console = console
        self._render = render
        self._history = history
        self._last_seq = last_seq
        self._read_again_to = 0
        self._scope = anyio.CancelScope(shield=True)

    async def follow(self, subscription: Subscription) -> None:
        """Show until the stream ends. Not cancelled with the rest, so that the last lines come."""
        with self._scope:
            while batch := await subscription.batch():
                missed = subscription.take_missed() > 0
                await self._write(self._unkept(batch) if missed else self._fresh(batch))
                if missed:
                    await self._catch_up()

    @property
    def gave_up(self) -> bool:
        """Whether the last lines could not be written, because nobody takes them."""
        return self._scope.cancelled_caught

    def leave_soon(self) -> None:
        """Give up on what cannot be shown within :data:`LAST_WORDS_S`."""
        self._scope.deadline = anyio.current_time() + LAST_WORDS_S

    async def _catch_up(self) -> None:
        while records := await self._history.after(self._last_seq, _PAGE):
            self._read_again_to = records[-1].seq
            await self._write([activity_of(record) for record in records])

    def _fresh(self, batch: Sequence[Activity]) -> list[Activity]:
        """Leave out what was shown already when the store was read again."""
        return [
            activity
            for activity in batch
            if (seq := _seq_of(activity)) is None or seq > self._read_again_to
        ]

    def _unkept(self, batch: Sequence[Activity]) -> list[Activity]:
        return [activity for activity in batch if _seq_of(activity) is None]

    async def _write(self, batch: Sequence[Activity]) -> None:
        if not batch:
            return
        await anyio.to_thread.run_sync(self._show_all, batch, abandon_on_cancel=True)
        self._last_seq = max([self._last_seq, *(_seq_of(activity) or 0 for activity in batch)])

    def _show_all(self, batch: Sequence[Activity]) -> None:
        """Write a batch. A terminal that was closed is, like a closed pipe, a reader that left."""
        try:
            for activity in batch:
                self._console.show(activity, self._render)
        except OSError as error:
            raise BrokenPipeError from error


def stopped() -> Activity:
    """Return what is told last by a command that has no more to say of its end."""
    return Stopped()


@asynccontextmanager
async def on_screen(
    console: Console,
    render: Renderer,
    history: History,
    hub: ActivityHub,
    *,
    last_words: Callable[[], Activity] = stopped,
) -> AsyncIterator[None]:
    """Show what ``hub`` publishes for as long as the block lasts, and that it stopped in order.

    ``last_words`` gives what is told then.

    Raises:
        OutputHeld: the last lines could not be written.

    """
    screen = Screen(console, render, history, last_seq=await history.last_seq())
    try:
        with hub.subscribe() as subscription:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(screen.follow, subscription)
                failed = False
                try:
                    yield
                except Exception:
                    failed = True
                    raise
                finally:
                    if not failed:
                        hub.publish(last_words())
                    hub.end()
                    screen.leave_soon()
    finally:
        if screen.gave_up:
            raise OutputHeld


def _seq_of(activity: Activity) -> int | None:
    seq = getattr(activity, "seq", None)
    return seq if isinstance(seq, int) else None
