"""Wait for a condition, never for a time."""

import time
from collections.abc import Callable

from anyio import to_thread

from tests.support.okhook_process import PATIENCE_S

_LOOK_EVERY_S = 0.01


def wait_until(holds: Callable[[], object], otherwise: Callable[[], object] = lambda: "") -> None:
    """Look until ``holds`` is true; fail with what ``otherwise`` returns when it takes too long."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up_at, otherwise()
        time.sleep(_LOOK_EVERY_S)


async def until(holds: Callable[[], object], otherwise: Callable[[], object] = lambda: "") -> None:
    """Do the same while the event loop goes on; its clock may be held."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up_at, otherwise()
        await to_thread.run_sync(time.sleep, _LOOK_EVERY_S)
