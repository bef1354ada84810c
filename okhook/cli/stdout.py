"""What happens when stdout or stderr cannot be written."""

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_STDOUT = 1
_STDERR = 2


class StdoutFailed(OSError):
    """Stdout cannot be written, because its disk is full, for example."""


class _Stdout(io.FileIO):
    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StdoutFailed(error.errno, error.strerror) from error


class _Stderr(io.FileIO):
    """Drops what cannot be written: nobody could be told."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def watch_stderr() -> None:
    """Let a failed write to stderr neither end the command nor change its exit code."""
    if sys.stderr is None or sys.stderr is not sys.__stderr__:
        return
    encoding = sys.__stderr__.encoding
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Stderr(_STDERR, "w", closefd=False)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


def watch_stdout() -> None:
    """Let a failed write to stdout raise ``StdoutFailed``. A closed stdout fails, too."""
    if sys.stdout is not sys.__stdout__:
        return
    if sys.stdout is None:
        os.dup2(os.open(os.devnull, os.O_RDONLY), _STDOUT)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Stdout(_STDOUT, "w", closefd=False)),
        encoding=getattr(sys.stdout, "encoding", None),
        errors="backslashreplace",
        line_buffering=os.isatty(_STDOUT),
        write_through=getattr(sys.stdout, "write_through", False),
    )


def drop_stdout() -> None:
    """Let what is still buffered go nowhere: Python would write it at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
