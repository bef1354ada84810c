"""The control socket: a Unix socket for this user's other commands.

They do not know the receiver's secret. What they post to it gets the secret here, as if Okta had
sent it, and goes to the receiver. With :data:`THROUGH_TUNNEL` it goes to the tunnel's webhook URL
first. No answer contains the secret.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from okhook.activity import Activity, Warned
from okhook.http.client import HttpClient
from okhook.http.errors import HttpError
from okhook.runtime.http_protocol import LimitedProtocol
from okhook.runtime.private_socket import is_own_user, private_socket, remove_left_over
from okhook.runtime.run_files import ReceiverRun, RunDirectory, TunnelRun
from okhook.runtime.running_here import FAULT, THROUGH_TUNNEL
from okhook.runtime.server import serving
from okhook.secret import HookAuth
from okhook.text import plain
from okhook.wire.hook_call import TIMEOUT_S

_NOT_PASSED_ON = {"host", "connection", "content-length", "accept-encoding", THROUGH_TUNNEL.lower()}


@dataclass(frozen=True, slots=True)
class ControlApp:
    """Adds the secret ``auth`` to each request. ``webhook_url`` returns that of the tunnel."""

    receiver: ASGIApp
    auth: HookAuth
    webhook_url: Callable[[], str | None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the receiver, or through the tunnel."""
        if scope["type"] != "http":
            return
        if THROUGH_TUNNEL.lower().encode() in dict(scope["headers"]):
            answer = await self._through_tunnel(Request(scope, receive))
            await answer(scope, receive, send)
            return
        name, value = self.auth.header()
        secret = (name.lower().encode(), value.encode())
        await self.receiver({**scope, "headers": [*scope["headers"], secret]}, receive, send)

    async def _through_tunnel(self, request: Request) -> Response:
        """Return the status of the answer alone: its body may repeat the request."""
        url = self.webhook_url()
        if url is None:
            return _fault("this receiver has no tunnel")
        headers = [each for each in request.headers.items() if each[0] not in _NOT_PASSED_ON]
        headers.append(self.auth.header())
        try:
            async with HttpClient(timeout_s=TIMEOUT_S) as http:
                answer = await http.send("POST", url, headers=headers, body=await request.body())
        except HttpError as error:
            return _fault(error.reason)
        return Response(status_code=answer.status)


def _fault(reason: str) -> Response:
    shown = plain(reason).encode("ascii", "replace").decode()
    return Response(shown, status_code=502, headers={FAULT: shown})


class OwnUserOnly(LimitedProtocol):
    """Closes connections of other users."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the user who connected."""
        super().connection_made(transport)
        if not _is_own(transport.get_extra_info("socket").fileno()):
            transport.abort()


def _is_own(descriptor: int) -> bool:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            return is_own_user(connection)
    except OSError:
        return False


@asynccontextmanager
async def open_control_socket(
    receiver: ASGIApp,
    auth: HookAuth | None,
    port: int,
    run_directory: RunDirectory,
    publish: Callable[[Activity], None],
) -> AsyncIterator[Path | None]:
    """Open the control socket of a receiver during the block, which gets its path.

    None if the receiver has no secret, or if no Unix socket can be made: then a warning says so.
    """
    own_name = ReceiverRun.name(port)
    before = run_directory.read(ReceiverRun, own_name)
    for run in (before, *run_directory.left_over(ReceiverRun).values()):
        if run is not None and run.control_socket is not None:
            remove_left_over(Path(run.control_socket))
    if auth is None:
        yield None
        return

    def webhook_url() -> str | None:
        tunnels = run_directory.running(TunnelRun)
        return next((each.webhook_url for each in tunnels if each.port == port), None)

    with ExitStack() as stack:
        try:
            wanted = run_directory.path / f"{own_name}.sock"
            listener, path = stack.enter_context(private_socket(wanted))
        except OSError as error:
            publish(
                Warned(
                    "other commands need the secret to reach this receiver: could not create a Unix"
                    f" socket: {error.strerror or error}"
                )
            )
            yield None
            return
        control_app = ControlApp(receiver, auth, webhook_url)
        async with serving(control_app, listener, publish, protocol=OwnUserOnly):
            yield path
