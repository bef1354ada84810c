"""Write a file completely or not at all; what is no plain file is written into."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/(?:self|thread-self))/fd/([0-9]{1,9})")
_MOST_LINKS: Final = 40
_KEPT: Final = frozenset({errno.EACCES, errno.EBUSY, errno.EPERM, errno.EROFS, errno.EXDEV})
"""The errors for a file that is mounted alone, or in a directory that cannot be written."""


@contextmanager
def atomic_write(target: Path, *, synced: bool = True) -> Iterator[IO[str]]:
    """Yield a stream whose text replaces the file ``target`` if the block ends without an error.

    Only the owner may read the file. If ``synced``, it is on the disk when the block ends. A
    symlink stays one: what it names is replaced. A pipe or a device is written into at once, and
    at the end a file that cannot be replaced, has another name (a hard link) or another owner.
    """
    file = _without_links(target)
    if isinstance(file, int) or (file.exists() and not file.is_file()):
        with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123 - it may be a number
            yield stream
        return
    old = file.stat() if file.exists() else None
    descriptor, part = _part_of(file)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
            if synced:
                os.fsync(descriptor)
        if old is not None and (old.st_nlink > 1 or old.st_uid != part.stat().st_uid):
            _overwrite(file, part)
        else:
            _put(part, file)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def check_writable(target: Path) -> None:
    """Raise OSError if :func:`atomic_write` could not write the file. It leaves no trace."""
    file = _without_links(target)
    if isinstance(file, int):
        os.close(file)
    elif file.exists() and not file.is_file():
        if not os.access(file, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    else:
        descriptor, part = _part_of(file)
        os.close(descriptor)
        part.unlink()


def _without_links(target: Path) -> Path | int:
    """Return what symlinks name in the end; of ``/dev/stdout`` and its like a descriptor."""
    path = Path(os.path.abspath(target))  # noqa: PTH100 - it keeps symlinks
    for _ in range(_MOST_LINKS):
        if own := _DESCRIPTOR.fullmatch(str(path)):
            return os.dup(int(own[1]))
        if not path.is_symlink():
            return path
        named = path.parent / path.readlink()
        if path.exists() and not named.exists():
            return path  # of another process: its text is not a path
        path = named
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _part_of(file: Path) -> tuple[int, Path]:
    """Make the file for what is not complete yet, beside ``file`` if possible."""
    suffix, prefix = ".part", f".{file.name}."
    try:
        descriptor, name = tempfile.mkstemp(suffix, prefix, file.parent)
    except OSError as error:
        if error.errno not in _KEPT or not file.exists():
            raise
        descriptor, name = tempfile.mkstemp(suffix, prefix)
    return descriptor, Path(name)


def _put(part: Path, file: Path) -> None:
    """Replace ``file`` with ``part`` in one step, or else its content."""
    try:
        part.replace(file)
    except OSError as error:
        if error.errno not in _KEPT or not file.exists():
            raise
        _overwrite(file, part)


def _overwrite(file: Path, part: Path) -> None:
    with part.open("rb") as new, file.open("r+b") as old:
        shutil.copyfileobj(new, old)
        old.truncate()
        old.flush()
        os.fsync(old.fileno())
