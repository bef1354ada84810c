"""End a command gracefully at the first signal, and at once at the second."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TypeVar, cast

import anyio
from anyio.abc import TaskStatus

from okhook.errors import ExitCode, Interrupted, Terminated
from okhook.runtime.terminal import end_line_of_ctrl_c
from okhook.runtime.unix import ending_signals

T = TypeVar("T")

_SWITCH_AFTER_S = 0.001
"""How long a thread waits for the interpreter until the one that runs must let it go.

With Python's 5 ms the store's thread waits for a busy event loop after each commit, and the
deliveries of this commit with it.
"""


_GRACE_OF_A_SERVICE_S = 5.0
_LEAST_GRACE_S = 1.0
"""For what ends last, when what ended before it took all the time."""

END_OF_A_SERVICE_S = 9.0
"""When a service that got SIGTERM ends, whatever hangs. Kubernetes may kill it after 10 s."""

ENDED_LATE = (
    f"okhook did not end within {END_OF_A_SERVICE_S:g} s of SIGTERM, and ends now: what it"
    " acknowledged is stored"
)
_LAST_WORD_S = 0.3


def usual_grace_s() -> float:
    """Return how long requests and attempts in flight may take at the end, in seconds."""
    return 2.0


def short_grace_s() -> float:
    """Return the same for requests that can be made again: of pages, of probes, of metrics."""
    return 0.5


class Shutdown:
    """The signal that ended the command, and what to do before a hard exit.

    The command sets ``done`` when its work is done and it only waits for a signal. From then on
    Ctrl-C and SIGTERM are its normal end.

    With ``longest_end_s``, a command that got SIGTERM ends after that time, whatever hangs.
    """

    def __init__(self, longest_end_s: float | None = None) -> None:
        self.signal: signal.Signals | None = None
        self.done = anyio.Event()
        self._longest_end_s = longest_end_s
        self._began_at = 0.0
        self._last_acts: list[Callable[[], None]] = []
        self._when_late: Callable[[], None] = lambda: None

    @contextmanager
    def begun_by(self, number: signal.Signals) -> Iterator[None]:
        """Note the signal, and limit the time until the end of the block."""
        self.signal, self._began_at = number, time.monotonic()
        if number is not signal.SIGTERM or self._longest_end_s is None:
            yield
            return
        # A thread, because the event loop may hang, too.
        alarm = threading.Timer(self._longest_end_s, self._end_late)
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()

    def grace_s(self) -> float:
        """Return how long requests and attempts in flight may take at the end, in seconds.

        The time begins with the signal: whatever ends shares it. A person who pressed Ctrl-C waits
        less than a service manager, which allows 10 s or more.
        """
        if self.signal is None:
            return usual_grace_s()
        whole_s = _GRACE_OF_A_SERVICE_S if self.signal is signal.SIGTERM else usual_grace_s()
        return max(_LEAST_GRACE_S, self._began_at + whole_s - time.monotonic())

    def when_late(self, say: Callable[[], None]) -> None:
        """Call ``say`` in a thread before the end that ``longest_end_s`` forces."""
        self._when_late = say

    def _end_late(self) -> None:
        saying = threading.Thread(target=self._when_late, daemon=True)
        saying.start()
        saying.join(_LAST_WORD_S)  # who reads the output may hang, too
        self.hard_exit(0 if self.done.is_set() else ExitCode.TERMINATED)

    @contextmanager
    def before_hard_exit(self, act: Callable[[], None]) -> Iterator[None]:
        """Call ``act`` if a second signal ends the process during the block. It must not wait."""
        self._last_acts.append(act)
        try:
            yield
        finally:
            self._last_acts.remove(act)

    def hard_exit(self, code: int) -> None:
        """Call the registered functions, newest first, and exit without any other clean-up."""
        for act in reversed(self._last_acts):
            act()
        os._exit(code)


def run_server(work: Callable[[Shutdown], Awaitable[None]], *, use_uvloop: bool = False) -> None:
    """Run ``work`` as :func:`run_until_signal` does; Ctrl-C and SIGTERM are its normal end."""
    shutdown = Shutdown(END_OF_A_SERVICE_S)
    shutdown.done.set()
    anyio.run(run_until_signal, work, shutdown, backend_options={"use_uvloop": use_uvloop})


def run_fast(work: Callable[[Shutdown], Awaitable[None]]) -> None:
    """Run ``work`` as :func:`run_server` does, tuned for a server under load."""
    # A delivery creates no reference cycles.
    gc.freeze()
    sys.setswitchinterval(_SWITCH_AFTER_S)
    run_server(work, use_uvloop=find_spec("uvloop") is not None)


def run_until_done(
    work: Callable[[Shutdown], Awaitable[T]],
    *,
    interrupted: str,
    longest_end_s: float | None = None,
) -> T:
    """Run ``work`` as :func:`run_until_signal` does, and return its result.

    After ``shutdown.done``, Ctrl-C and SIGTERM are a normal end, and the result is None.
    ``longest_end_s`` is that of :class:`Shutdown`.

    Raises:
        Interrupted: Ctrl-C came before the work was done. ``interrupted`` is its message.
        Terminated: SIGTERM came before that, or SIGHUP at any time.
    """
    shutdown = Shutdown(longest_end_s)
    results: list[T] = []

    async def keep_result(shutdown: Shutdown) -> None:
        results.append(await work(shutdown))

    anyio.run(run_until_signal, keep_result, shutdown)
    if not results and not shutdown.done.is_set():
        raise Interrupted(interrupted)
    return results[0] if results else cast("T", None)


async def run_until_signal(
    work: Callable[[Shutdown], Awaitable[None]], shutdown: Shutdown | None = None
) -> None:
    """Run ``work`` until it ends, or until Ctrl-C, SIGTERM or SIGHUP cancels it.

    Ctrl-C raises nothing. A second signal calls :meth:`Shutdown.hard_exit` with 130 or 143.

    Raises:
        Terminated: SIGTERM ended it before ``shutdown.done``, or SIGHUP at any time.
    """
    shutdown = shutdown or Shutdown()
    async with anyio.create_task_group() as tasks:
        work_scope = anyio.CancelScope()
        await tasks.start(_watch_signals, shutdown, work_scope)
        with work_scope:
            await work(shutdown)
        tasks.cancel_scope.cancel()
    ends_well = (signal.SIGINT, *([signal.SIGTERM] if shutdown.done.is_set() else []))
    if shutdown.signal is not None and shutdown.signal not in ends_well:
        raise Terminated(f"ended by {shutdown.signal.name}")


async def _watch_signals(
    shutdown: Shutdown, work: anyio.CancelScope, *, task_status: TaskStatus[None]
) -> None:
    with anyio.open_signal_receiver(*ending_signals()) as signals, ExitStack() as held:
        task_status.started()
        async for number in signals:
            if number is signal.SIGINT:
                end_line_of_ctrl_c()
            if shutdown.signal is not None:
                by_hand = number is signal.SIGINT
                shutdown.hard_exit(ExitCode.INTERRUPTED if by_hand else ExitCode.TERMINATED)
            held.enter_context(shutdown.begun_by(number))
            work.cancel()
