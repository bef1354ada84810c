"""An inspector in a thread of the test's own process, over the store of a home."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from okhook.config.paths import run_directory, store_file
from okhook.inspector.actions import Actions
from okhook.inspector.running import inspecting
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory


@contextmanager
def inspector(*, home: Path, port: int = 0) -> Iterator[str]:
    """Serve the inspector for as long as the block lasts, which gets a link that works once."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_running(home / "state", port)) as link,
    ):
        yield link


@asynccontextmanager
async def _running(state: Path, port: int) -> AsyncIterator[str]:
    runs = RunDirectory(run_directory(state))

    actions = Actions(store_file(state), runs, utc_now)
    async with inspecting(port, actions, ActivityHub()) as link:
        yield link
