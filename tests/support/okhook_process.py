"""Run ``okhook`` as a user does: a process of its own, read line by line."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from tests.support.forked_okhook import ForkedProcess, okhook_forker

PATIENCE_S = 45.0
"""How long a test waits for a condition before it fails; never a time that it sleeps.

It is spent by a test that fails only, so it is long enough for a machine that is busy with more.
pytest ends a test that hangs after 60 s.
"""

JsonLine = dict[str, Any]
T = TypeVar("T")


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without the settings of whoever runs the tests."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OKHOOK_", "OKTA_", "HOOKDECK_"))
    }
    return {
        **kept,
        "OKHOOK_HOME": str(home / "state"),
        "OKHOOK_CONFIG": str(home / "user.toml"),
        "OKHOOK_NO_INSPECTOR": "1",
        "HOME": str(home),
        "PYTHONWARNINGS": "error",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **(extra or {}),
    }


def run_okhook_process(
    *arguments: str,
    home: Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout_s: float = PATIENCE_S,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "okhook", *arguments],
        env=environment(home, env),
        cwd=home,
        input=stdin,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


@dataclass
class OkhookProcess:
    """A long-running ``okhook``. ``lines`` and ``errors`` are what it has written so far."""

    popen: "ForkedProcess | subprocess.Popen[bytes]"
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _arrived: "queue.Queue[None]" = field(default_factory=queue.Queue)
    _readers: list[threading.Thread] = field(default_factory=list)

    def wait_for_line(self, wanted: Callable[[str], bool]) -> str:
        """Return the first line on stdout that is wanted, past or to come."""
        return self._wait(lambda: next((line for line in self.lines if wanted(line)), None))

    def wait_for_json(
        self, type_: str, wanted: Callable[[JsonLine], bool] = lambda _: True
    ) -> JsonLine:
        """Return the first JSON line of that type that is wanted, past or to come."""

        def found() -> JsonLine | None:
            return next((o for o in self.json_lines() if o["type"] == type_ and wanted(o)), None)

        return self._wait(found)

    def wait_for_error(self, text: str) -> str:
        """Return the first line on stderr that holds ``text``, past or to come."""
        return self._wait(lambda: next((line for line in self.errors if text in line), None))

    def json_lines(self) -> list[JsonLine]:
        """Return stdout as JSON lines; a line that is not JSON fails the test."""
        return [json.loads(line) for line in list(self.lines)]

    def has_said(self, type_: str) -> bool:
        """Tell whether there was a JSON line of that type so far."""
        return any(line["type"] == type_ for line in self.json_lines())

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        self.popen.send_signal(number)

    def wait(self, timeout_s: float = PATIENCE_S) -> int:
        """Return the exit code; the output is complete then."""
        code = self.popen.wait(timeout_s)
        for reader in self._readers:
            reader.join(timeout_s)
        return code

    def insist(self) -> int:
        """Press Ctrl-C until the process has ended, and return its exit code.

        Two at once may arrive as one.
        """
        while self.popen.poll() is None:
            self.send(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(0.1)
        return self.wait()

    def end(self) -> None:
        """End the process in order, so that it takes its children along; kill it if it does not."""
        if self.popen.poll() is None:
            self.send(signal.SIGINT)
            try:
                self.popen.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        self.wait()

    def _wait(self, found: Callable[[], T | None]) -> T:
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            result = found()
            if result is not None:
                return result
            if not any(reader.is_alive() for reader in self._readers) and found() is None:
                raise AssertionError(f"it ended without it:\n{self.transcript()}")
            left_s = give_up_at - time.monotonic()
            if left_s <= 0:
                raise AssertionError(f"it did not come:\n{self.transcript()}")
            with contextlib.suppress(queue.Empty):
                self._arrived.get(timeout=min(left_s, 1.0))

    def transcript(self) -> str:
        """Return all that was written, for the message of a test that failed."""
        return "\n".join(["stdout:", *self.lines, "stderr:", *self.errors])

    def read_in_threads(self) -> None:
        """Collect both outputs as they come."""
        for stream, into in ((self.popen.stdout, self.lines), (self.popen.stderr, self.errors)):
            assert stream is not None
            reader = threading.Thread(target=self._collect, args=(stream, into), daemon=True)
            reader.start()
            self._readers.append(reader)

    def _collect(self, stream: IO[bytes], into: list[str]) -> None:
        for line in stream:
            into.append(line.decode().rstrip("\n"))
            self._arrived.put(None)
        stream.close()


@contextmanager
def running_okhook(
    *arguments: str, home: Path, env: Mapping[str, str] | None = None
) -> Iterator[OkhookProcess]:
    """Run a command for as long as the block lasts; at the end it is ended as by Ctrl-C."""
    forked = okhook_forker().start(arguments, cwd=home, env=environment(home, env))
    process = OkhookProcess(forked)
    process.read_in_threads()
    try:
        yield process
    finally:
        process.end()


@contextmanager
def running_program(
    *arguments: str, home: Path, env: Mapping[str, str] | None = None
) -> Iterator[OkhookProcess]:
    """Do the same for a Python program of a test's own that calls okhook."""
    popen = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(home, env),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process = OkhookProcess(popen)
    process.read_in_threads()
    try:
        yield process
    finally:
        process.end()
