"""One call of the API, for its endpoint: the request and the answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from okhook.json_path import strict_json
from okhook.runtime.request_body import declared_bytes
from okhook.sandbox.log_entries import Cause, LogEvent
from okhook.sandbox.org import Org
from okhook.sandbox.refusals import malformed_body, unreadable_body
from okhook.sandbox.state import Json
from okhook.wire.delivery import body_of

MAX_BODY_BYTES = 1024 * 1024
BODY_TIMEOUT_S = 10.0

Params = Sequence[tuple[str, str]]
"""The query parameters in order; a name can be repeated."""


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated call, the ``cause`` of the events that it records."""

    org: Org
    request: Request
    path_params: Mapping[str, str]
    cause: Cause

    @property
    def params(self) -> Params:
        """The query parameters."""
        return self.request.query_params.multi_items()

    def user(self) -> Json:
        """Return the user in the path."""
        return self.org.state.user(self.path_params["user"])

    @property
    def origin(self) -> str:
        """The org's address as the caller knows it, such as that of a container."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def switch(self, name: str, *, default: bool) -> bool:
        """Return a boolean query parameter."""
        value = self.request.query_params.get(name, "")
        return value.lower() == "true" if value else default

    async def json_object(self) -> Json:
        """Return the JSON object in the body; raise ``ApiRefusal`` if there is none."""
        return _object_in(await whole_body(self.request))

    async def optional_object(self) -> Json:
        """Return the JSON object in the body, an empty one if there is no body."""
        return _object_in(await whole_body(self.request) or b"{}")

    def record(self, event_type: str, *targets: Json, **details: str) -> None:
        """Record an event that the call caused; ``targets`` are parties."""
        self.org.record(LogEvent(event_type, targets, self.cause, details=tuple(details.items())))


Endpoint = tuple[str, str, Callable[[Call], Awaitable[Response]]]
"""A method, a path for Starlette's ``Route``, and the function that answers."""


def json_answer(content: object, links: Sequence[str] = ()) -> Response:
    """Return 200 with ``content``, or with bytes of JSON; ``links`` are ``Link`` headers."""
    body = content if isinstance(content, bytes) else body_of(content)
    response = Response(body, media_type="application/json")
    for value in links:
        response.headers.append("Link", value)
    return response


async def whole_body(request: Request) -> bytes:
    """Return the body; raise ``ApiRefusal`` if it is too large or does not arrive."""
    too_large = unreadable_body(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
    if declared_bytes(request.headers.raw) > MAX_BODY_BYTES:
        raise too_large
    body = bytearray()
    try:
        with anyio.fail_after(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise too_large
    except TimeoutError:
        raise unreadable_body(408, f"the body did not arrive within {BODY_TIMEOUT_S:g} s") from None
    except ClientDisconnect:
        raise unreadable_body(408, "the connection closed before the body arrived") from None
    return bytes(body)


def _object_in(content: bytes) -> Json:
    try:
        body = strict_json(content)
    except ValueError:
        raise malformed_body() from None
    if not isinstance(body, dict):
        raise malformed_body()
    return body
