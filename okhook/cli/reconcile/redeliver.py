"""Where rebuilt deliveries go in: the running receiver, or one of our own for the time being."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import final

import anyio
from anyio.abc import TaskGroup, TaskStatus

from okhook.cli.context import Context
from okhook.cli.urls import on_loopback
from okhook.errors import Unavailable
from okhook.http.client import HttpClient
from okhook.receiver.running import ReceiverConfig
from okhook.reconcile.mending import Mender, ReceiverMender
from okhook.reconcile.rebuild import Reconstruction
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.run_files import RunRecord
from okhook.secret import HookAuth
from okhook.serve.running import ServeConfig, receiving
from okhook.store.sqlite import open_store


@asynccontextmanager
async def mending(ctx: Context, http: HttpClient, auth: HookAuth | None) -> AsyncIterator[Mender]:
    """Give what takes rebuilt deliveries in, for as long as the block lasts.

    A receiver that runs here and whose secret is known shows them at once. Else one of our own
    keeps them in the same store, and whoever forwards from it finds them there.
    """
    async with anyio.create_task_group() as tasks:
        yield _ReceiverOfTheMoment(ctx, http, auth, tasks)
        tasks.cancel_scope.cancel()


@final
class _ReceiverOfTheMoment:
    """Finds a receiver when there is something to take in, and another after it has gone."""

    def __init__(
        self, ctx: Context, http: HttpClient, auth: HookAuth | None, tasks: TaskGroup
    ) -> None:
        self._begun = ctx
        self._http = http
        self._auth = auth
        self._tasks = tasks
        self._running: ReceiverMender | None = None
        self._own: ReceiverMender | None = None
        self._own_url: str | None = None

    async def mend(self, missing: Reconstruction) -> None:
        """Have the delivery in the store when this returns; raises what a mender does.

        Raises:
            StoreFailed: the store cannot be opened.

        """
        self._running = self._running or self._found_running()
        mender = self._running or await self._our_own()
        try:
            await mender.mend(missing)
        except Unavailable:
            self._running = None
            raise

    def _found_running(self) -> ReceiverMender | None:
        records = self._begun.run_directory.running("receiver-")
        urls = (_url(each, self._auth) for each in records)
        url = next((url for url in urls if url not in (None, self._own_url)), None)
        if url is None:
            return None
        self._begun.console.note(f"what was missed goes through the receiver at {url}")
        return ReceiverMender(self._http, url, self._auth, new_request_id=_request_id)

    async def _our_own(self) -> ReceiverMender:
        if self._own is None:
            self._own_url = await self._tasks.start(self._receive)
            self._own = ReceiverMender(self._http, self._own_url, None, new_request_id=_request_id)
        return self._own

    async def _receive(self, *, task_status: TaskStatus[str]) -> None:
        async with (
            open_store(self._begun.store_file) as store,
            receiving(
                ServeConfig(ReceiverConfig(port=0)),
                store=store,
                publish=lambda _: None,
                now=utc_now,
                run_directory=self._begun.run_directory,
            ) as own,
        ):
            task_status.started(own.url)
            await anyio.sleep_forever()


def _url(receiver: RunRecord, auth: HookAuth | None) -> str | None:
    """Return the URL of a running receiver that takes what carries ``auth``."""
    url, asks = receiver.facts.get("url"), receiver.facts.get("asks_for_secret")
    if not isinstance(url, str) or (asks is not False and auth is None):
        return None
    return on_loopback(url)


def _request_id() -> str:
    return new_uuid().replace("-", "")
