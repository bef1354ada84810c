"""Start ``okhook`` in a moment: each run is forked from a process that has imported all of it.

A run is a process like any other, with its own pid, signals and pipes. What it saves is the half
second in which Python starts and imports; ``python -m okhook`` itself is run where that counts.
"""

import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, final

import psutil

_IMPORTED_LATE = (
    "anyio._backends._asyncio",
    "anyio._core._signals",
    "concurrent.futures.thread",
    "typer._adapters",
    "typer._click.decorators",
    "uvicorn.lifespan.off",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto",
    "uvloop",
)
"""Modules that libraries import on their first use."""

_LOOK_EVERY_S = 0.002


@final
class ForkedProcess:
    """A run of ``okhook``; its methods are those of ``subprocess.Popen``."""

    def __init__(self, forker: "OkhookForker", pid: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb")
        self.stderr: IO[bytes] = os.fdopen(stderr, "rb")
        self._forker = forker
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        if self._code is None:
            self._code = self._forker.ask({"poll": self.pid})
        return self._code

    def wait(self, timeout: float) -> int:
        """Return the exit code once it has ended."""
        give_up_at = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > give_up_at:
                raise subprocess.TimeoutExpired(f"okhook, process {self.pid}", timeout)
            time.sleep(_LOOK_EVERY_S)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


@final
class OkhookForker:
    """The process that forks, and what is said to it: one line of JSON, and one back."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forked_okhook", str(theirs.fileno())],
                cwd=Path(__file__).parents[2],
                env={**os.environ, "PYTHONWARNINGS": "error"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,  # as those of a run: Python looks at both when it starts
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]
    ) -> ForkedProcess:
        """Start a command."""
        (out, their_out), (err, their_err) = os.pipe(), os.pipe()
        order = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
        try:
            pid = self.ask(order, [their_out, their_err])
        finally:
            os.close(their_out)
            os.close(their_err)
        assert pid is not None
        return ForkedProcess(self, pid, out, err)

    def ask(self, order: dict[str, Any], descriptors: Sequence[int] = ()) -> int | None:
        """Have something done, and return the number that comes back."""
        with self._one_at_a_time:
            message = f"{json.dumps(order)}\n".encode()
            sent = socket.send_fds(self._socket, [message], descriptors)
            self._socket.sendall(message[sent:])
            line = _line(self._socket, b"")
            assert line, f"it cannot fork: {self._popen.communicate()[1].decode()}"
            answer: int | None = json.loads(line)
            return answer

    def end(self) -> list[psutil.Process]:
        """End the process that forks, and return what it started and still runs."""
        left = psutil.Process(self._popen.pid).children(recursive=True)
        self._socket.close()
        self._popen.communicate(timeout=10)
        return left


@functools.cache
def okhook_forker() -> OkhookForker:
    """Return the one forker of these tests, started at its first use."""
    return OkhookForker()


def end_okhook_forker() -> list[psutil.Process]:
    """End it where it was started, and return what it started and still runs."""
    if not okhook_forker.cache_info().currsize:
        return []
    left = okhook_forker().end()
    okhook_forker.cache_clear()
    return left


def _line(connection: socket.socket, received: bytes) -> bytes:
    """Return what was received up to the end of its line; empty where the other side is gone."""
    while not received.endswith(b"\n"):
        more = connection.recv(1 << 16)
        if not more:
            return b""
        received += more
    return received


def _serve(connection: socket.socket) -> dict[str, Any] | None:
    """Do what is asked for; return the order of a run in the process that is to be that run."""
    while True:
        received, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 2)
        line = _line(connection, received) if received else b""
        if not line:
            return None
        order = json.loads(line)
        if "poll" in order:
            answer = _exit_code(order["poll"])
        elif answer := os.fork():
            for descriptor in descriptors:
                os.close(descriptor)
        else:
            for standard, descriptor in enumerate(descriptors, start=1):
                os.dup2(descriptor, standard)
                os.close(descriptor)
            return dict(order)
        connection.sendall(f"{json.dumps(answer)}\n".encode())


def _exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _main() -> None:
    import okhook
    from okhook.cli.app import main

    for module in pkgutil.walk_packages(okhook.__path__, "okhook."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _IMPORTED_LATE:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        order = _serve(connection)
    if order is not None:
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
        os.chdir(order["cwd"])
        sys.argv = ["okhook", *order["arguments"]]
        main()


if __name__ == "__main__":
    _main()
