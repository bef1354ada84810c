"""Read a whole file that may come from a stranger: a plain one, of a bounded size."""

import os
import stat
from errno import EFBIG, EINVAL
from pathlib import Path

LIMIT_BYTES = 1024 * 1024


def plain_text(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> str:
    """Return the text of a plain file.

    Raises:
        OSError: it cannot be read, is too large, or is a pipe or a device, whose reading might
            never end.
        UnicodeDecodeError: it is not UTF-8.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) and not _is_null(found):
            raise OSError(EINVAL, "it is not a regular file")
        return _decoded(file.read(limit_bytes + 1), limit_bytes)


def piped_text(path: Path) -> str:
    """Return the text of a file, which may be a pipe, as in ``<(pass show hook)``.

    Raises:
        OSError: it cannot be read, or is larger than 1 MiB.
        UnicodeDecodeError: it is not UTF-8.
    """
    with path.open("rb") as file:
        return _decoded(file.read(LIMIT_BYTES + 1), LIMIT_BYTES)


def _without_waiting(path: str, flags: int) -> int:
    """Open a file, but wait for nobody who writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _decoded(content: bytes, limit_bytes: int) -> str:
    if len(content) > limit_bytes:
        raise OSError(EFBIG, f"it is larger than {limit_bytes >> 20} MiB")
    return content.decode("utf-8-sig")


def _is_null(found: os.stat_result) -> bool:
    """Return whether the file is /dev/null, which says "none" on the command line."""
    return os.path.samestat(found, os.stat(os.devnull))  # noqa: PTH116 - no Path has a samestat
