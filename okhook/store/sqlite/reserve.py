"""Room that is set aside while there is some: without any, SQLite cannot even delete."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from okhook.store.sqlite.connection import log_of

_SHORT_BYTES = 1 << 30
_USUAL_BYTES = 6 << 20
_BESIDES_LOG_BYTES = 2 << 20

_LEAST_BYTES = 64 << 10
_SHARE = 2


def reserve_of(path: Path) -> Path:
    """Return the file that takes up the room, beside the store's file."""
    return path.with_name(f"{path.name}-reserve")


def room_to_prune(path: Path) -> int:
    """Return how many bytes move the whole log into the file, which then makes its own room."""
    try:
        log_bytes = log_of(path).stat().st_size
    except OSError:
        log_bytes = 0
    return max(_USUAL_BYTES, log_bytes + _BESIDES_LOG_BYTES)


def set_aside(path: Path) -> None:
    """Take up half of the free room, at most what pruning needs, once there is less than 1 GiB."""
    file = reserve_of(path)
    with suppress(OSError):
        free = shutil.disk_usage(path.parent).free
        if free > _SHORT_BYTES:
            return
        taken = file.stat().st_size if file.exists() else 0
        size = min(room_to_prune(path), (free + taken) // _SHARE)
        if size < _LEAST_BYTES or size <= taken:
            return
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            _take_up(descriptor, size)
        except OSError:
            file.unlink()
        finally:
            os.close(descriptor)


def give_up(path: Path) -> bool:
    """Return the room to the disk; False if none was set aside."""
    try:
        reserve_of(path).unlink()
    except OSError:
        return False
    return True


def _take_up(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.write(descriptor, bytes(size))
