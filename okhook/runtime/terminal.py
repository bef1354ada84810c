"""The line of a terminal on which Ctrl-C was typed."""

import os
import select
import sys
from contextlib import suppress


def end_line_of_ctrl_c() -> None:
    """Begin a new line after the ``^C`` that the terminal shows. A paused terminal is left as is.

    Else a shell writes its prompt behind it.
    """
    for stream in (sys.stderr, sys.stdout):
        with suppress(OSError, ValueError):  # a closed stream, or a terminal that is gone
            if stream.isatty() and select.select([], [stream], [], 0)[1]:
                os.write(stream.fileno(), b"\n")
                return
