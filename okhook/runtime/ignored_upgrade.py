"""Read the body of a request that offers another protocol, as Java's client offers HTTP/2.

A server may ignore the offer (RFC 9110, 7.8), but httptools takes the head for the whole request.
So a second parser gets a head of our own with the length of the body, and then what came.
"""

from collections.abc import Callable, Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LENGTHS = (b"content-length", b"transfer-encoding")


def own_head(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a head that says how long the body is, as ``headers`` do, and nothing else."""
    lines = [b"%s: %s\r\n" % each for each in headers if each[0] in _LENGTHS]
    return b"POST / HTTP/1.1\r\n%s\r\n" % b"".join(lines)


class AfterOwnHead:
    """Tells a protocol what a parser finds after the first head, which no client sent."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self._protocol = protocol
        self._is_in_own_head = True
        self.on_message_begin = self._unless_own(protocol.on_message_begin)
        self.on_url = self._unless_own(protocol.on_url)
        self.on_header = self._unless_own(protocol.on_header)
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete

    def on_headers_complete(self) -> None:
        """End a head. All that follows the first one is the client's."""
        if not self._is_in_own_head:
            self._protocol.on_headers_complete()
        self._is_in_own_head = False

    def _unless_own(self, tell: Callable[..., None]) -> Callable[..., None]:
        def told(*found: Any) -> None:  # noqa: ANN401 - passed on
            if not self._is_in_own_head:
                tell(*found)

        return told
