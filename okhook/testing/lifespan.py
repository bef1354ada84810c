"""The lifespans of the ASGI applications that a test delivers to."""

import asyncio
import logging
import traceback
from contextlib import AsyncExitStack, ExitStack
from typing import Any

from okhook.testing.asgi import VERSIONS, AsgiApp, Message

_log = logging.getLogger("okhook.testing")


class LifespanFailed(Exception):
    """The app's lifespan did not start or stop. The message has the app's own words."""


class Lifespans:
    """Starts each app once in an event loop, before its first request."""

    def __init__(self) -> None:
        self._all: list[Lifespan] = []

    async def state_of(self, app: AsgiApp) -> dict[str, Any]:
        """Return the state that the lifespan set, once the app has started."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "an ASGI application object needs asyncio, and this test runs on trio: deliver to a"
                " URL, or have the fixture anyio_backend return 'asyncio'"
            ) from None
        known = (each for each in self._all if each.app is app and each.loop is loop)
        lifespan = next(known, None)
        if lifespan is None:
            lifespan = Lifespan(app, loop)
            self._all.append(lifespan)
        await lifespan.started()
        return lifespan.state

    async def stop(self) -> None:
        """Stop all apps, the last one first. Raises ``LifespanFailed``."""
        async with AsyncExitStack() as apps:
            while self._all:
                apps.push_async_callback(self._all.pop(0).stop)

    def stop_from_outside(self) -> None:
        """Stop all apps when their event loop no longer runs. Raises ``LifespanFailed``."""
        with ExitStack() as apps:
            while self._all:
                apps.callback(self._all.pop(0).stop_from_outside)


class Lifespan:
    """The lifespan of an app, in a task of its own. A runner that ends may cancel the task."""

    def __init__(self, app: AsgiApp, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self.loop = loop
        self.state: dict[str, Any] = {}
        self._is_asked = False
        self._stop = asyncio.Event()
        self._started: asyncio.Future[None] = loop.create_future()
        self._has_started = False
        self._fault: str | None = None
        self._task = loop.create_task(self._run())

    async def started(self) -> None:
        """Wait until the app has started, or has shown that it has no lifespan."""
        await asyncio.shield(self._started)
        if self._fault is not None and not self._has_started:
            raise LifespanFailed(f"the app's lifespan failed to start: {self._fault}")

    async def stop(self) -> None:
        """Have the app stop, and wait until it has. Raises ``LifespanFailed``."""
        self._stop.set()
        await self._task
        self._check_stopped()

    def stop_from_outside(self) -> None:
        """Have the app stop when its event loop no longer runs. Raises ``LifespanFailed``.

        A runner that closed its loop has cancelled its tasks, and so has stopped the app.
        """
        if self.loop.is_closed():
            self._check_stopped()
        elif self.loop.is_running():
            self.loop.call_soon_threadsafe(self._stop.set)
        else:
            self.loop.run_until_complete(self.stop())

    def _check_stopped(self) -> None:
        if self._fault is not None and self._has_started:
            raise LifespanFailed(f"the app's lifespan failed to stop: {self._fault}")

    async def _run(self) -> None:
        try:
            scope = {"type": "lifespan", "asgi": VERSIONS, "state": self.state}
            await self.app(scope, self._receive, self._send)
        except Exception:  # noqa: BLE001 - whatever the app raises
            if self._has_started and self._fault is None:
                self._fault = traceback.format_exc()
            elif self._fault is None:  # as with uvicorn: it has no lifespan
                _log.info("the app has no lifespan", exc_info=True)
        finally:
            self._set_started()

    async def _receive(self) -> Message:
        if not self._is_asked:
            self._is_asked = True
            return {"type": "lifespan.startup"}
        try:
            await self._stop.wait()
        except asyncio.CancelledError:
            # A runner cancels what is left before it closes its loop: the app can still stop.
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "lifespan.startup.complete":
                self._has_started = True
                self._set_started()
            case "lifespan.startup.failed" | "lifespan.shutdown.failed":
                self._fault = message.get("message") or "the app does not say why"
            case "lifespan.shutdown.complete":
                pass
            case other:  # from an app that does not look what it is called for
                raise RuntimeError(f"{other} is no message of a lifespan")

    def _set_started(self) -> None:
        if not self._started.done():
            self._started.set_result(None)
