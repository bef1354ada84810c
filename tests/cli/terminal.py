"""A terminal of a given width, and what a command writes to it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.support.okhook_process import PATIENCE_S, environment
from tests.support.waiting import wait_until


def on_terminal(*arguments: str, home: Path, columns: int) -> tuple[int, str]:
    """Run a command to its end on a terminal; return its exit code and what it wrote to stdout."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "okhook", *arguments],
        env={**environment(home, {"TERM": "xterm"}), "COLUMNS": str(columns)},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    written = read_to_end(ours)
    return process.wait(PATIENCE_S), written


def read_to_end(terminal: int) -> str:
    """Return what is written to a terminal until nobody has it open any more, and close it."""
    written = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 65536):
            written += part
    os.close(terminal)
    return written.decode()


_PRESS_AGAIN_S = 5.0

_WITH_CTRL_C = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("okhook", run_name="__main__")
"""


def started(
    arguments: Sequence[str], *, home: Path, env: Mapping[str, str]
) -> "tuple[subprocess.Popen[bytes], int]":
    """Start Python with a terminal for all that it reads and writes; return that terminal, too."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(home, env),
        cwd=home,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


def answered(*arguments: str, home: Path, answer: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Answer the question of a command on a terminal; return its exit code and what it wrote."""
    process, ours = started(["-m", "okhook", *arguments], home=home, env={"TERM": "dumb", **env})
    shown = read(ours, ("[y/N] ",))
    os.write(ours, f"{answer}\n".encode())
    shown += read_to_end(ours)
    return process.wait(PATIENCE_S), shown


def interrupted(*arguments: str, home: Path, after: tuple[str, ...]) -> str:
    """Press Ctrl-C ``after`` a command showed these on a terminal; return all that it showed.

    Colours and movements of the cursor are left out.
    """
    screen = {"TERM": "xterm", "COLUMNS": "80"}
    process, ours = started(["-c", _WITH_CTRL_C, *arguments], home=home, env=screen)
    try:
        seen = read(ours, after)
        shown_by = psutil.Process(process.pid)  # it may not yet have come to where it waits
        wait_until(lambda: shown_by.status() == psutil.STATUS_SLEEPING)
        while True:
            os.write(ours, b"\x03")
            # A press between the question and Python's read is seen at the next one only.
            if select.select([ours], [], [], _PRESS_AGAIN_S)[0] and _ends(process):
                break
        seen += read(ours)
    finally:
        os.close(ours)  # which hangs up, and ends the process
        process.wait(PATIENCE_S)
    return seen


def _ends(process: "subprocess.Popen[bytes]") -> bool:
    """Return whether a process ends soon after Ctrl-C."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_PRESS_AGAIN_S)
    return process.returncode is not None


def read(terminal: int, until: tuple[str, ...] = ()) -> str:
    """Return what is written to a terminal until it holds the texts in whole lines, or ends."""
    read, shown, give_up_at = b"", "", time.monotonic() + PATIENCE_S
    while not (until and all(each in shown for each in until) and shown[-1:] in "\n "):
        left_s = give_up_at - time.monotonic()
        assert select.select([terminal], [], [], max(left_s, 0))[0], f"only {shown!r} was shown"
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        if not part:
            break
        read += part
        shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", read.decode(errors="replace"))
    return shown
