"""Call a WSGI application without a socket."""

import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import anyio
import anyio.to_thread

from okhook.http.client import Answer, Headers
from okhook.http.errors import TimedOut
from okhook.testing.exchange import HOST, Exchange

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InlineCalls:
    """Calls an app in this thread, as the test clients of Flask and Django do.

    So it sees the test's database transaction. An answer that is too late is a timeout, but the
    client learns it only when the app has returned.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self.exchanges: list[Exchange] = []

    async def send(
        self, method: str, url: str, *, headers: Headers, body: bytes | None, timeout_s: float
    ) -> Answer:
        """Send one request, and return the answer or raise ``HttpError``. Never waits."""
        exchange = Exchange(method, url, headers, body or b"")
        self.exchanges.append(exchange)
        began = time.monotonic()
        try:
            with _kept_connections():
                call_wsgi(self._app, exchange)
        except Exception as error:  # noqa: BLE001 - whatever the app raises
            exchange.exception = error
        elapsed_s = time.monotonic() - began
        if elapsed_s > timeout_s:
            raise TimedOut(url, f"no answer within {timeout_s:g} s")
        return exchange.answer(elapsed_s)


@contextmanager
def _kept_connections() -> Iterator[None]:
    """Keep Django from closing the database connections of the test, as its own client does.

    At the end of a request Django closes a connection that is in a transaction, as tests are.
    """
    database, signals = sys.modules.get("django.db"), sys.modules.get("django.core.signals")
    if database is None or signals is None:
        yield
        return
    close = database.close_old_connections
    both = (signals.request_started, signals.request_finished)
    disconnected = [signal for signal in both if signal.disconnect(close)]
    try:
        yield
    finally:
        for signal in disconnected:
            signal.connect(close)


async def run_wsgi(app: WsgiApp, limiter: anyio.CapacityLimiter, exchange: Exchange) -> None:
    """Give a request to an app, in a thread."""
    await anyio.to_thread.run_sync(
        call_wsgi, app, exchange, abandon_on_cancel=True, limiter=limiter
    )


def call_wsgi(app: WsgiApp, exchange: Exchange) -> None:
    """Give a request to an app, and read its whole answer."""

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], object]:
        exchange.status = int(status.split(maxsplit=1)[0])
        exchange.answer_headers = tuple(headers)
        return exchange.answer_body.extend

    parts = app(_environ(exchange), start_response)
    try:
        for part in parts:
            exchange.answer_body += part
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    if exchange.status is None:
        raise RuntimeError("the app returned without an answer")
    exchange.is_whole = True


def _environ(exchange: Exchange) -> dict[str, Any]:
    parts = urlsplit(exchange.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(exchange.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if exchange.body:
        environ["CONTENT_LENGTH"] = str(len(exchange.body))
    for name, value in exchange.headers:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
