"""Run a command inside the test's own process: its output, its exit code and its errors.

It starts in a tenth of the time that a process takes. Signals, pipes, terminals, crashes and ports
need a real one: ``tests.support.okhook_process``.
"""

import gc
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import keyring.core

from okhook.cli.app import main
from tests.support.okhook_process import environment


def run_okhook(
    *arguments: str, home: Path, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, with ``home`` as its home and working directory."""
    out, err = _stream(), _stream()
    with (
        _environment({"COLUMNS": "80", **environment(home, env)}, home),
        _streams(["okhook", *arguments], _stream(stdin), out, err),
        _interpreter(),
        _fresh_keyring(),
    ):
        code = _exit_code()
    return subprocess.CompletedProcess(["okhook", *arguments], code, _text(out), _text(err))


def _exit_code() -> int:
    try:
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode()


@contextmanager
def _environment(variables: Mapping[str, str], directory: Path) -> Iterator[None]:
    before, where = dict(os.environ), Path.cwd()
    _set_environment(variables)
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(where)
        _set_environment(before)


def _set_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()


@contextmanager
def _streams(
    argv: list[str], stdin: io.TextIOWrapper, stdout: io.TextIOWrapper, stderr: io.TextIOWrapper
) -> Iterator[None]:
    before = sys.argv, sys.stdin, sys.stdout, sys.stderr
    sys.argv, sys.stdin, sys.stdout, sys.stderr = argv, stdin, stdout, stderr
    try:
        yield
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before


@contextmanager
def _interpreter() -> Iterator[None]:
    """Undo what a command does to the garbage collector, and a server to the turns of threads."""
    threshold, interval_s = gc.get_threshold(), sys.getswitchinterval()
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()
        sys.setswitchinterval(interval_s)


@contextmanager
def _fresh_keyring() -> Iterator[None]:
    """Have the keyring chosen by the environment of this command, not by an earlier one's."""
    before, keyring.core._keyring_backend = keyring.core._keyring_backend, None
    try:
        yield
    finally:
        keyring.core._keyring_backend = before
