"""Signals as an interactive shell sets them, however the tests were started."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def default_signals() -> Iterator[None]:
    """Stop ignoring SIGINT, SIGTERM and SIGHUP, so that no child process ignores them.

    A non-interactive shell ignores SIGINT for what it starts in the background, and ``nohup``
    ignores SIGHUP. A child inherits that and would never end when a test asks it to. A handler is
    not inherited: the child gets the default action. SIGHUP gets a handler that does nothing, so
    that the tests themselves still survive a closed terminal under ``nohup``.
    """
    defaults: dict[signal.Signals, Callable[[int, FrameType | None], Any] | signal.Handlers] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: lambda *_: None,
    }
    ignored = [number for number in defaults if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, defaults[number])
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
