"""Show what a long-running command does, without slowing it down.

A thread writes the lines, because a paused terminal (Ctrl-S) or a full pipe blocks the writer.
The hub only signals that the store has more records; the screen reads them from the store.
"""

import errno
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.to_thread

from okhook.activity import Activity, Published, Stopped, StoreGrew
from okhook.cli.console import Console, OutputHeld
from okhook.cli.stdout import StdoutFailed
from okhook.cli.views.lines import Renderer
from okhook.errors import StoreFailed
from okhook.records.activities import activity_of
from okhook.runtime.hub import ActivityHub, Subscription
from okhook.store.contract import Store

LAST_RECORDS_S = 1.0
"""How long to go on showing records at the end of the command."""

LAST_WORDS_S = 1.5
"""How long to wait at the end for a reader that does not read."""

READABLE = 2000
"""A terminal that is further behind than this many records skips some."""

_PAGE = 50
_READ_WITHIN_S = 5.0
"""How long other lines wait for a store that hangs."""

_PAUSE_S = 0.5
"""The pause between pages under load."""


class Screen:
    """Shows a subscription on a console, from the record after ``last_seq`` on."""

    def __init__(
        self, console: Console, render: Renderer, store: Store | None, *, last_seq: int
    ) -> None:
        self._console = console
        self._render = render
        self._store = store
        self._last_seq = last_seq
        self._scope = anyio.CancelScope(shield=True)
        self._records_until = math.inf
        self._newest = last_seq
        self._unread = 0

    async def follow(self, subscription: Subscription) -> None:
        """Show activities until the hub ends. Cancellation does not stop it before the last."""
        with self._scope:
            try:
                await self._show_what_comes(subscription)
            finally:
                await _in_thread(self._console.stop_waiting)

    @property
    def gave_up(self) -> bool:
        """Whether the time was over before the last lines were written."""
        return self._scope.cancelled_caught

    def leave_soon(self) -> None:
        """Set the deadline for the last lines."""
        self._records_until = anyio.current_time() + LAST_RECORDS_S
        self._scope.deadline = anyio.current_time() + LAST_WORDS_S

    async def _show_what_comes(self, subscription: Subscription) -> None:
        while batch := await subscription.batch():
            if self._unread:
                await self._show_records(self._unread)
            with suppress(StoreFailed, TimeoutError), anyio.fail_after(_READ_WITHIN_S):
                await self._skip_to_newest(batch)
            for published in batch:
                if isinstance(published, StoreGrew):
                    await self._show_records(published.seq)
                else:
                    await self._write([published])

    async def _skip_to_newest(self, batch: Sequence[Published]) -> None:
        """On a terminal, skip records if there are too many to read."""
        newest = max((p.seq for p in batch if isinstance(p, StoreGrew)), default=0)
        if self._store is None or not self._console.is_live:
            return
        if newest - self._last_seq <= READABLE:  # of all receivers
            return
        behind = await self._store.count_after(self._last_seq)
        if behind <= READABLE:
            return
        self._last_seq = await self._store.before_newest(_PAGE)
        skipped = f"… skipped {behind - _PAGE} deliveries: see `okhook deliveries list`"
        await _in_thread(lambda: self._console.note(skipped))

    async def _show_records(self, to_seq: int) -> None:
        """Show records; if the store cannot be read, they are read when more is published."""
        self._unread = 0
        try:
            await self._read_and_show(to_seq)
        except (StoreFailed, TimeoutError):
            self._unread = to_seq

    async def _read_and_show(self, to_seq: int) -> None:
        if self._store is None:
            return
        while self._last_seq < to_seq and anyio.current_time() < self._records_until:
            with anyio.fail_after(_READ_WITHIN_S):
                records = await self._store.after(self._last_seq, _PAGE)
            if not records:
                return
            await self._write([activity_of(record) for record in records])
            self._last_seq = records[-1].seq
            with anyio.fail_after(_READ_WITHIN_S):
                newest = await self._store.last_seq()
            received, self._newest = newest - self._newest, newest
            if received > _PAGE:  # receiving goes first
                await anyio.sleep(_PAUSE_S)

    async def _write(self, batch: Sequence[Activity]) -> None:
        await _in_thread(lambda: self._console.show_all(batch, self._render))


async def _in_thread(write: Callable[[], None]) -> None:
    """Write. Raise ``BrokenPipeError`` also if a terminal was closed."""
    try:
        await anyio.to_thread.run_sync(write, abandon_on_cancel=True)
    except OSError as error:
        if isinstance(error, StdoutFailed) and error.errno != errno.EIO:
            raise
        raise BrokenPipeError from error


@asynccontextmanager
async def on_screen(
    console: Console,
    render: Renderer,
    store: Store | None,
    hub: ActivityHub,
    *,
    last_activity: Callable[[], Activity] = Stopped,
) -> AsyncIterator[None]:
    """Show what ``hub`` publishes while the block runs, then the result of ``last_activity``.

    ``store`` is None for a command that stores no records. Raises OutputHeld if the last lines
    could not be written in time.
    """
    last_seq = 0 if store is None else await store.last_seq()
    screen = Screen(console, render, store, last_seq=last_seq)
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
                    await _publish_last(hub, store, None if failed else last_activity())
                    screen.leave_soon()
    finally:
        if screen.gave_up:
            raise OutputHeld


async def _publish_last(
    hub: ActivityHub, store: Store | None, last_activity: Activity | None
) -> None:
    """Publish the newest records and the last words, and end the hub."""
    if store is not None:
        with anyio.CancelScope(shield=True), anyio.move_on_after(LAST_RECORDS_S):
            hub.publish(StoreGrew(await store.settled()))
    if last_activity is not None:
        hub.publish(last_activity)
    hub.end()
