"""A good receiver on a real socket, in plain Python, made so that a mutant changes one part of it.

It speaks HTTP/1.1 itself, because the servers of frameworks hide what some rules are about: the
case of headers, chunks, connections that are used again.
"""

import contextlib
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

from tests.support.okhook_process import PATIENCE_S

Json = Any

SECRET = "s3cret-of-The-hook"


@dataclass
class Request:
    """A request as it came; ``headers`` keep their case."""

    method: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


@dataclass
class Reply:
    """An answer. ``closes`` says so with ``Connection: close``."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    closes: bool = False
    location: str | None = None

    def to_bytes(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} X", f"Content-Length: {len(self.body)}"]
        if self.body:
            lines.append(f"Content-Type: {self.content_type}")
        if self.closes:
            lines.append("Connection: close")
        if self.location is not None:
            lines.append(f"Location: {self.location}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Refuse(Exception):
    """The request is refused with a status."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        super().__init__(status)
        self.reply = Reply(status, body)


class Receiver:
    """A receiver that keeps every rule. ``counts`` is how often each event was processed."""

    def __init__(self, secret: str | None = SECRET, auth_field: str = "Authorization") -> None:
        self.secret = secret
        self.auth_field = auth_field
        self.counts: Counter[str] = Counter()
        self.known: set[str] = set()
        self.lock = threading.Lock()
        self.posts = 0
        self.gets = 0

    def reply_to(self, request: Request) -> Reply:
        """Answer a request: the whole receiver."""
        with self.lock:
            self.posts += request.method == "POST"
            self.gets += request.method == "GET"
        try:
            self.authenticate(request)
            if request.method == "GET":
                return self.challenged(request)
            return self.delivered(request)
        except Refuse as refused:
            return refused.reply
        except Exception as error:  # noqa: BLE001 - as a framework does
            return Reply(500, repr(error).encode())

    def authenticate(self, request: Request) -> None:
        if self.secret is not None and request.header(self.auth_field) != self.secret:
            raise Refuse(401)

    def challenged(self, request: Request) -> Reply:
        value = request.header("x-okta-verification-challenge")
        if value is None:
            raise Refuse(400)
        return Reply(200, json.dumps({"verification": value}).encode())

    def delivered(self, request: Request) -> Reply:
        delivery = self.parsed(request.body)
        for event in self.events_of(delivery):
            self.process(delivery, event)
        return Reply(204)

    def parsed(self, body: bytes) -> Json:
        try:
            delivery = json.loads(body)
        except ValueError:
            raise Refuse(400) from None
        if not isinstance(delivery, dict) or not isinstance(delivery.get("data"), dict):
            raise Refuse(400)
        if not isinstance(delivery["data"].get("events"), list):
            raise Refuse(400)
        return delivery

    def events_of(self, delivery: Json) -> list[Json]:
        return list(delivery["data"]["events"])

    def process(self, delivery: Json, event: Json) -> None:
        if self.is_new(self.key_of(delivery, event)):
            self.work(event)

    def key_of(self, delivery: Json, event: Json) -> str:
        del delivery
        return str(event["uuid"])

    def is_new(self, key: str) -> bool:
        with self.lock:
            is_new = key not in self.known
            self.known.add(key)
        return is_new

    def work(self, event: Json) -> None:
        with self.lock:
            self.counts[event["uuid"]] += 1

    def restart(self) -> None:
        """Lose what was only in memory: nothing."""

    def serve(self, connection: socket.socket, stream: BufferedReader) -> None:
        """Answer the requests of a connection."""
        while (request := self.read(stream)) is not None:
            self.answer(connection, request)

    def answer(self, connection: socket.socket, request: Request) -> None:
        connection.sendall(self.reply_to(request).to_bytes())

    def read(self, stream: BufferedReader) -> Request | None:
        first = stream.readline().decode("latin-1").split()
        if len(first) != 3:
            return None
        headers = []
        while line := stream.readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        request = Request(first[0], headers, b"")
        if request.header("transfer-encoding") == "chunked":
            request.body = self.read_chunks(stream)
        elif length := request.header("content-length"):
            request.body = stream.read(int(length))
        return request

    def read_chunks(self, stream: BufferedReader) -> bytes:
        parts = []
        while size := int(stream.readline(), 16):
            parts.append(stream.read(size))
            stream.readline()
        stream.readline()
        return b"".join(parts)


@contextmanager
def served(receiver: Receiver) -> Iterator[str]:
    """Serve a receiver on a loopback port for as long as the block lasts, which gets its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened: set[socket.socket] = set()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, ValueError),
            connection,
            connection.makefile("rb") as stream,
        ):
            receiver.serve(connection, stream)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            opened.add(connection)
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for connection in opened:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(PATIENCE_S)
