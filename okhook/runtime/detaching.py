"""Run a command in the background, and show its output until it is ready.

The child has a session of its own, so that neither Ctrl-C nor a closed terminal reaches it. It
writes to pipes that its parent passes on. When it is ready it lets go of them, and its log alone
gets the rest.
"""

import io
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, TextIO

from okhook.errors import ExitCode
from okhook.runtime.run_files import AlreadyRunning, DetachedRun, RunDirectory, RunFile

DETACHED: Final = "OKHOOK_DETACHED"
"""The variable of a command in the background: the descriptor on which it says that it is ready."""

LOG_LIMIT_BYTES: Final = 4 << 20
"""How long a log gets. The one before it is kept, too."""

_CHUNK_BYTES = 1 << 16


def run_detached(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Start okhook in the background; return 0 when it is ready, else its exit code."""
    told, tell = os.pipe()
    try:
        child = subprocess.Popen(
            # -P: a file in the working directory must not stand in for a module.
            [sys.executable, "-P", "-m", "okhook", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environ, DETACHED: str(tell)},
            start_new_session=True,
            pass_fds=[tell],
        )
    finally:
        os.close(tell)
    with os.fdopen(told, "rb") as ready, _passing_on_signals(child) as received:
        _pass_on_output(child)
        if ready.read(1):
            child.returncode = 0  # it goes on: nobody waits for its end
            return 0
        code = child.wait()
    if received:
        by_hand = received[0] == signal.SIGINT
        return ExitCode.INTERRUPTED if by_hand else ExitCode.TERMINATED
    return code if code >= 0 else 128 - code


@contextmanager
def _passing_on_signals(child: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """End the child with this process, and yield the signals that came.

    The terminal does not reach the child. It gets SIGTERM, which also ends a Python that still
    imports, without a traceback.
    """
    received: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        received.append(number)
        child.terminate()

    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handled = [each for each in ending if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in handled}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass_on_output(child: "subprocess.Popen[bytes]") -> None:
    """Write what the child writes, until it lets go of both pipes."""
    with selectors.DefaultSelector() as selector:
        for pipe, stream in ((child.stdout, sys.stdout), (child.stderr, sys.stderr)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, stream)
        try:
            while selector.get_map():
                for key, _ in selector.select():
                    if chunk := os.read(key.fd, _CHUNK_BYTES):
                        key.data.buffer.write(chunk)
                        key.data.flush()
                    else:
                        selector.unregister(key.fileobj)
        finally:
            for pipe in (child.stdout, child.stderr):
                if pipe is not None:
                    pipe.close()


@dataclass(frozen=True, slots=True)
class Background:
    """This process runs in the background, and still writes to the terminal of its parent."""

    ready_descriptor: int
    log: Path

    def let_go(self) -> None:
        """Tell the parent that this process is ready; from now on only the log gets output."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _LoggedStream):
                stream.let_go()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        with suppress(BrokenPipeError):
            os.write(self.ready_descriptor, b".")
        os.close(self.ready_descriptor)


@contextmanager
def in_background(run_directory: RunDirectory, ready_descriptor: int) -> Iterator[Background]:
    """Keep a log of stdout and stderr, from here to the end of the process."""
    os.set_inheritable(ready_descriptor, False)
    with ExitStack() as stack:
        number, run_file = _free_number(run_directory, stack)
        path = run_directory.state / "logs" / f"up-{number}.log"
        log = BoundedLog(path, LOG_LIMIT_BYTES)
        sys.stdout, sys.stderr = _LoggedStream(sys.stdout, log), _LoggedStream(sys.stderr, log)
        run_file.write(DetachedRun(str(path)))
        yield Background(ready_descriptor, path)


def _free_number(run_directory: RunDirectory, stack: ExitStack) -> tuple[int, RunFile]:
    """Own the run file with the first free number until ``stack`` closes."""
    run_directory.forget_left_over(DetachedRun)
    number = 1
    while True:
        try:
            return number, stack.enter_context(run_directory.own(DetachedRun.name(number)))
        except AlreadyRunning:
            number += 1


class BoundedLog:
    """A file for its owner alone. When it is full it is renamed to ``FILE.1``, and begins anew.

    What cannot be written is lost: the command goes on without its log.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._one_at_a_time = threading.Lock()
        self._descriptor: int | None = None
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._begin()

    def write(self, text: str) -> None:
        """Add a text."""
        content = text.encode("utf-8", "backslashreplace")
        with self._one_at_a_time, suppress(OSError):
            if self._descriptor is None or self._size + len(content) > self._limit_bytes:
                self._begin()
            if self._descriptor is not None:
                self._size += os.write(self._descriptor, content)

    def _begin(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        with suppress(FileNotFoundError):
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._descriptor = os.open(self._path, flags, 0o600)
        self._size = 0


class _LoggedStream(io.TextIOBase):
    """Writes to the parent, until it is let go, and to a log."""

    def __init__(self, parent: TextIO, log: BoundedLog) -> None:
        self._parent: TextIO | None = parent
        self._descriptor = parent.fileno()
        self._log = log

    def let_go(self) -> None:
        """Write to the log alone from now on."""
        self._parent = None

    def write(self, text: str, /) -> int:
        self._log.write(text)
        if self._parent is not None:
            self._parent.write(text)
            self._parent.flush()
        return len(text)

    def fileno(self) -> int:
        return self._descriptor
