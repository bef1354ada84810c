"""Decompress an answer in small parts: a few KiB of it can become gigabytes."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Final

CODINGS: Final = ("gzip", "deflate")
"""What :func:`decompressed` reads, as ``Accept-Encoding`` and ``Content-Encoding`` name it."""

_PART_BYTES: Final = 64 << 10
_GZIP: Final = zlib.MAX_WBITS | 16


class NotCompressed(Exception):
    """An answer is not compressed as it says."""


async def decompressed(parts: AsyncIterable[bytes], coding: str) -> AsyncIterator[bytes]:
    """Yield a body, decompressed, in parts of at most 64 KiB. Raises ``NotCompressed``."""
    stream = None
    try:
        async for part in parts:
            if part:
                stream = stream or zlib.decompressobj(_format(coding, part[0]))
                for out in _outputs(stream, part):
                    yield out
    except zlib.error as error:
        raise NotCompressed(str(error)) from None


def _format(coding: str, first_byte: int) -> int:
    """Return zlib's name of a format. Some servers send ``deflate`` without zlib's header."""
    if coding == "gzip":
        return _GZIP
    return zlib.MAX_WBITS if first_byte & 15 == zlib.DEFLATED else -zlib.MAX_WBITS


def _outputs(stream: "zlib._Decompress", part: bytes) -> Iterator[bytes]:
    """Yield what a part becomes, until the stream needs more of the input, or has ended."""
    out = None
    while not stream.eof and (out is None or len(out) == _PART_BYTES):
        out = stream.decompress(part, _PART_BYTES)
        part = stream.unconsumed_tail
        if out:
            yield out
