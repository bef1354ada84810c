"""A child process with a process group of its own, read as it writes and ended with all it started.

A child such as ``npx`` starts children itself; a session of its own makes one process group of
them, and the group is what signals go to. Nothing is typed into a child: stdin is ``/dev/null``.
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
"""Has an act done, for as long as the block lasts, if a second signal ends it all."""

STEPS = ((signal.SIGINT, 1.5), (signal.SIGTERM, 1.0), (signal.SIGKILL, 1.0))
"""How a group is ended: each signal, and how many seconds it gets before the next."""

_LOOK_AGAIN_S = 0.02
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
        """Give ``take`` what the child writes, from both pipes as it comes, until it exits.

        Returns its exit code, negative for the signal that ended it. Grandchildren that hold the
        pipes open are not waited for.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_pump, self._process.stdout, "stdout", take)
            tasks.start_soon(_pump, self._process.stderr, "stderr", take)
            code = await self._exited()
            tasks.cancel_scope.deadline = anyio.current_time() + _LAST_OUTPUT_S
        return code

    async def end(self) -> int | None:
        """End the whole group: INT, TERM, KILL. Returns the child's exit code, if it is known."""
        for number, patience_s in STEPS:
            if not self._signal(number):
                break
            with anyio.move_on_after(patience_s):
                await until_group_is_gone(self.pid)
        self._gone = not group_is_alive(self.pid)
        with anyio.move_on_after(_EXIT_CHECK_S):
            await self._exited()
        return self._process.returncode

    def kill_now(self) -> None:
        """Kill the whole group without waiting: the last act before a hard exit."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> bool:
        return not self._gone and signal_group(self.pid, number)

    async def _exited(self) -> int:
        """Wait for the exit, also where asyncio waits for the pipes to close as well."""
        while self._process.returncode is None:
            with anyio.move_on_after(_EXIT_CHECK_S):
                await self._process.wait()
        return self._process.returncode


@asynccontextmanager
async def running_child(argv: Sequence[str], *, environ: Mapping[str, str]) -> AsyncIterator[Child]:
    """Run ``argv`` for as long as the block lasts; its whole group is ended then.

    Also when the block is left by cancellation.

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


def signal_group(pgid: int, number: signal.Signals) -> bool:
    """Send a signal to a process group; False where there is no such group any more."""
    try:
        os.killpg(pgid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


async def until_group_is_gone(pgid: int) -> None:
    """Wait until no process of the group runs. The system tells nobody, so this looks."""
    while True:
        if not group_is_alive(pgid):
            return
        await anyio.sleep(_LOOK_AGAIN_S)


def group_is_alive(pgid: int) -> bool:
    """Tell whether a process of the group still runs; one that only waits to be reaped does not."""
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
