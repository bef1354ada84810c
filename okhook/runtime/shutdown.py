"""How a long-running command ends: the first signal asks, the second one does not."""

import gc
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, final

import anyio
from anyio.abc import TaskStatus

from okhook.errors import ExitCode, Interrupted, Terminated

T = TypeVar("T")

_COLLECT_AFTER = 10_000
"""How many more objects than before make the collector look; Python's own number is 700."""


@final
class Shutdown:
    """What the running command is told of signals, and what it wants done before a hard exit."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._last_acts: list[Callable[[], None]] = []

    @contextmanager
    def before_hard_exit(self, act: Callable[[], None]) -> Iterator[None]:
        """Have ``act`` called, for as long as the block lasts, if a second signal ends it all.

        It must not wait: it is for a SIGKILL to a child's process group, or a file to remove.
        """
        self._last_acts.append(act)
        try:
            yield
        finally:
            self._last_acts.remove(act)

    def hard_exit(self, code: int) -> None:
        """Do the last acts, newest first, and leave without any further clean-up."""
        for act in reversed(self._last_acts):
            act()
        os._exit(code)


def run_fast(work: Callable[[Shutdown], Awaitable[None]]) -> None:
    """Run ``work`` as :func:`run_until_signal` does, on uvloop: for a server under load.

    The garbage collector passes over what is loaded by now, and comes by less often: a delivery
    leaves no cycles behind.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    anyio.run(run_until_signal, work, backend_options={"use_uvloop": True})


def run_to_its_end(work: Callable[[Shutdown], Awaitable[T]], *, interrupted: str) -> T:
    """Run ``work`` as :func:`run_until_signal` does, and return what it comes to.

    Raises:
        Interrupted: Ctrl-C came first; ``interrupted`` says before what.
        Terminated: SIGTERM or SIGHUP did.

    """
    results: list[T] = []

    async def watched(shutdown: Shutdown) -> None:
        results.append(await work(shutdown))

    anyio.run(run_until_signal, watched)
    if not results:
        raise Interrupted(interrupted)
    return results[0]


async def run_until_signal(work: Callable[[Shutdown], Awaitable[None]]) -> None:
    """Run ``work`` until it ends by itself, or until Ctrl-C, SIGTERM or SIGHUP cancels it.

    ``work`` cleans up when it is cancelled, in a shielded scope with a time limit where that
    takes a while. A second signal does its last acts and exits at once (130 or 143).

    Raises:
        Terminated: SIGTERM ended it, or SIGHUP because its terminal was closed; Ctrl-C is an
            ordinary end and raises nothing.

    """
    shutdown = Shutdown()
    async with anyio.create_task_group() as tasks:
        work_scope = anyio.CancelScope()
        await tasks.start(_watch_signals, shutdown, work_scope)
        with work_scope:
            await work(shutdown)
        tasks.cancel_scope.cancel()
    if shutdown.signal not in (None, signal.SIGINT):
        raise Terminated(f"ended by {shutdown.signal.name}")


async def _watch_signals(
    shutdown: Shutdown, work: anyio.CancelScope, *, task_status: TaskStatus[None]
) -> None:
    with anyio.open_signal_receiver(*_heeded()) as signals:
        task_status.started()
        async for number in signals:
            if shutdown.signal is not None:
                by_hand = number is signal.SIGINT
                shutdown.hard_exit(ExitCode.INTERRUPTED if by_hand else ExitCode.TERMINATED)
            shutdown.signal = number
            work.cancel()


def _heeded() -> list[signal.Signals]:
    """Return the signals that end the work; ``nohup`` has SIGHUP ignored, and is respected."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if ignored else [signal.SIGHUP])]
