"""The servers that a benchmark compares, each as a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.support.ports import free_port

HOOK_PATH = "/okta-webhooks-endpoint"

_PATIENCE_S = 20.0
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server by its command; it takes its port and the hook's path where they are written so."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunningContestant:
    """A server that accepts connections."""

    url: str
    process: psutil.Process

    @property
    def rss_bytes(self) -> int:
        """The memory that the process holds now."""
        return int(self.process.memory_info().rss)


def okhook(state: Path) -> Contestant:
    """Return okhook's receiver, as a user runs it, with its state in that directory."""
    program = Path(sys.executable).with_name("okhook")
    return Contestant(
        "okhook",
        [str(program), "serve", "--port", "{port}", "--path", "{path}"],
        {"OKHOOK_HOME": str(state), "OKHOOK_CONFIG": str(state / "none.toml")},
    )


def bare() -> Contestant:
    """Return a Starlette handler that does nothing."""
    return Contestant(
        "bare Starlette", [sys.executable, "-m", "tests.bench.bare_receiver", "{port}", "{path}"]
    )


def express(modules: Path) -> Contestant:
    """Return Okta's sample app's shape; ``modules`` is where express is installed."""
    return Contestant(
        "Express",
        ["node", str(_HERE / "express_receiver.js"), "{port}", "{path}"],
        {"NODE_PATH": str(modules)},
    )


def missing_for_express() -> str | None:
    """Say what Express would need and is not installed."""
    return next((program for program in ("node", "npm") if shutil.which(program) is None), None)


@contextmanager
def installed_express() -> Iterator[Path]:
    """Install express for as long as the block lasts; gives its modules' directory."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "express@4"],
            cwd=directory,
            check=True,
        )
        yield Path(directory) / "node_modules"


@contextmanager
def running(contestant: Contestant) -> Iterator[RunningContestant]:
    """Run a contestant for as long as the block lasts; its text goes nowhere, its errors to us."""
    port = free_port()
    command = [part.format(port=port, path=HOOK_PATH) for part in contestant.command]
    settings = ("OKHOOK_", "OKTA_", "HOOKDECK_")
    inherited = {name: v for name, v in os.environ.items() if not name.startswith(settings)}
    with tempfile.TemporaryFile() as errors:
        popen = subprocess.Popen(
            command,
            env={**inherited, **contestant.env},
            cwd=_HERE.parents[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            if not _accepts(port, popen):
                errors.seek(0)
                raise RuntimeError(f"{contestant.name} did not start: {errors.read().decode()}")
            yield RunningContestant(
                f"http://127.0.0.1:{port}{HOOK_PATH}", psutil.Process(popen.pid)
            )
        finally:
            popen.terminate()
            popen.wait(_PATIENCE_S)


def _accepts(port: int, popen: "subprocess.Popen[bytes]") -> bool:
    """Wait until somebody listens on the port."""
    give_up_at = time.monotonic() + _PATIENCE_S
    while popen.poll() is None and time.monotonic() < give_up_at:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return True
    return False
