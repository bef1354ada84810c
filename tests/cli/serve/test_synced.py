"""``okhook serve`` answers 204 when the delivery is on the disk, and not when on its way there."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.load.deliveries import fresh_deliveries
from tests.support.okhook_process import OkhookProcess, environment

COUNT = 20
SYNCED = re.compile(r"\b(fdatasync|fsync)\(\d+.* = 0$|<\.\.\. (fdatasync|fsync) resumed>.* = 0$")
ANSWERED = re.compile(r"\b(sendto|sendmsg|write|writev)\(\d+, .*HTTP/1\.1 204")


def traced(trace: Path) -> list[str]:
    """Return the command that has strace note syncs and answers in the file ``trace``."""
    strace = shutil.which("strace")
    if strace is None:
        assert os.environ.get("CI") != "true", "CI installs strace"
        pytest.skip("strace is not installed")
    calls = "trace=fdatasync,fsync,sendto,sendmsg,write,writev"
    command = [strace, "-f", "-qq", "-s", "64", "-e", calls, "-o", str(trace)]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("tracing is not allowed here")
    return command


def test_each_answer_comes_after_a_sync(tmp_path: Path) -> None:
    """A crash of the machine would keep it too: between two answers there is always a sync."""
    trace = tmp_path / "trace"
    serve = [sys.executable, "-m", "okhook", "serve", "--port", "0", "--output", "json"]
    popen = subprocess.Popen(
        [*traced(trace), *serve],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process = OkhookProcess(popen)
    process.read_in_threads()
    try:
        url = process.wait_for_json("ready")["url"]
        with httpx.Client(trust_env=False) as client:
            for _, delivery in zip(range(COUNT), fresh_deliveries(), strict=False):
                assert client.post(url, content=delivery.body).status_code == 204
    finally:
        for served in psutil.Process(popen.pid).children():
            served.send_signal(signal.SIGINT)
        process.wait()
    synced_since, answers = False, 0
    for line in trace.read_text(errors="replace").splitlines():
        if ANSWERED.search(line):
            assert synced_since, "an answer left without a sync after the one before it"
            synced_since, answers = False, answers + 1
        elif SYNCED.search(line):
            synced_since = True
    assert answers == COUNT
