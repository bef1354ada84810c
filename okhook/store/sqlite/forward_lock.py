"""One forwarder per target and receiver name at a time: a lock on a file beside the store.

The kernel releases it when its process ends, however that comes about.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import anyio

from okhook.errors import StoreFailed
from okhook.runtime.unix import try_lock
from okhook.store.contract import Lease, LeaseTaken


class _Lock:
    """Implements :class:`~okhook.store.contract.Lease`. Nobody can take a lock away."""

    async def confirm(self) -> None:
        return

    async def lost(self) -> None:
        await anyio.sleep_forever()

    @property
    def is_sure(self) -> bool:
        return True


@asynccontextmanager
async def lease(path: Path, receiver: str | None, url: str) -> AsyncIterator[Lease]:
    """Implement :meth:`okhook.store.contract.Store.lease`."""
    stream = sha256(f"{receiver}\0{url}".encode()).hexdigest()
    lock = path.with_name(f"{path.name}-forward-{stream[:16]}")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreFailed(f"cannot create {lock}", why=error.strerror) from error
    try:
        if not try_lock(descriptor):
            raise LeaseTaken
        yield _Lock()
    finally:
        os.close(descriptor)
