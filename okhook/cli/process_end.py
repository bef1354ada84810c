"""Output that nobody takes: the reader of stdout has left, or holds it (Ctrl-S, a full pipe)."""

import os
import sys


class OutputHeld(Exception):
    """What is buffered can never be written, and a flush on the way out would wait for ever."""


def leave_without_flushing() -> None:
    """End the process with success, and what is buffered with it."""
    os._exit(0)


def silence_stdout() -> None:
    """Send what is still buffered to nowhere: the reader of the pipe has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
