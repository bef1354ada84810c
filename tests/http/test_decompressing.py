"""Answers are decompressed as they come, however much they become."""

import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.http.decompressing import NotCompressed, decompressed


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


FORMATS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
]


async def sent(packed: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(packed), size):
        yield packed[at : at + size]


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([1, 300, 5000]),
    st.sampled_from(FORMATS),
    st.sampled_from([1, 7, 1000, 1 << 20]),
)
def test_each_format_is_read_however_it_is_cut(
    seed: bytes, times: int, form: tuple[str, Callable[[bytes], bytes]], size: int
) -> None:
    """What comes out is what went in, in parts that are never large."""
    coding, pack = form
    body = seed * times

    async def parts() -> list[bytes]:
        return [part async for part in decompressed(sent(pack(body), size), coding)]

    read = anyio.run(parts)
    assert b"".join(read) == body
    assert all(0 < len(part) <= 65536 for part in read)


@pytest.mark.anyio
async def test_what_follows_a_body_is_ignored() -> None:
    """As httpx does: nobody asked for it."""
    packed = gzip.compress(b"body") + b"more" * 100
    assert [part async for part in decompressed(sent(packed, 1 << 20), "gzip")] == [b"body"]


@pytest.mark.anyio
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_what_is_not_compressed_is_named(coding: str) -> None:
    """A server may say gzip and send text."""
    with pytest.raises(NotCompressed):
        _ = [part async for part in decompressed(sent(b"plain", 2), coding)]
