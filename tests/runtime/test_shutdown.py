"""The first signal ends the work in order, the second one ends the process at once."""

import os
import signal
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import anyio
import pytest

from okhook.errors import Interrupted, Terminated
from okhook.runtime.shutdown import Shutdown, run_until_done
from tests.support.okhook_process import PATIENCE_S

PROGRAM = """
import anyio, sys, time
from okhook.errors import Terminated
from okhook.runtime.shutdown import Shutdown, run_until_signal

async def work(shutdown):
    with shutdown.before_hard_exit(lambda: print("last act", flush=True)):
        try:
            print("working", flush=True)
            if "{mode}" == "ends":
                return
            await anyio.sleep_forever()
        finally:
            print("cleaning", flush=True)
            if "{mode}" == "stuck":
                with anyio.CancelScope(shield=True):
                    await anyio.sleep_forever()
            if "{mode}" == "late":
                shutdown.when_late(lambda: print("late", flush=True))
                shutdown.done.set()
                time.sleep(600)
            if "{mode}" == "mute":
                shutdown.when_late(lambda: time.sleep(600))
                time.sleep(600)
            print("shared", shutdown.grace_s() < 5)
try:
    limit_s = 2 if "{mode}" in ("late", "mute") else 600
    anyio.run(run_until_signal, work, Shutdown(limit_s))
except Terminated:
    sys.exit(143)
"""


def start(mode: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.replace("{mode}", mode)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_the_first_signal_lets_the_work_clean_up(number: signal.Signals, code: int) -> None:
    """Ctrl-C is a normal end; SIGTERM and SIGHUP are exit 143."""
    with start("waits") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        assert process.stdout.read() == "cleaning\nshared True\n"
        assert process.wait(PATIENCE_S) == code


@pytest.mark.parametrize(("mode", "said", "code"), [("late", "late\n", 0), ("mute", "", 143)])
def test_a_service_ends_in_time_whatever_hangs(mode: str, said: str, code: int) -> None:
    """Also its event loop, or whoever reads what it says: a platform would kill it."""
    with start(mode) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == f"cleaning\n{said}last act\n"
        assert process.wait(PATIENCE_S) == code


def test_what_ends_shares_the_time_from_the_signal_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends last still gets a second."""
    now = [100.0]
    monkeypatch.setattr("okhook.runtime.shutdown.time", SimpleNamespace(monotonic=lambda: now[-1]))
    shutdown = Shutdown()
    with shutdown.begun_by(signal.SIGTERM):
        left = []
        for passed_s in (0.0, 3.0, 20.0):
            now.append(100.0 + passed_s)
            left.append(shutdown.grace_s())
    assert left == [5.0, 2.0, 1.0]
    with shutdown.begun_by(signal.SIGINT):
        assert shutdown.grace_s() == 2.0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_leaves_at_once(number: signal.Signals, code: int) -> None:
    """It does not wait for a clean-up that hangs, but calls the registered functions."""
    with start("stuck") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        assert process.stdout.readline() == "cleaning\n"
        process.send_signal(number)
        assert process.stdout.read() == "last act\n"
        assert process.wait(PATIENCE_S) == code


def test_work_that_ends_by_itself_ends_the_program() -> None:
    """Without any signal."""
    with start("ends") as process:
        assert process.wait(PATIENCE_S) == 0


def test_nohup_is_respected() -> None:
    """Under nohup SIGHUP is ignored; SIGTERM is not."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.replace("{mode}", "waits")],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509 - as nohup does
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 143


async def wait_for_a_signal(shutdown: Shutdown, number: signal.Signals, *, is_done: bool) -> None:
    if is_done:
        shutdown.done.set()
    os.kill(os.getpid(), number)
    await anyio.sleep_forever()


def test_work_returns_its_result() -> None:
    """Also if it is None, which does not mean interrupted."""

    async def work(result: int | None, _: Shutdown) -> int | None:
        return result

    assert run_until_done(partial(work, 7), interrupted="too early") == 7
    assert run_until_done(partial(work, None), interrupted="too early") is None


def test_ctrl_c_before_the_work_is_done_is_interrupted() -> None:
    """After it is done, Ctrl-C is a normal end."""
    work = partial(wait_for_a_signal, number=signal.SIGINT)
    run_until_done(partial(work, is_done=True), interrupted="too early")
    with pytest.raises(Interrupted, match="too early"):
        run_until_done(partial(work, is_done=False), interrupted="too early")


def test_sigterm_after_the_work_is_done_is_a_normal_end() -> None:
    """It is how a service is stopped, as Ctrl-C is for a person."""
    work = partial(wait_for_a_signal, number=signal.SIGTERM)
    run_until_done(partial(work, is_done=True), interrupted="too early")
    with pytest.raises(Terminated):
        run_until_done(partial(work, is_done=False), interrupted="too early")


@pytest.mark.parametrize("is_done", [True, False])
def test_a_closed_terminal_ends_the_work_as_terminated(is_done: bool) -> None:
    """Whether or not it was done."""
    work = partial(wait_for_a_signal, number=signal.SIGHUP, is_done=is_done)
    with pytest.raises(Terminated):
        run_until_done(work, interrupted="too early")
