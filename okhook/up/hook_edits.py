"""Change the hook of a running ``okhook up`` for another command, which does not know its secret.

That command sends the new event types to a Unix socket of this user alone. Okta replaces the whole
hook, so only the run, which has the secret, can write it.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from okhook.activity import Activity
from okhook.errors import OkhookError, OktaRefused
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import HeaderPairs
from okhook.receiver.control_socket import OwnUserOnly
from okhook.runtime.private_socket import private_socket
from okhook.runtime.server import serving

_URL = "http://okhook/events"
_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class EventsWanted:
    """The parts of a hook that its run does not rely on, as they should be."""

    events: tuple[str, ...]
    filters: HeaderPairs
    description: str | None


Edit = Callable[[EventsWanted], Awaitable[tuple[str, ...]]]
"""Changes the hook, and returns the names of the parts that it changed."""


async def ask_for_edit(control_socket: str, wanted: EventsWanted) -> tuple[str, ...]:
    """Have the run behind ``control_socket`` change its hook; return the parts that changed."""
    body = json.dumps(asdict(wanted)).encode()
    async with HttpClient(unix_socket=control_socket) as http:
        answer = await http.send("POST", _URL, body=body, timeout_s=_TIMEOUT_S)
    told: dict[str, Any] = json.loads(answer.body)
    if answer.status != HTTPStatus.OK:
        raise OktaRefused(told["what"], why=told["why"], next_step=told["next_step"])
    return tuple(told["changed"])


@asynccontextmanager
async def open_to_edits(
    path: Path, edit: Edit, publish: Callable[[Activity], None]
) -> AsyncIterator[Path | None]:
    """Let other commands of this user change the hook; the block gets the socket, if any."""
    one_at_a_time = anyio.Lock()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        wanted = json.loads(await Request(scope, receive).body())
        filters = tuple((event_type, expression) for event_type, expression in wanted["filters"])
        parts = EventsWanted(tuple(wanted["events"]), filters, wanted["description"])
        async with one_at_a_time:
            try:
                answer = JSONResponse({"changed": list(await edit(parts))})
            except OkhookError as error:
                told = {"what": error.what, "why": error.why, "next_step": error.next_step}
                answer = JSONResponse(told, HTTPStatus.CONFLICT)
        await answer(scope, receive, send)

    with ExitStack() as stack:
        try:
            listener, bound = stack.enter_context(private_socket(path))
        except OSError:
            yield None
            return
        async with serving(app, listener, publish, protocol=OwnUserOnly):
            yield bound
