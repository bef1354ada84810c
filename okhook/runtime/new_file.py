"""Write a file completely or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def new_file(target: Path, *, synced: bool = True) -> Iterator[IO[str]]:
    """Yield a stream whose text replaces the file ``target`` if the block ends without an error.

    Only the owner may read the file. If ``synced``, it is on the disk when the block ends.
    """
    if target.is_dir():
        raise IsADirectoryError(21, os.strerror(21))
    descriptor, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name}.", suffix=".part"
    )
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
            if synced:
                os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
