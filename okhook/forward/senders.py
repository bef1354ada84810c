"""What sends to a target, by the scheme of its URL."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import Final, Self

import anyio

from okhook.errors import ConfigurationError
from okhook.forward.cloud_events_app import CloudEventsApp
from okhook.forward.publishing import EventSender, Publisher, Warn
from okhook.forward.sending import Destination, Send, send
from okhook.http.client import HttpClient
from okhook.records.attempt import Purpose
from okhook.wire.target_url import gets_cloud_events, is_stream, scheme_of


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
        self._publishers: dict[str, Publisher] = {}

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *fault: object) -> None:
        with anyio.CancelScope(shield=True):
            async with AsyncExitStack() as closing:
                closing.push_async_exit(self._client)
                for publisher in self._publishers.values():
                    closing.push_async_callback(publisher.aclose)

    def send_to(self, to: Destination, purpose: Purpose) -> Send:
        """Return what sends a delivery to a target.

        Raises:
            ConfigurationError: the package for this kind of stream is not installed.
        """
        if not is_stream(to.url) and not gets_cloud_events(to.url):
            return partial(send, to=to, client=self._client, purpose=purpose, now=self._now)
        publisher = self._publishers.get(to.url)
        if publisher is None:
            publisher = self._publishers[to.url] = self._publisher(to)
        return EventSender(publisher, to, purpose, now=self._now).send

    async def look(self) -> None:
        """Warn about streams that cannot take events as they are, before there is one."""
        async with anyio.create_task_group() as tasks:
            for publisher in self._publishers.values():
                tasks.start_soon(publisher.look)

    def _publisher(self, to: Destination) -> Publisher:
        if not is_stream(to.url):
            return CloudEventsApp(to, self._client, self._now)
        return _STREAMS[scheme_of(to.url)](to, self._warn)


def _nats(to: Destination, warn: Warn) -> Publisher:
    try:
        from okhook.forward.nats import JetStream

        return JetStream(to, warn)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "forwarding to NATS needs more Python packages",
            why=str(error),
            next_step="install them: pip install 'okhook[nats]'",
        ) from None


_STREAMS: Final[dict[str, Callable[[Destination, Warn], Publisher]]] = {
    "nats": _nats,
    "tls": _nats,
}
