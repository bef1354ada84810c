"""Do something beside a command that runs in the test's own process."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.support.okhook_process import PATIENCE_S


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Call ``act`` in a thread while the block runs a command; where it fails, the test fails.

    ``act`` waits for its moment with a bound, and neither prints nor runs a command in process.
    The command gets Ctrl-C where ``act`` fails, lest it waits for ever for what does not come.
    """
    ended = threading.Event()

    def act_or_interrupt() -> None:
        try:
            act()
        except BaseException:
            if not ended.is_set():
                os.kill(os.getpid(), signal.SIGINT)
            raise

    with ThreadPoolExecutor(max_workers=1) as thread:
        acting = thread.submit(act_or_interrupt)
        try:
            yield
        except AssertionError:
            ended.set()
            acting.result(PATIENCE_S)
            raise
        ended.set()
        acting.result(PATIENCE_S)
