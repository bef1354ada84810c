"""Show what a long-running command does, without slowing it down.

Lines are written from a thread, because a terminal that is held (Ctrl-S) or a pipe that nobody
reads blocks whoever writes. The hub only says that the store has more records; the screen reads
them from the store.
"""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import final

import anyio
import anyio.to_thread

from okhook.activity import Activity, Published, Stopped, StoreGrew
from okhook.cli.console import Console, OutputHeld
from okhook.cli.views.lines import Renderer
from okhook.records.activities import activity_of
from okhook.runtime.hub import ActivityHub, Subscription
from okhook.store.contract import Store

LAST_RECORDS_S = 1.0
"""How long the screen may go on showing records once the command ends."""

LAST_WORDS_S = 1.5
"""How long it may take to show everything else; then the reader has stopped reading."""

READABLE = 2000
"""How many records a terminal may be behind before some are skipped."""

_PAGE = 50
_PAUSE_S = 0.5
"""How long a screen waits between pages under load."""


@final
class Screen:
    """Shows a subscription on a console. ``last_seq`` is the newest record before it began.

    Records are read from the store in pages, so that a slow screen needs no memory and misses
    none of them.
    """

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

    async def follow(self, subscription: Subscription) -> None:
        """Show until the hub ends; shielded from cancellation, so that the last lines appear."""
        with self._scope:
            try:
                await self._show_what_comes(subscription)
            finally:
                await _in_thread(self._console.stop_waiting)

    @property
    def gave_up(self) -> bool:
        """Whether the last lines could not be written, because nobody read them."""
        return self._scope.cancelled_caught

    def leave_soon(self) -> None:
        """Set the time by which everything must be shown."""
        self._records_until = anyio.current_time() + LAST_RECORDS_S
        self._scope.deadline = anyio.current_time() + LAST_WORDS_S

    async def _show_what_comes(self, subscription: Subscription) -> None:
        while batch := await subscription.batch():
            await self._skip_a_flood(batch)
            for published in batch:
                if isinstance(published, StoreGrew):
                    await self._show_records(published.seq)
                else:
                    await self._write([published])

    async def _skip_a_flood(self, batch: Sequence[Published]) -> None:
        """On a terminal, skip records when there are too many to read; they stay in the store."""
        newest = max((p.seq for p in batch if isinstance(p, StoreGrew)), default=0)
        behind = newest - self._last_seq
        if behind <= READABLE or not self._console.is_live:
            return
        self._last_seq = newest - _PAGE
        skipped = f"… {behind - _PAGE} more were kept than can be shown: `okhook deliveries list`"
        await _in_thread(lambda: self._console.note(skipped))

    async def _show_records(self, to_seq: int) -> None:
        if self._store is None:
            return
        while self._last_seq < to_seq and anyio.current_time() < self._records_until:
            records = await self._store.after(self._last_seq, _PAGE)
            if not records:
                return
            await self._write([activity_of(record) for record in records])
            self._last_seq = records[-1].seq
            await self._make_way(self._store, len(records))

    async def _make_way(self, store: Store, shown: int) -> None:
        """Pause while more comes in than is shown: receiving goes first."""
        newest = await store.last_seq()
        poured_in, self._newest = newest - self._newest, newest
        if poured_in > max(shown, _PAGE):
            await anyio.sleep(_PAUSE_S)

    async def _write(self, batch: Sequence[Activity]) -> None:
        await _in_thread(lambda: self._console.show_all(batch, self._render))


async def _in_thread(write: Callable[[], None]) -> None:
    """Write. A closed terminal is reported as a closed pipe is."""
    try:
        await anyio.to_thread.run_sync(write, abandon_on_cancel=True)
    except OSError as error:
        raise BrokenPipeError from error


@asynccontextmanager
async def on_screen(
    console: Console,
    render: Renderer,
    store: Store | None,
    hub: ActivityHub,
    *,
    last_words: Callable[[], Activity] = Stopped,
) -> AsyncIterator[None]:
    """Show what ``hub`` publishes while the block runs, and at the end what ``last_words`` gives.

    Records are read from ``store``; a command that keeps no records has none.

    Raises:
        OutputHeld: the last lines could not be written in time.
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
                    await _publish_last(hub, store, None if failed else last_words())
                    screen.leave_soon()
    finally:
        if screen.gave_up:
            raise OutputHeld


async def _publish_last(hub: ActivityHub, store: Store | None, last_words: Activity | None) -> None:
    """Publish that all records can be read, then the last words, and end the hub."""
    if store is not None:
        with anyio.CancelScope(shield=True), anyio.move_on_after(LAST_RECORDS_S):
            hub.publish(StoreGrew(await store.settled()))
    if last_words is not None:
        hub.publish(last_words)
    hub.end()
