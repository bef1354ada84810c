"""One call of the API: what an endpoint reads of the request, and how it answers."""

import json
from collections.abc import Sequence
from typing import Any

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from okhook.sandbox.log_entries import Cause
from okhook.sandbox.refusals import body_not_received, body_too_large, malformed_body
from okhook.wire.envelope import body_of

MAX_BODY_BYTES = 1024 * 1024
BODY_TIMEOUT_S = 10.0

_CAUSE = "okhook.sandbox.cause"


def with_cause(scope: dict[str, Any], cause: Cause) -> dict[str, Any]:
    """Return the ASGI scope with the cause of what the call will make happen."""
    return {**scope, _CAUSE: cause}


def cause_of(request: Request) -> Cause:
    """Return the cause of what this call makes happen."""
    cause: Cause = request.scope[_CAUSE]
    return cause


def query_of(request: Request) -> list[tuple[str, str]]:
    """Return the query parameters in their order."""
    return list(request.query_params.multi_items())


def switch(request: Request, name: str, *, default: bool) -> bool:
    """Return a query parameter that is true or false."""
    value = request.query_params.get(name, "")
    return value.lower() == "true" if value else default


async def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body.

    Raises:
        ApiRefusal: the body is too large, does not come, or is no JSON object.

    """
    try:
        body = json.loads(await whole_body(request), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise malformed_body() from None
    if not isinstance(body, dict):
        raise malformed_body()
    return body


def json_answer(content: object, links: Sequence[str] = ()) -> Response:
    """Return 200 with ``content``; ``links`` are values of ``Link`` headers."""
    return _json(body_of(content), links)


def json_array_answer(elements: Sequence[bytes], links: Sequence[str]) -> Response:
    """Return 200 with an array of ``elements``, each of them JSON."""
    return _json(b"[" + b",".join(elements) + b"]", links)


def no_content() -> Response:
    """Return 204."""
    return Response(status_code=204)


async def whole_body(request: Request) -> bytes:
    """Return the body.

    Raises:
        ApiRefusal: it is too large, or does not come.

    """
    body = bytearray()
    try:
        with anyio.fail_after(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise body_too_large(MAX_BODY_BYTES)
    except TimeoutError:
        raise body_not_received(f"it did not arrive within {BODY_TIMEOUT_S:g} s") from None
    except ClientDisconnect:
        raise body_not_received("the connection closed before it arrived") from None
    return bytes(body)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON value")


def _json(body: bytes, links: Sequence[str]) -> Response:
    response = Response(body, media_type="application/json")
    for value in links:
        response.headers.append("Link", value)
    return response
