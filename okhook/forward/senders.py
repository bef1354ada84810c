"""What sends to a target, by the scheme of its URL."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Self

import anyio

from okhook.errors import ConfigurationError
from okhook.forward.publishing import EventSender, Warn, post_event
from okhook.forward.sending import Destination, Reply, Send, attempted, post_delivery
from okhook.http.client import HttpClient
from okhook.records.attempt import Purpose
from okhook.records.record import Record
from okhook.wire.target_url import gets_cloud_events, is_stream

if TYPE_CHECKING:
    from okhook.forward.nats import JetStream


class Senders:
    """Sends to any target; ``async with`` closes all connections, also those of ``client``."""

    def __init__(
        self,
        client: HttpClient,
        *,
        now: Callable[[], datetime],
        warn: Warn = lambda _: None,
    ) -> None:
        self._client = client
        self._now = now
        self._warn = warn
        self._streams: dict[str, JetStream] = {}

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *fault: object) -> None:
        with anyio.CancelScope(shield=True):
            async with AsyncExitStack() as closing:
                closing.push_async_exit(self._client)
                for stream in self._streams.values():
                    closing.push_async_callback(stream.aclose)

    def send_to(self, to: Destination, purpose: Purpose) -> Send:
        """Return what sends a delivery to a target.

        Raises:
            ConfigurationError: the package for this kind of stream is not installed.
        """
        ask = self._asking(to, purpose)
        return partial(attempted, ask=ask, to=to, purpose=purpose, now=self._now)

    def _asking(
        self, to: Destination, purpose: Purpose
    ) -> Callable[[Record, int], Awaitable[Reply]]:
        if is_stream(to.url):
            if to.url not in self._streams:
                self._streams[to.url] = _jet_stream(to, self._warn)
            return EventSender(self._streams[to.url].publish, purpose).reply
        if gets_cloud_events(to.url):
            post = partial(post_event, to=to, client=self._client, now=self._now)
            return EventSender(post, purpose).reply
        return partial(post_delivery, to=to, client=self._client, now=self._now)

    async def look(self) -> None:
        """Warn about streams that cannot take events as they are, before there is one."""
        async with anyio.create_task_group() as tasks:
            for stream in self._streams.values():
                tasks.start_soon(stream.look)


def _jet_stream(to: Destination, warn: Warn) -> "JetStream":
    try:
        from okhook.forward.nats import JetStream

        return JetStream(to, warn)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "forwarding to NATS needs more Python packages",
            why=str(error),
            next_step="install them: pip install 'okhook[nats]'",
        ) from None
