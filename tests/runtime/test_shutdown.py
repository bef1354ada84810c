"""Signals: the first one asks and is waited for, the second one ends it all."""

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import anyio, sys
from okhook.errors import Terminated
from okhook.runtime.shutdown import run_until_signal

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
try:
    anyio.run(run_until_signal, work)
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
    """Ctrl-C is an ordinary end, SIGTERM and SIGHUP have a code of their own; all are in order."""
    with start("waits") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        assert process.stdout.read() == "cleaning\n"
        assert process.wait(10) == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_leaves_at_once(number: signal.Signals, code: int) -> None:
    """A clean-up that hangs cannot hold the user: last acts are done, and that is that."""
    with start("stuck") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        assert process.stdout.readline() == "cleaning\n"
        process.send_signal(number)
        assert process.stdout.read() == "last act\n"
        assert process.wait(10) == code


def test_work_that_ends_by_itself_ends_the_program() -> None:
    """Nobody waits for a signal once the work is done."""
    with start("ends") as process:
        assert process.wait(10) == 0


def test_nohup_is_respected() -> None:
    """Started under nohup, a terminal that is closed ends nothing; SIGTERM still does."""
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
        assert process.wait(10) == 143


TO_ITS_END = """
import anyio, sys
from okhook.errors import Interrupted, Terminated
from okhook.runtime.shutdown import run_to_its_end

async def work(shutdown):
    print("working", flush=True)
    if "{mode}" == "waits":
        await anyio.sleep_forever()
    return None
try:
    print("came to", run_to_its_end(work, interrupted="before it was done"))
except Interrupted as error:
    print("interrupted", error.what)
except Terminated:
    sys.exit(143)
"""


@pytest.mark.parametrize(
    ("mode", "number", "code", "said"),
    [
        ("ends", None, 0, "came to None\n"),
        ("waits", signal.SIGINT, 0, "interrupted before it was done\n"),
        ("waits", signal.SIGTERM, 143, ""),
    ],
)
def test_what_work_comes_to_or_that_it_was_interrupted(
    mode: str, number: signal.Signals | None, code: int, said: str
) -> None:
    """Work that returns nothing has come to its end all the same."""
    with subprocess.Popen(
        [sys.executable, "-c", TO_ITS_END.replace("{mode}", mode)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        if number is not None:
            process.send_signal(number)
        assert process.stdout.read() == said
        assert process.wait(10) == code
