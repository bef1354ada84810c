"""A local stand-in of Hookdeck's cloud: enough of it for the real ``hookdeck`` binaries to listen.

REST for accounts, sources, connections and sessions, the web socket that carries attempts to the
CLI, and the public webhook URLs that Okta would call. Seen with versions 0.11.3, 1.7.1 and 2.6.0.
"""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import anyio
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp

from okhook.runtime.sockets import listen, url_of
from tests.hookdeck.records import Records
from tests.hookdeck.relay import Relay
from tests.support.okhook_process import PATIENCE_S

API_KEY = "key-of-the-stand-in-0123456789"
"""The one key of the account; the CLI takes none below 12 characters."""


@dataclass(slots=True)
class Faults:
    """What is wrong with the cloud just now."""

    refuse_key: bool = False
    refuse_session: bool = False
    _answering: anyio.Event | None = None

    def hang(self) -> None:
        """Leave every call without an answer until :meth:`resume`."""
        self._answering = anyio.Event()

    def resume(self) -> None:
        """Answer again, also the calls that wait."""
        if self._answering is not None:
            self._answering.set()

    async def hold(self) -> None:
        """Wait for as long as the cloud hangs."""
        if self._answering is not None:
            await self._answering.wait()


@final
@dataclass(slots=True)
class HookdeckCloud:
    """The running stand-in. ``base`` is where all of it lives."""

    base: str
    records: Records
    relay: Relay
    faults: Faults = field(default_factory=Faults)

    def config_text(self, *, api_key: str | None = API_KEY) -> str:
        """Return the CLI's config.toml for an account, or for a guest without ``api_key``."""
        socket_base = self.base.replace("http://", "ws://")
        lines = [
            'profile = "default"',
            f'api_base = "{self.base}"',
            f'ws_base = "{socket_base}/ws"',
            f'dashboard_base = "{self.base}/dashboard"',
            f'console_base = "{self.base}/console"',
        ]
        if api_key is not None:
            lines += [
                "[default]",
                f'api_key = "{api_key}"',
                f'project_id = "{self.records.team_id}"',
                f'workspace_id = "{self.records.team_id}"',
                'project_mode = "inbound"',
                'workspace_mode = "inbound"',
            ]
        return "\n".join(lines) + "\n"

    def make_home(self, home: Path, *, api_key: str | None = API_KEY) -> Path:
        """Make ``home`` the home of a person whose CLI talks to this cloud; return it."""
        folder = home / ".config" / "hookdeck"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(self.config_text(api_key=api_key), encoding="utf-8")
        return home

    def webhook_url(self, source: str) -> str:
        """Return the public URL of the source called ``source``."""
        return str(self.records.source_named(source)["url"])

    async def until_listening(self, source: str, *, within_s: float = PATIENCE_S) -> None:
        """Wait until a CLI holds a socket for ``source``."""
        with anyio.fail_after(within_s):
            while not self.relay.is_connected(self.records.webhook_ids_of(source)):
                await self.relay.change()

    async def until_joined(self, count: int, *, within_s: float = PATIENCE_S) -> None:
        """Wait until CLIs have connected ``count`` times, those that left again included."""
        with anyio.fail_after(within_s):
            while self.relay.joined < count:
                await self.relay.change()

    async def drop_until(self, told: Callable[[], bool], source: str) -> None:
        """Cut the listener's socket until the CLI tells of it.

        The CLI says nothing of a socket that is cut within its first second.
        """
        with anyio.fail_after(PATIENCE_S):
            while not told():
                await self.until_listening(source)
                await self.drop_sockets()
                with anyio.move_on_after(1.5):
                    await _until(told)

    async def drop_sockets(self) -> None:
        """Cut every CLI's web socket, as a network does."""
        await self.relay.drop_all()


@asynccontextmanager
async def hookdeck_cloud() -> AsyncIterator[HookdeckCloud]:
    """Run the stand-in on a free loopback port for as long as the block lasts."""
    from tests.hookdeck.routes import cloud_app

    listener = listen("127.0.0.1", 0)
    base = url_of(listener)
    cloud = HookdeckCloud(base, Records(base), Relay())
    async with _serving(cloud_app(cloud), listener):
        try:
            yield cloud
        finally:
            cloud.faults.resume()
            with anyio.CancelScope(shield=True):
                await cloud.drop_sockets()


@asynccontextmanager
async def _serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve with web sockets, which okhook's own servers do not have."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server._serve, [listener])
        try:
            yield
        finally:
            server.should_exit = True


async def _until(told: Callable[[], bool]) -> None:
    while True:
        if told():
            return
        await anyio.sleep(0.05)


@contextmanager
def hookdeck_cloud_in_thread() -> Iterator[tuple[HookdeckCloud, BlockingPortal]]:
    """Run the stand-in beside a test that is not async; the portal calls its async methods."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(hookdeck_cloud()) as cloud,
    ):
        yield cloud, portal
