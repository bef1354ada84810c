"""Start a Python program with sockets that listen already, as systemd does."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_START = """
import os, sys
passed = [int(each) for each in sys.argv[1].split(",")]
for number, descriptor in enumerate(passed):
    os.dup2(descriptor, 100 + number)
for number in range(len(passed)):
    os.dup2(100 + number, 3 + number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(passed)))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


def start_activated(
    arguments: Sequence[str],
    sockets: Sequence[socket.socket],
    *,
    env: Mapping[str, str],
    cwd: Path,
    stdout: "IO[bytes] | int",
) -> "subprocess.Popen[bytes]":
    """Start Python with ``arguments``; the sockets are its descriptors from 3 on."""
    descriptors = [each.fileno() for each in sockets]
    started = [sys.executable, "-I", "-S", "-c", _START, ",".join(map(str, descriptors))]
    return subprocess.Popen(
        [*started, *arguments],
        env={**os.environ, **env},
        cwd=cwd,
        stdout=stdout,
        pass_fds=descriptors,
    )
