"""Run the receiver: its socket, its server, its run file."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from socket import socket

from okhook.activity import Activity
from okhook.config.settings import Settings
from okhook.errors import PortInUse, StoreFailed
from okhook.receiver.app import ReceiverApp
from okhook.receiver.control_socket import open_control_socket
from okhook.receiver.inbox import Append, Inbox
from okhook.records.activities import RequestRefused
from okhook.records.record import NewRecord
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.http_protocol import LimitedProtocol
from okhook.runtime.run_files import ReceiverRun, RunDirectory
from okhook.runtime.server import serving
from okhook.runtime.shutdown import usual_grace_s
from okhook.runtime.sockets import how_to_free, listen, port_of, url_of
from okhook.secret import HookAuth
from okhook.wire.delivery import InboundRequest


def _protocol_that_tells(app: ReceiverApp) -> type[LimitedProtocol]:
    """Return the protocol of a receiver; heads that are refused are counted and published."""

    class ReceiverProtocol(LimitedProtocol):
        """Lets a client that keeps its connection send one more delivery at the end."""

        last_request_s = 0.5

        def head_refused(self, status: int, reason: str) -> None:
            """Tell of it. The method and the path may not have come."""
            request = InboundRequest("", "", (), b"", app.now())
            app.counters.answers[status] += 1
            app.publish(RequestRefused(None, request, status, reason))

    return ReceiverProtocol


@dataclass(frozen=True, slots=True)
class ReceiverConfig:
    """Where the receiver listens, and the secret that it expects. ``port`` 0 is any free port.

    With a ``listener``, which a service manager holds, it accepts connections there. Its records
    are stored under ``name``, in what other commands know as ``store``.
    """

    host: str = Settings.host.default
    port: int = Settings.port.default
    path: str = Settings.path.default
    auth: HookAuth | None = None
    name: str | None = None
    store: str | None = None
    listener: socket | None = None

    def listening(self, runs: RunDirectory | None = None) -> socket:
        """Return a socket that listens, for the caller to close, or raise ``PortInUse``."""
        if self.listener is not None:
            return self.listener.dup()
        return listen(self.host, self.port, runs=runs)


def _receiving(
    app: ReceiverApp,
    config: ReceiverConfig,
    listener: socket,
    grace_s: Callable[[], float] = usual_grace_s,
) -> AbstractAsyncContextManager[None]:
    protocol, is_shared = _protocol_that_tells(app), config.listener is not None
    return serving(
        app, listener, app.publish, protocol=protocol, grace_s=grace_s, is_shared=is_shared
    )


@asynccontextmanager
async def refusing_receiver(
    config: ReceiverConfig,
    fault: StoreFailed,
    *,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
    counters: ServiceCounters,
) -> AsyncIterator[tuple[str, int]]:
    """Answer 503 during the block, which gets the URL and the port: there is no store."""

    async def refuse(_: NewRecord) -> int:
        raise fault

    with closing(config.listening()) as listener:
        inbox = Inbox(refuse, config.auth)
        app = ReceiverApp(config.path, inbox, publish, now, counters)
        async with _receiving(app, config, listener):
            yield url_of(listener, config.path), port_of(listener)


@asynccontextmanager
async def running_receiver(
    config: ReceiverConfig,
    *,
    append: Append,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
    run_directory: RunDirectory,
    forward_to: tuple[str, ...] = (),
    counters: ServiceCounters | None = None,
    grace_s: Callable[[], float] = usual_grace_s,
) -> AsyncIterator[ReceiverRun]:
    """Receive during the block, then finish the requests in flight, or raise ``PortInUse``.

    At the end these get as many seconds as ``grace_s`` returns. Other commands learn that
    deliveries are forwarded to ``forward_to``. ``counters`` count the answers.
    """
    listener = config.listening(run_directory)
    port = port_of(listener)
    with (
        closing(listener),
        run_directory.own(
            ReceiverRun.name(port),
            lambda owner: PortInUse(
                f"another okhook receives on port {port} ({owner})",
                next_step=how_to_free(port, "--port", run_directory),
            ),
        ) as run_file,
    ):
        inbox = Inbox(append, config.auth)
        app = ReceiverApp(config.path, inbox, publish, now, counters or ServiceCounters())
        async with (
            _receiving(app, config, listener, grace_s),
            open_control_socket(app, config.auth, port, run_directory, publish) as control_socket,
        ):
            url, asks_for_secret = url_of(listener, config.path), config.auth is not None
            receiver = ReceiverRun(
                url,
                port,
                config.path,
                asks_for_secret,
                forward_to,
                receiver=config.name,
                store=config.store,
                control_socket=None if control_socket is None else str(control_socket),
            )
            run_file.write(receiver)
            yield receiver
