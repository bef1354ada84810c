"""Child processes in their own group: their output is read to the end, and all of them end."""

import os
import signal
import sys
from pathlib import Path

import anyio
import psutil
import pytest

from okhook.runtime import child as children
from okhook.runtime import die_with_parent
from okhook.runtime.child import (
    Child,
    StreamName,
    group_is_alive,
    running_child,
    signal_group,
)
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel must end it")

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('ready', flush=True)
time.sleep(600)
"""
PARENT = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, '-c', sys.argv[1]])
print('grandchild', grandchild.pid, flush=True)
time.sleep(600)
"""


OKHOOK = """
import anyio, sys
from okhook.runtime.child import running_child
async def run():
    async with running_child([sys.executable, '-c', sys.argv[1]], environ={}) as child:
        print(child.pid, flush=True)
        await anyio.sleep_forever()
anyio.run(run)
"""


@pytest.fixture(autouse=True)
def patient_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for what was killed until it is gone: the system may be busy."""
    *others, (last, _) = children.STEPS
    monkeypatch.setattr(children, "STEPS", (*others, (last, PATIENCE_S)))


class Heard:
    """What a child wrote, and a way to wait for it."""

    def __init__(self) -> None:
        self.written: dict[StreamName, bytes] = {"stdout": b"", "stderr": b""}
        self._changed = anyio.Event()

    def take(self, stream: StreamName, chunk: bytes) -> None:
        self.written[stream] += chunk
        self._changed.set()
        self._changed = anyio.Event()

    async def until(self, text: bytes) -> None:
        with anyio.fail_after(PATIENCE_S):
            while text not in self.written["stdout"]:
                await self._changed.wait()


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


async def run(argv: list[str], environ: dict[str, str] | None = None) -> tuple[int, Heard]:
    heard = Heard()
    async with running_child(argv, environ=environ or {}) as child:
        with anyio.fail_after(PATIENCE_S):
            return await child.follow(heard.take), heard


async def test_both_pipes_are_read_and_the_exit_code_is_returned() -> None:
    """Even if both are full, neither blocks the other."""
    code, heard = await run(
        python(
            "import sys\n"
            "for _ in range(200):\n"
            "    sys.stdout.write('o' * 1000); sys.stderr.write('e' * 1000)\n"
            "sys.exit(7)"
        )
    )
    assert code == 7
    assert heard.written == {"stdout": b"o" * 200_000, "stderr": b"e" * 200_000}


async def test_stdin_is_empty_and_the_environment_is_replaced() -> None:
    """A child can ask no question, and does not see our environment."""
    code, heard = await run(
        python(
            "import os, sys; print(repr(sys.stdin.read()), os.environ['ONLY'], len(os.environ))"
        ),
        {"ONLY": "this", "LC_CTYPE": "C.UTF-8"},
    )
    assert (code, heard.written["stdout"]) == (0, b"'' this 2\n")


async def test_a_missing_program_is_an_error() -> None:
    """The system's error, before the block begins."""
    with pytest.raises(FileNotFoundError):
        await run(["/nowhere/program"])


