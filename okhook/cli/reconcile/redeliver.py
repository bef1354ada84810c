"""Send rebuilt deliveries to the running receiver, or else to a temporary one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from okhook.cli.context import Context
from okhook.errors import Unavailable
from okhook.http.client import HttpClient
from okhook.receiver.running import ReceiverConfig
from okhook.reconcile.redeliver import Reconstruction, Redeliver, redeliver
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun
from okhook.secret import HookAuth
from okhook.serve.running import ServeConfig, receiving
from okhook.store.open import open_store


@asynccontextmanager
async def redelivering(
    ctx: Context, http: HttpClient, auth: HookAuth | None
) -> AsyncIterator[Redeliver]:
    """Yield a function that stores rebuilt deliveries.

    It uses a receiver that runs on this machine, if its secret is known, or starts its own.
    """
    async with AsyncExitStack() as closing:
        yield _Redelivery(ctx, http, auth, closing).redeliver


@dataclass(slots=True)
class _Redelivery:
    """Finds a receiver for the first delivery, and another one after an outage."""

    ctx: Context
    http: HttpClient
    auth: HookAuth | None
    closing: AsyncExitStack
    running_url: str | None = None
    own_url: str | None = None

    async def redeliver(self, missing: Reconstruction) -> None:
        self.running_url = self.running_url or self._found_running()
        if self.running_url is None:
            self.own_url = self.own_url or await self._started()
            await redeliver(missing, self.http, self.own_url, None)
            return
        try:
            await redeliver(missing, self.http, self.running_url, self.auth)
        except Unavailable:
            self.running_url = None
            raise

    def _found_running(self) -> str | None:
        """Return the URL of a running receiver that accepts ``auth``."""
        for receiver in self.ctx.run_directory.running(ReceiverRun):
            url = receiver.url
            if url != self.own_url and (self.auth is not None or not receiver.asks_for_secret):
                self.ctx.console.note(f"sending missed events to the receiver at {url}")
                return url
        return None

    async def _started(self) -> str:
        store = await self.closing.enter_async_context(
            open_store(self.ctx.store_file, self.ctx.settings.receiver_name)
        )
        own = await self.closing.enter_async_context(
            receiving(
                ServeConfig(ReceiverConfig(port=0)),
                store=store,
                publish=lambda _: None,
                now=utc_now,
                run_directory=self.ctx.run_directory,
            )
        )
        return own.url
