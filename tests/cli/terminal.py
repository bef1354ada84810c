"""A terminal of a given width, and what a command writes to it."""

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.support.okhook_process import PATIENCE_S, environment


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
    written = b""
    with contextlib.suppress(OSError):
        while part := os.read(ours, 65536):
            written += part
    os.close(ours)
    return process.wait(PATIENCE_S), written.decode()