async def test_a_polite_child_ends_by_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first signal is SIGINT, as for Ctrl-C, so that the child can clean up."""
    monkeypatch.setattr(children, "STEPS", ((signal.SIGINT, PATIENCE_S),))
    heard = Heard()
    async with (
        running_child(
            python(
                "import signal, time\n"
                "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
                "try:\n    print('ready', flush=True); time.sleep(600)\n"
                "except KeyboardInterrupt:\n    print('bye', flush=True)"
            ),
            environ={},
        ) as child,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(child.follow, heard.take)
        await heard.until(b"ready")
        assert await child.end() == 0
    assert heard.written["stdout"] == b"ready\nbye\n"


async def test_a_stubborn_group_is_killed_with_its_grandchildren(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Processes that ignore SIGINT and SIGTERM are killed."""
    steps = ((signal.SIGINT, 0.1), (signal.SIGTERM, 0.1), (signal.SIGKILL, PATIENCE_S))
    monkeypatch.setattr(children, "STEPS", steps)
    heard = Heard()
    async with (
        running_child(
            python("import signal; signal.signal(2, 1); signal.signal(15, 1)\n" + PARENT, STUBBORN),
            environ={},
        ) as child,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(child.follow, heard.take)
        await heard.until(b"ready")
        assert await child.end() == -signal.SIGKILL
        assert not group_is_alive(child.pid)


async def test_cancellation_ends_the_group() -> None:
    """The cancelled block ends when no process runs."""
    heard = Heard()
    pids: list[int] = []
    async with anyio.create_task_group() as tasks:

        async def hold() -> None:
            async with running_child(
                python(PARENT, "import time; print('ready', flush=True); time.sleep(600)"),
                environ={},
            ) as child:
                pids.append(child.pid)
                await child.follow(heard.take)

        tasks.start_soon(hold)
        await heard.until(b"ready")
        tasks.cancel_scope.cancel()
    assert not group_is_alive(pids[0])


async def test_an_exit_is_seen_while_a_grandchild_keeps_the_pipes_open() -> None:
    """The grandchild ends with the block."""
    heard = Heard()
    async with running_child(
        python(PARENT, "import time; print('ready', flush=True); time.sleep(600)"), environ={}
    ) as child:
        async with anyio.create_task_group() as tasks:
            codes: list[int] = []

            async def follow() -> None:
                codes.append(await child.follow(heard.take))

            tasks.start_soon(follow)
            await heard.until(b"grandchild")  # two processes write: in either order
            await heard.until(b"ready")
            os.kill(child.pid, signal.SIGKILL)
        assert codes == [-signal.SIGKILL]
        said = heard.written["stdout"].split()
        assert psutil.pid_exists(int(said[said.index(b"grandchild") + 1]))
        assert group_is_alive(child.pid)
    assert not group_is_alive(child.pid)


async def test_kill_now_does_not_wait() -> None:
    """A plain call that kills the whole group, for a hard exit."""
    heard = Heard()
    async with running_child(python(PARENT, STUBBORN), environ={}) as child:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(child.follow, heard.take)
            await heard.until(b"ready")
            child.kill_now()
        with anyio.fail_after(PATIENCE_S):
            while group_is_alive(child.pid):  # noqa: ASYNC110 - the system sets no event
                await anyio.sleep(0.02)


async def test_a_group_that_is_gone_is_never_signalled(tmp_path: Path) -> None:
    """Another process may have its id."""
    held: Child
    async with running_child(python("pass"), environ={}) as held:
        await held.follow(lambda stream, chunk: None)
    held.kill_now()
    assert await held.end() == 0
    assert not signal_group(held.pid, signal.SIGTERM)


@LINUX
async def test_a_child_ends_with_a_killed_parent_field_07() -> None:
    """Even one that ignores signals: the kernel kills it."""
    parent = await anyio.open_process(python(OKHOOK, STUBBORN))
    assert parent.stdout is not None
    pid = int(await parent.stdout.receive())
    assert group_is_alive(pid)
    parent.kill()
    await parent.wait()
    with anyio.fail_after(PATIENCE_S):
        while group_is_alive(pid):  # noqa: ASYNC110 - the system sets no event
            await anyio.sleep(0.02)
    await parent.aclose()


@LINUX
async def test_a_parent_that_died_before_starts_nothing_field_07() -> None:
    """The kernel announces no death that came before it was asked to."""
    not_our_id = str(os.getpid() + 1)
    script = [sys.executable, "-I", "-S", die_with_parent.__file__, not_our_id, "2"]
    became = await anyio.run_process([*script, *python("print('began')")])
    assert became.stdout == b""


@LINUX
async def test_the_program_ignores_no_more_signals_than_before() -> None:
    """Python ignores two, which a program that it becomes would inherit."""
    code, heard = await run(["/bin/sh", "-c", "grep SigIgn /proc/$$/status"])
    ignored = int(heard.written["stdout"].split()[1], 16)
    assert code == 0
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)
