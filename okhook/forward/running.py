"""Forwarding at work: one forwarder for each app, next to the receiver."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import anyio

from okhook.activity import Activity
from okhook.config.settings import Settings
from okhook.forward.forwarder import Forwarder, ForwardPolicy
from okhook.forward.sending import Destination, send
from okhook.http.client import HttpClient
from okhook.records.attempt import Purpose, Target
from okhook.secret import HookAuth
from okhook.store.contract import Store


@dataclass(frozen=True, slots=True)
class ForwardConfig:
    """Which apps get every delivery, and how. ``targets`` are URLs; one given twice counts once."""

    targets: tuple[str, ...]
    policy: ForwardPolicy = field(default_factory=ForwardPolicy)
    timeout_s: float = Settings.forward_timeout.default
    send_secret: bool = False


@asynccontextmanager
async def forwarding(
    config: ForwardConfig | None,
    *,
    store: Store,
    auth: HookAuth | None,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Forward what comes, and what is left from before, for as long as the block lasts.

    What is on its way at its end is sent again later. When the block begins, the store knows every
    target, so that nothing that comes from then on is missed. ``auth`` is the hook's secret.
    Without a ``config`` nothing is forwarded.

    Raises:
        StoreFailed: the targets cannot be written down. Later failures are waited out.
    """
    if config is None:
        yield
        return
    targets = [await store.open_target(url) for url in dict.fromkeys(config.targets)]
    most = max(1, len(targets) * config.policy.concurrency)
    async with HttpClient(max_connections=most) as client:

        def forwarder_to(target: Target) -> Forwarder:
            to = Destination(target.url, auth, config.send_secret, config.timeout_s)
            return Forwarder(
                target,
                config.policy,
                store=store,
                send=partial(send, to=to, client=client, purpose=Purpose.FORWARD, now=now),
                publish=publish,
                now=now,
                chance=random.random,
            )

        forwarders = [forwarder_to(target) for target in targets]
        for forwarder in forwarders:
            await forwarder.tell_leftover()

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
