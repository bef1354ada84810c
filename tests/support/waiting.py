"""Wait for a condition, never for a time."""

import time
from collections.abc import Callable

from tests.support.okhook_process import PATIENCE_S


def wait_until(holds: Callable[[], bool], otherwise: Callable[[], object] = lambda: "") -> None:
    """Look until ``holds`` is true; fail with what ``otherwise`` returns when it takes too long."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up_at, otherwise()
        time.sleep(0.01)
