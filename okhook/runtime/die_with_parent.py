"""Become a program that the kernel kills when its parent dies. For Linux; run as a script.

    python die_with_parent.py PARENT REPORT PROGRAM ARGUMENT...

``PARENT`` is the parent's process id. If the program cannot run, its ``errno`` is written to the
file descriptor ``REPORT``, which is closed otherwise.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def become(parent: int, report: int, argv: list[str]) -> None:
    """Replace this process, unless the parent died before the kernel knew what to do then."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    os.set_inheritable(report, False)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - the caller's own program
    except OSError as error:
        os.write(report, str(error.errno).encode())


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
