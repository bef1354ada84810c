"""A file that is there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def new_file(path: str) -> Iterator[IO[str]]:
    """Give a stream whose text is in the file ``path`` once the block ends, and not before.

    It is readable by its owner alone. Where the block raises, what was there stays as it was.

    Raises:
        OSError: it cannot be written.

    """
    target = Path(path).expanduser()
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
            os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
