"""Ports on which nobody listens, and which stay like that until the test says otherwise."""

import functools
import socket
from urllib.parse import urlsplit


def free_port() -> int:
    """Return a loopback port on which nobody listens: a connection to it is refused.

    A server that is told this port can listen on it. The system gives it to no other program on
    this machine for as long as the tests run, because a socket is bound to it, which does not
    listen.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    _kept_ports().append(kept)
    return int(kept.getsockname()[1])


def refuses_connections(url: str) -> bool:
    """Return whether nobody listens at a URL any more.

    The system resets a connection that reaches a port while it is closed.
    """
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0)).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


@functools.cache
def _kept_ports() -> list[socket.socket]:
    return []
