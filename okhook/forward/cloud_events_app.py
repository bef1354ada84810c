"""Send CloudEvents to an app over HTTP, one request per event, in structured mode."""

from collections.abc import Callable
from datetime import datetime

from okhook.forward.publishing import Message
from okhook.forward.sending import Destination, Reply, own_headers, post
from okhook.http.client import HttpClient
from okhook.wire.cloud_event import CONTENT_TYPE
from okhook.wire.target_url import without_cloud_events


class CloudEventsApp:
    """An app that takes CloudEvents. It gets okhook's headers and the hook's secret, not Okta's."""

    def __init__(self, to: Destination, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._to = to
        self._client = client
        self._now = now

    async def look(self) -> None:
        """Do nothing: an app is called only with an event."""

    async def publish(self, message: Message) -> Reply:
        """POST one event."""
        to = self._to
        added = own_headers(
            message.record, message.number, url=to.url, auth=to.auth, send_secret=to.send_secret
        )
        headers = ((b"Content-Type", CONTENT_TYPE.encode()), *added)
        url = message.record.request.url_at(without_cloud_events(to.url))
        return await post(url, headers, message.body, to=to, client=self._client, now=self._now)

    async def aclose(self) -> None:
        """Do nothing: the client belongs to all apps."""
