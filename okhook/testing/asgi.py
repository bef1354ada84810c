"""Call an ASGI application without a socket."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from okhook.testing.exchange import HOST, Exchange, LiveExchange

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]

VERSIONS = {"version": "3.0", "spec_version": "2.4"}
"""The versions of ASGI and of its HTTP messages."""


async def run_asgi(app: AsgiApp, state: dict[str, Any], exchange: LiveExchange) -> None:
    """Give a request to an app. ``state`` is what its lifespan set."""
    is_read = False

    async def receive() -> Message:
        nonlocal is_read
        if not is_read:
            is_read = True
            return {"type": "http.request", "body": exchange.body, "more_body": False}
        if not exchange.gone.is_set():  # Starlette asks in a cancelled scope, which cannot wait
            await exchange.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            exchange.answer_headers = tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            exchange.answer_body += message.get("body", b"")
            if not message.get("more_body", False):
                exchange.is_whole = True
                exchange.gone.set()
                exchange.answered.set()

    await app(_scope(exchange, state), receive, send)
    if exchange.status is None:
        raise RuntimeError("the app returned without an answer")


def _scope(exchange: Exchange, state: dict[str, Any]) -> dict[str, Any]:
    parts = urlsplit(exchange.url)
    headers = [(b"host", HOST.encode())] if "host" not in dict(_lower(exchange)) else []
    headers += [(name.encode(), value.encode()) for name, value in _lower(exchange)]
    if exchange.body:
        headers.append((b"content-length", str(len(exchange.body)).encode()))
    return {
        "type": "http",
        "asgi": VERSIONS,
        "http_version": "1.1",
        "method": exchange.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "server": (HOST, 443),
        "client": ("127.0.0.1", 50_000),
        "state": state.copy(),
    }


def _lower(exchange: Exchange) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in exchange.headers]
