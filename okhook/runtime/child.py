"""A child process with its own process group, ended together with the processes it started.

A child such as ``npx`` starts processes itself. Signals go to the whole group. The child's stdin is
``/dev/null``. On Linux the kernel kills the child, but not what it started, if this process is
killed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

import anyio
import anyio.abc

StreamName = Literal["stdout", "stderr"]
TakeOutput = Callable[[StreamName, bytes], None]

BeforeHardExit = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""Registers a function to call if a second signal ends this process during the block."""

_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows, where no child runs, has none
STEPS = ((signal.SIGINT, 1.5), (signal.SIGTERM, 1.0), (_KILL, 1.0))
"""The signals that end a group, each with the seconds until the next one."""

_PRIVATE = ("OKHOOK_", "OKTA_")
_POLL_S = 0.02
_LAST_OUTPUT_S = 0.5
_EXIT_CHECK_S = 0.25


class Child:
    """A running child. ``pid`` is its process id and the id of its group."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self._process = process
        self._gone = False
        self.pid = process.pid

    async def follow(self, take: TakeOutput) -> int:
        """Call ``take`` with the output of the child until it exits, and return its exit code.

        The code is negative for a signal. Grandchildren that keep the pipes open are not awaited.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_pump, self._process.stdout, "stdout", take)
            tasks.start_soon(_pump, self._process.stderr, "stderr", take)
            code = await self._exited()
            tasks.cancel_scope.deadline = anyio.current_time() + _LAST_OUTPUT_S
        return code

    async def end(self) -> int | None:
        """End the whole group: INT, TERM, KILL. Return the child's exit code, if known."""
        self._gone = self._gone or await end_group(self.pid)
        with anyio.move_on_after(_EXIT_CHECK_S):
            await self._exited()
        return self._process.returncode

    def kill_now(self) -> None:
        """Kill the whole group without waiting."""
        if not self._gone:
            signal_group(self.pid, _KILL)

    async def _exited(self) -> int:
        """Wait for the exit only: asyncio's ``wait`` also waits for the pipes to close."""
        while self._process.returncode is None:
            with anyio.move_on_after(_EXIT_CHECK_S):
                await self._process.wait()
        return self._process.returncode


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without the settings of okhook and the credentials of Okta."""
    return {name: value for name, value in environ.items() if not name.startswith(_PRIVATE)}


@asynccontextmanager
async def running_child(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    directory: Path | None = None,
    dies_with_parent: bool = True,
) -> AsyncIterator[Child]:
    """Run ``argv`` until the block ends or is cancelled, then end its whole group.

    It runs in ``directory``, or else in the working directory. Without ``dies_with_parent`` it
    starts several times as fast, which is better for what soon ends by itself. Raises ``OSError``
    if the program cannot run.
    """
    with anyio.CancelScope(shield=True):
        process = await (_started if dies_with_parent else _open)(argv, environ, directory)
    child = Child(process)
    try:
        yield child
    finally:
        with anyio.CancelScope(shield=True):
            await child.end()
            await process.aclose()


async def _started(
    argv: Sequence[str], environ: Mapping[str, str], directory: Path | None
) -> anyio.abc.Process:
    """Start a program. On Linux, wait until ``die_with_parent`` has become it."""
    if sys.platform != "linux":
        return await _open(argv, environ, directory)
    reports, report = os.pipe()
    with os.fdopen(reports, "rb") as errors:
        script = str(Path(__file__).with_name("die_with_parent.py"))
        wrapper = [sys.executable, "-I", "-S", script, str(os.getpid()), str(report)]
        try:
            process = await _open([*wrapper, *argv], environ, directory, report)
        finally:
            os.close(report)
        await anyio.wait_readable(errors)
        number = errors.read()
    if number:
        await process.aclose()
        raise OSError(int(number), os.strerror(int(number)), argv[0])
    return process


async def _open(
    argv: Sequence[str],
    environ: Mapping[str, str],
    directory: Path | None,
    *descriptors: int,
) -> anyio.abc.Process:
    return await anyio.open_process(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        cwd=directory,
        start_new_session=True,
        pass_fds=descriptors,
    )


async def end_group(pgid: int) -> bool:
    """End a process group: INT, TERM, KILL. Return whether it is gone."""
    for number, patience_s in STEPS:
        if not signal_group(pgid, number):
            return True
        with anyio.move_on_after(patience_s):
            while group_is_alive(pgid):  # noqa: ASYNC110 - the system sets no event
                await anyio.sleep(_POLL_S)
            return True
    return False


def signal_group(pgid: int, number: signal.Signals) -> bool:
    """Send a signal to a process group. Return False if the group is gone."""
    try:
        os.killpg(pgid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def group_is_alive(pgid: int) -> bool:
    """Return whether a process of the group runs. A zombie does not."""
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
    if pipe is not None:
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async for chunk in pipe:
                take(name, chunk)
