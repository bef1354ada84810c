"""An inspector over a store with something of everything in it, called without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest

from okhook.config.paths import run_directory, store_file
from okhook.config.store_location import StoreLocation
from okhook.inspector.access import Access, Signer
from okhook.inspector.actions import Actions
from okhook.inspector.app import Inspector
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from tests.cli.history import fill_store

PORT = 1338
BASE = f"http://127.0.0.1:{PORT}/i-{PORT}/"


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose store is the one of ``tests.cli.history``."""
    home = tmp_path_factory.mktemp("inspected")
    fill_store(home)
    return home


@pytest.fixture
async def page(history: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that is the page: it opened a link, and sends what a browser would."""
    state = history / "state"
    async with page_over(store_file(state), state) as client:
        yield client


@asynccontextmanager
async def page_over(store: StoreLocation, state: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Yield the page over a store, and what runs with a state directory."""
    access = Access(Signer(bytes(32), PORT), utc_now)
    actions = Actions(store, RunDirectory(run_directory(state)), utc_now)
    app = Inspector(access, actions, anyio.Event(), ActivityHub()).app()
    session = access.session_for(access.signer.signed("link", utc_now()))
    assert session is not None
    headers = {
        "sec-fetch-site": "same-origin",
        "cookie": session.cookie.partition(";")[0],
        "x-okhook-inspector": session.page_key,
    }
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url=BASE,
        headers=headers,
    ) as client:
        yield client
