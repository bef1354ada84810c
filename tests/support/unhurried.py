"""Time limits of this process as long as the tests' own patience.

httpx gives up after five seconds, a store after two in which another process writes, and what
sends a delivery as Okta does, after three, sends it once more. On a machine that does other things
beside the tests, that can be too soon. A test of such a limit sets the limit itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.okhook_process import PATIENCE_S


@contextmanager
def unhurried() -> Iterator[None]:
    """Raise the limits for as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("okhook.store.sqlite.connection.BUSY_TIMEOUT_S", PATIENCE_S)
        patched.setattr("okhook.wire.hook_call.TIMEOUT_S", PATIENCE_S)
        for limit in ("connect", "read", "write", "pool"):
            patched.setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, limit, PATIENCE_S)
        yield
