"""What a crash of the machine can leave of an SQLite file in WAL mode, done to a real one.

Everything up to the last commit was synced before anyone was answered, so it is never touched.
Beyond it a write may have come to the disk in part, in pieces, or not at all; a checkpoint that was
under way may have written any part of a page whose newest content the WAL still has; and the shared
memory file, which nobody syncs, may hold anything. SQLite's file format has the layouts.
"""

import random
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_SECTOR_BYTES = 512
_BIG_ENDIAN_MAGIC = 0x377F0683


@dataclass(frozen=True, slots=True)
class CommittedWal:
    """A WAL up to its last commit: ``frames`` of ``page_bytes``, of a file of ``pages``.

    ``checksum`` is the running one, on which the next frame's builds; ``word_order`` is that of
    the words it is made of, as :mod:`struct` writes it.
    """

    page_bytes: int
    frames: int
    pages: int
    checksum: tuple[int, int]
    word_order: str
    salts: bytes

    @property
    def frame_bytes(self) -> int:
        """The size of a frame with its header."""
        return _FRAME_HEADER_BYTES + self.page_bytes

    @property
    def end(self) -> int:
        """The offset behind the last commit."""
        return _WAL_HEADER_BYTES + self.frames * self.frame_bytes


Tear = Callable[[Path, CommittedWal, random.Random], None]


def wal_file(store_file: Path) -> Path:
    """Return the WAL beside a database file."""
    return store_file.with_name(store_file.name + "-wal")


def shm_file(store_file: Path) -> Path:
    """Return the shared memory file beside a database file."""
    return store_file.with_name(store_file.name + "-shm")


def tear(store_file: Path, source: random.Random) -> str | None:
    """Do to the files of a killed process what a crash of the machine might; return what was done.

    None where there is no WAL to be torn.
    """
    wal = committed_wal(store_file)
    if wal is None:
        return None
    chosen = source.choice(TEARS), source.choice(STALE_SHARED_MEMORIES)
    for each in chosen:
        each(store_file, wal, source)
    if source.random() < 0.5:
        tear_checkpoint(store_file, wal, source)
        return f"{chosen[0].__name__}, {chosen[1].__name__}, tear_checkpoint"
    return f"{chosen[0].__name__}, {chosen[1].__name__}"


def committed_wal(store_file: Path) -> CommittedWal | None:
    """Return what SQLite itself takes for committed; None without a WAL. A copy is asked."""
    if not wal_file(store_file).exists():
        return None
    header = wal_file(store_file).read_bytes()[:_WAL_HEADER_BYTES]
    if len(header) < _WAL_HEADER_BYTES:
        return None
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / store_file.name
        shutil.copy(store_file, copy)
        shutil.copy(wal_file(store_file), wal_file(copy))
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            index = shm_file(copy).read_bytes()
    frames, pages, first, second = struct.unpack_from("=4I", index, 16)
    magic, _, page_bytes = struct.unpack_from(">3I", header)
    word_order = ">" if magic == _BIG_ENDIAN_MAGIC else "<"
    return CommittedWal(page_bytes, frames, pages, (first, second), word_order, header[16:24])


def transaction(wal: CommittedWal, source: random.Random, *, pages: int) -> bytes:
    """Return the frames of a transaction that would be valid: it fills ``pages`` with garbage."""
    checksum = wal.checksum
    frames = bytearray()
    for left in range(pages - 1, -1, -1):
        page = source.randbytes(wal.page_bytes)
        committed = 0 if left else wal.pages
        head = struct.pack(">2I", source.randint(1, max(wal.pages, 1)), committed)
        checksum = _checksum(head + page, checksum, wal.word_order)
        frames += head + wal.salts + struct.pack(">2I", *checksum) + page
    return bytes(frames)


def leave_as_it_is(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """The crash came while nothing was written."""
    del store_file, wal, source


def cut(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """The file's growth did not come to the disk whole."""
    size = wal_file(store_file).stat().st_size
    _replace_tail(store_file, wal, b"", size=source.randint(wal.end, max(wal.end, size)))


def garbage(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """Blocks were given to the file, and never written."""
    _replace_tail(store_file, wal, source.randbytes(source.randint(1, 3 * wal.frame_bytes)))


def uncommitted_frames(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """Whole frames of a transaction came to the disk, and the one that commits it did not."""
    frames = transaction(wal, source, pages=source.randint(2, 5))
    _replace_tail(store_file, wal, frames[: -wal.frame_bytes])


def part_of_a_commit(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """The write of a transaction ends somewhere inside it."""
    frames = transaction(wal, source, pages=source.randint(1, 4))
    _replace_tail(store_file, wal, frames[: source.randrange(1, len(frames))])


def commit_without_a_sector(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """All of a transaction came to the disk but one sector, that of the commit with it."""
    frames = bytearray(transaction(wal, source, pages=source.randint(1, 4)))
    start = source.randrange(len(frames) - _SECTOR_BYTES)
    frames[start : start + _SECTOR_BYTES] = bytes(_SECTOR_BYTES)
    _replace_tail(store_file, wal, bytes(frames))


def keep_shared_memory(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """A process was killed: its shared memory file is as it was."""
    del store_file, wal, source


def lose_shared_memory(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """The file never came to the disk."""
    del wal, source
    shm_file(store_file).unlink(missing_ok=True)


def scramble_shared_memory(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """The file's blocks were never written."""
    del wal
    if shm_file(store_file).exists():
        size = shm_file(store_file).stat().st_size
        shm_file(store_file).write_bytes(source.randbytes(size))


def tear_checkpoint(store_file: Path, wal: CommittedWal, source: random.Random) -> None:
    """A checkpoint wrote the first sectors of some pages that the WAL has, and no more."""
    newest = _newest_pages(wal_file(store_file).read_bytes(), wal)
    with store_file.open("r+b") as file:
        for number in source.sample(sorted(newest), min(len(newest), 8)):
            sectors = source.randrange(wal.page_bytes // _SECTOR_BYTES)
            file.seek((number - 1) * wal.page_bytes)
            file.write(newest[number][: sectors * _SECTOR_BYTES])


TEARS: tuple[Tear, ...] = (
    leave_as_it_is,
    cut,
    garbage,
    uncommitted_frames,
    part_of_a_commit,
    commit_without_a_sector,
)
STALE_SHARED_MEMORIES: tuple[Tear, ...] = (
    keep_shared_memory,
    lose_shared_memory,
    scramble_shared_memory,
)


def _replace_tail(
    store_file: Path, wal: CommittedWal, tail: bytes, *, size: int | None = None
) -> None:
    """Write ``tail`` behind the last commit; with ``size`` the file ends there afterwards."""
    with wal_file(store_file).open("r+b") as file:
        file.seek(wal.end)
        file.write(tail)
        if size is not None:
            file.truncate(size)


def _newest_pages(content: bytes, wal: CommittedWal) -> dict[int, bytes]:
    """Return the committed content of each page that the WAL has."""
    newest: dict[int, bytes] = {}
    for frame in _frames(content, wal):
        (number,) = struct.unpack_from(">I", frame)
        newest[number] = frame[_FRAME_HEADER_BYTES:]
    return newest


def _frames(content: bytes, wal: CommittedWal) -> Iterable[bytes]:
    for start in range(_WAL_HEADER_BYTES, wal.end, wal.frame_bytes):
        yield content[start : start + wal.frame_bytes]


def _checksum(data: bytes, start: tuple[int, int], word_order: str) -> tuple[int, int]:
    """Return the running checksum of the WAL after ``data``."""
    first, second = start
    words = struct.unpack(f"{word_order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
