"""What sends to a target, by the scheme of its URL."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import Self

import anyio

from okhook.errors import ConfigurationError
from okhook.forward.publishing import EventSender, Message, Publisher, Warn
from okhook.forward.sending import (
    Destination,
    Reply,
    Send,
    attempted,
    own_headers,
    post,
    post_delivery,
)
from okhook.http.client import HttpClient
from okhook.records.attempt import Purpose
from okhook.wire.cloud_event import CONTENT_TYPE
from okhook.wire.target_url import (
    gets_cloud_events,
    is_stream,
    without_cloud_events,
)


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
        if is_stream(to.url) or gets_cloud_events(to.url):
            if to.url not in self._publishers:
                self._publishers[to.url] = (
                    _jet_stream(to, self._warn)
                    if is_stream(to.url)
                    else _CloudEventsApp(to, self._client, self._now)
                )
            ask = EventSender(self._publishers[to.url], purpose).reply
        else:
            ask = partial(post_delivery, to=to, client=self._client, now=self._now)
        return partial(attempted, ask=ask, to=to, purpose=purpose, now=self._now)

    async def look(self) -> None:
        """Warn about streams that cannot take events as they are, before there is one."""
        async with anyio.create_task_group() as tasks:
            for publisher in self._publishers.values():
                tasks.start_soon(publisher.look)


class _CloudEventsApp:
    """An app that takes CloudEvents, one request per event, in structured mode.

    It gets okhook's headers and the hook's secret, not Okta's.
    """

    def __init__(self, to: Destination, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._to = to
        self._client = client
        self._now = now

    async def look(self) -> None:
        """Do nothing: an app is called only with an event."""

    async def publish(self, message: Message) -> Reply:
        """POST one event."""
        to = self._to
        headers = (
            (b"Content-Type", CONTENT_TYPE.encode()),
            *own_headers(message.record, message.number, to),
        )
        url = message.record.request.url_at(without_cloud_events(to.url))
        return await post(url, headers, message.body, to=to, client=self._client, now=self._now)

    async def aclose(self) -> None:
        """Do nothing: the client belongs to all apps."""


def _jet_stream(to: Destination, warn: Warn) -> Publisher:
    try:
        from okhook.forward.nats import JetStream

        return JetStream(to, warn)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "forwarding to NATS needs more Python packages",
            why=str(error),
            next_step="install them: pip install 'okhook[nats]'",
        ) from None
