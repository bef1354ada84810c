"""Send rebuilt deliveries to the running receiver, or else to a temporary one."""

from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial

from okhook.cli.context import Context
from okhook.config.names import own_receiver_name
from okhook.errors import StoreFailed, Unavailable
from okhook.http.client import HttpClient
from okhook.receiver.running import ReceiverConfig
from okhook.reconcile.redeliver import Reconstruction, Redeliver, redeliver
from okhook.records.record import RecordFilter
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun
from okhook.secret import HookAuth
from okhook.serve.running import ServeConfig, receiving
from okhook.store.open import open_reader, open_store
from okhook.wire.delivery import delivery_in

_LOOKED_AT = 200
"""How many of the newest deliveries are looked at to find the receiver of a hook."""


@dataclass(slots=True)
class Redelivery:
    """Finds a receiver for the first delivery, and another one after an outage.

    What it starts itself ends with ``closing``.
    """

    ctx: Context
    http: HttpClient
    auth: HookAuth | None
    closing: AsyncExitStack
    to_running: Redeliver | None = None
    own_url: str | None = None

    async def redeliver(self, missing: Reconstruction) -> None:
        """Store a rebuilt delivery, or raise ``Unavailable``."""
        if self.to_running is None:
            name = self._receiver_of(delivery_in(missing.body).hook_id)
            self.to_running = await self._found_running(name)
        if self.to_running is None:
            self.own_url = self.own_url or await self._started(name)
            await redeliver(missing, self.http, self.own_url, None)
            return
        try:
            await self.to_running(missing)
        except Unavailable:
            self.to_running = None
            raise

    def _receiver_of(self, hook_id: str | None) -> str:
        """Return the name of the receiver that last took a delivery of the hook."""
        with suppress(StoreFailed), open_reader(self.ctx.store) as reader:
            for found in reader.find(RecordFilter(), limit=_LOOKED_AT):
                record = found.record
                if record.receiver is not None and record.delivery.hook_id == hook_id:
                    return record.receiver
        return own_receiver_name(self.ctx.settings)

    async def _found_running(self, name: str) -> Redeliver | None:
        """Return how to reach a running receiver, best that of ``name``."""
        running = self.ctx.run_directory.running(ReceiverRun)
        for receiver in sorted(running, key=lambda each: each.receiver != name):
            http, is_known = self.http, self.auth is not None or not receiver.asks_for_secret
            if receiver.url == self.own_url or not (is_known or receiver.control_socket):
                continue
            if not is_known:
                client = HttpClient(unix_socket=receiver.control_socket)
                http = await self.closing.enter_async_context(client)
            self.ctx.console.note(f"sending missed events to the receiver at {receiver.url}")
            return partial(redeliver, http=http, url=receiver.url, auth=self.auth)
        return None

    async def _started(self, name: str) -> str:
        store = await self.closing.enter_async_context(open_store(self.ctx.store, name))
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
