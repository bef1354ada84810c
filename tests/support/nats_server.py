"""A real ``nats-server``, which keeps its streams in a temporary directory."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until


def nats_program() -> str:
    """Return the path of nats-server; without one, skip the test, or fail it with ``CI=true``."""
    found = shutil.which("nats-server", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("nats-server is missing", pytrace=False)
    if found is None:
        pytest.skip("needs nats-server")
    return found


@dataclass
class NatsServer:
    """A server on ``port``, which stays the same when it is started again."""

    program: str
    directory: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it says hello."""
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-c", str(self.directory / "server.conf")], stdout=log, stderr=log
            )
        wait_until(self._greets, self.log)

    def kill(self) -> None:
        """Kill it as a machine that loses power does, without a chance to say goodbye."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        return (self.directory / "log").read_text()

    def _greets(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connected:
            connected.settimeout(1)
            return connected.recv(4) == b"INFO"
        return False


@contextmanager
def nats_server(
    directory: Path, config: str = "", *, jetstream: bool = True
) -> Iterator[NatsServer]:
    """Run a server for as long as the block lasts, with more lines of ``config``."""
    program = nats_program()
    directory.mkdir(exist_ok=True)
    port = free_port()
    lines = [f"listen: 127.0.0.1:{port}", config]
    if jetstream:
        lines.append(f"jetstream {{ store_dir: {str(directory / 'store')!r} }}")
    (directory / "server.conf").write_text("\n".join(lines))
    server = NatsServer(program, directory, port)
    server.start()
    try:
        yield server
    finally:
        server.kill()
