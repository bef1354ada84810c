"""A child process in a process group of its own, ended together with all that it started.

A child such as ``npx`` starts processes itself. A session of its own puts them all into one process
group, and signals go to the group. The child's stdin is ``/dev/null``.
"""

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Literal, final

import anyio
import anyio.abc

StreamName = Literal["stdout", "stderr"]
TakeOutput = Callable[[StreamName, bytes], None]

BeforeHardExit = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""Registers what to call if a second signal ends this process while the block runs."""

STEPS = ((signal.SIGINT, 1.5), (signal.SIGTERM, 1.0), (signal.SIGKILL, 1.0))
"""The signals that end a group, and how many seconds each gets before the next."""

_POLL_S = 0.02
_LAST_OUTPUT_S = 0.5
_EXIT_CHECK_S = 0.25


@final
class Child:
    """A running child. ``pid`` is its process id and the id of its group."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self._process = process
        self._gone = False
        self.pid = process.pid

    async def follow(self, take: TakeOutput) -> int:
        """Call ``take`` with what the child writes to either pipe, as it comes, until it exits.

        Returns the exit code, negative for a signal. Does not wait for grandchildren that hold the
        pipes open.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_pump, self._process.stdout, "stdout", take)
            tasks.start_soon(_pump, self._process.stderr, "stderr", take)
            code = await self._exited()
            tasks.cancel_scope.deadline = anyio.current_time() + _LAST_OUTPUT_S
        return code

    async def end(self) -> int | None:
        """End the whole group: INT, TERM, KILL. Returns the child's exit code, if it is known."""
        self._gone = self._gone or await end_group(self.pid)
        with anyio.move_on_after(_EXIT_CHECK_S):
            await self._exited()
        return self._process.returncode

    def kill_now(self) -> None:
        """Kill the whole group without waiting, for a hard exit of this process."""
        if not self._gone:
            signal_group(self.pid, signal.SIGKILL)

    async def _exited(self) -> int:
        """Wait for the exit itself: asyncio's ``wait`` also waits for the pipes to close."""
        while self._process.returncode is None:
            with anyio.move_on_after(_EXIT_CHECK_S):
                await self._process.wait()
        return self._process.returncode


@asynccontextmanager
async def running_child(argv: Sequence[str], *, environ: Mapping[str, str]) -> AsyncIterator[Child]:
    """Run ``argv`` for as long as the block lasts, and end its whole group then.

    This holds also when the block is cancelled.

    Raises:
        OSError: there is no such program, or it cannot be run.
    """
    with anyio.CancelScope(shield=True):
        process = await anyio.open_process(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
    child = Child(process)
    try:
        yield child
    finally:
        with anyio.CancelScope(shield=True):
            await child.end()
            await process.aclose()


async def end_group(pgid: int) -> bool:
    """End a process group: INT, TERM, KILL. Tell whether it is gone."""
    for number, patience_s in STEPS:
        if not signal_group(pgid, number):
            return True
        with anyio.move_on_after(patience_s):
            await until_group_is_gone(pgid)
            return True
    return False


def signal_group(pgid: int, number: signal.Signals) -> bool:
    """Send a signal to a process group; False where there is no such group any more."""
    try:
        os.killpg(pgid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


async def until_group_is_gone(pgid: int) -> None:
    """Wait until no process of the group runs."""
    while group_is_alive(pgid):  # noqa: ASYNC110 - the system sets no event
        await anyio.sleep(_POLL_S)


def group_is_alive(pgid: int) -> bool:
    """Tell whether a process of the group still runs. A zombie does not."""
    try:
        os.killpg(pgid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return bool(group_members(pgid))


def group_members(pgid: int) -> list[int]:
    """Return the ids of the running processes of a group."""
    import psutil

    members = []
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == pgid and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue
    return members


async def _pump(
    pipe: anyio.abc.ByteReceiveStream | None, name: StreamName, take: TakeOutput
) -> None:
    if pipe is None:
        return
    try:
        while True:
            take(name, await pipe.receive())
    except (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError):
        return
