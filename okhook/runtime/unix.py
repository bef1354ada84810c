"""What Windows does not have: locks of files, and the signals that end a command."""

import os
import signal
from pathlib import Path
from types import ModuleType

from okhook.errors import ConfigurationError

_TRIES = 3
"""A process that looks whether a file is locked holds its lock for a moment."""


def lock(descriptor: int) -> None:
    """Wait for the lock of a file, which is held until the file is closed."""
    fcntl = _fcntl()
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def try_lock(descriptor: int) -> bool:
    """Lock a file if no other process has locked it; return whether it did."""
    return any(_got(descriptor, _fcntl().LOCK_EX) for _ in range(_TRIES))


def is_locked(path: Path) -> bool:
    """Return whether a process holds a lock on the file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _got(descriptor, _fcntl().LOCK_SH)
    finally:
        os.close(descriptor)


def _got(descriptor: int, kind: int) -> bool:
    fcntl = _fcntl()
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end a command: without SIGHUP under ``nohup``."""
    try:
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    except AttributeError:
        raise _on_windows() from None
    return [signal.SIGINT, signal.SIGTERM, *([] if ignored else [signal.SIGHUP])]


def _fcntl() -> ModuleType:
    try:
        import fcntl
    except ImportError:
        raise _on_windows() from None
    return fcntl


def _on_windows() -> ConfigurationError:
    return ConfigurationError(
        "this command does not work on Windows",
        next_step="use WSL: okhook help containers-and-wsl",
    )
