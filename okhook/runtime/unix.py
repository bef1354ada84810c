"""What Windows does not have: locks of files, and the signals that end a command."""

import signal
from types import ModuleType

from okhook.errors import ConfigurationError


def lock(descriptor: int) -> None:
    """Wait for the lock of a file, which is held until the file is closed."""
    fcntl = _fcntl()
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock a file if no other process holds a lock that forbids it; return whether it did."""
    fcntl = _fcntl()
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
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
