"""Run one forwarder for each app, next to the receiver."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import anyio

from okhook.activity import Activity
from okhook.forward.forwarder import ForwardConfig, Forwarder
from okhook.forward.sending import Destination, send
from okhook.http.client import HttpClient
from okhook.records.attempt import Purpose
from okhook.secret import HookAuth
from okhook.store.contract import Store


@asynccontextmanager
async def forwarding(
    config: ForwardConfig | None,
    *,
    store: Store,
    auth: HookAuth | None,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Forward new deliveries and the backlog while the block runs; nothing without a ``config``.

    The store knows every target before the block begins, so that no new delivery is missed; if
    it cannot save them, ``StoreFailed`` is raised. An attempt that is cut off is made again.
    """
    if config is None:
        yield
        return
    targets = [await store.open_target(url) for url in dict.fromkeys(config.targets)]
    most = max(1, len(targets) * config.concurrency)
    async with HttpClient(max_connections=most) as client:
        forwarders = []
        for target in targets:
            to = Destination(target.url, auth, config.send_secret, config.timeout_s)
            forwarder = Forwarder(
                target,
                config,
                store=store,
                send=partial(send, to=to, client=client, purpose=Purpose.FORWARD, now=now),
                publish=publish,
                now=now,
                chance=random.random,
            )
            await forwarder.publish_backlog()
            forwarders.append(forwarder)

        def wake(_: int) -> None:
            for forwarder in forwarders:
                forwarder.wake()

        store.on_growth(wake)
        async with anyio.create_task_group() as tasks:
            for forwarder in forwarders:
                tasks.start_soon(forwarder.run)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
