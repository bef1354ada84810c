"""Run files and processes as a killed okhook leaves them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from okhook.tunnel.past_tunnels import started_at

LISTENER = "import time; print('up', flush=True); time.sleep(600)  # hookdeck"
PARENT = (
    "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
    "time.sleep(600)"
)


@contextmanager
def process_group(*code: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Run Python code in a group of its own until it says that it is up; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", *code], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def leave_run_file(directory: Path, port: int, facts: dict[str, Any]) -> Path:
    """Write the run file of a tunnel whose owner is gone."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"tunnel-{port}.json"
    path.write_text(json.dumps({"pid": 1, "source": "okta", "port": port, **facts}))
    return path


def facts_of(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Return what a run file says of a child."""
    return {"child_pid": process.pid, "child_started_at": started_at(process.pid)}
