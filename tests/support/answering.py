"""A server on a real socket that answers as a test tells it to: also badly, or never."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SILENCE = b"(silence)"
"""Instead of an answer: keep the connection open and say nothing."""


@dataclass(frozen=True)
class Asked:
    """A request as it came: ``headers`` are the pairs in their order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


Answering = Callable[[Asked], bytes]


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Return an HTTP answer as bytes."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class AnsweringServer:
    """``asked`` is what came so far, in order.

    ``opened`` is how many connections there were, and ``peak`` how many at one time.
    """

    listener: socket.socket
    port: int
    answering: Answering
    tls: ssl.SSLContext | None
    asked: list[Asked] = field(default_factory=list)
    opened: int = 0
    peak: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    def accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.add(connection)
                self.opened += 1
                self.peak = max(self.peak, len(self._open))
            with connection, connection.makefile("rb") as stream:
                while (asked := _read(stream.readline, stream.read)) is not None:
                    self.asked.append(asked)
                    said = self.answering(asked)
                    if said == SILENCE:
                        self._stopped.wait()
                        break
                    connection.sendall(said)
                    if b"Content-Length" not in said or b"Connection: close" in said:
                        break
        with self._lock:
            self._open.discard(connection)


@contextmanager
def answering_server(
    answering: Answering, tls: ssl.SSLContext | None = None, *, port: int = 0
) -> Iterator[AnsweringServer]:
    """Answer on a loopback port, a free one by default, for as long as the block lasts.

    An answer without ``Content-Length``, and one with ``Connection: close``, ends the connection.
    """
    listener = socket.create_server(("127.0.0.1", port))
    server = AnsweringServer(listener, listener.getsockname()[1], answering, tls)
    accepting = threading.Thread(target=server.accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.stop()
        accepting.join()


def _read(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> Asked | None:
    first = readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: list[tuple[str, str]] = []
    while line := readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers.append((name, value.strip(" \t\r\n")))
    lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
    return Asked(first[0], first[1], tuple(headers), read(lengths[0]) if lengths else b"")
