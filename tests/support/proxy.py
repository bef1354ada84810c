"""A TCP proxy on loopback whose network a test can cut: what was sent is lost, and nobody hears."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.okhook_process import PATIENCE_S

_CHUNK_BYTES = 1 << 16


class Proxy:
    """Passes bytes on to ``port`` of this machine, unless it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._ended = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Pass nothing on. Connections stay open: neither end learns of it."""
        self._whole.clear()
        try:
            yield
        finally:
            self._break()
            self._whole.set()

    def close(self) -> None:
        """End all connections."""
        self._ended = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._whole.set()
        self._break()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for each in (self._listener, *self._sockets):
            each.close()

    def _break(self) -> None:
        """End the connections that were cut: what they held back is never sent."""
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _run(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._whole.wait()
            try:
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                client.close()
                continue
            self._sockets += [client, server]
            for one, other in ((client, server), (server, client)):
                self._run(self._pump, one, other)

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while chunk := one.recv(_CHUNK_BYTES):
                if not self._whole.is_set():
                    self._whole.wait()
                    break
                other.sendall(chunk)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """Run a proxy for as long as the block lasts."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
