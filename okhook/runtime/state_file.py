"""Small JSON files in the state directory, and how to write a file completely or not at all."""

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, TypeVar, final

from okhook.json_form import as_json
from okhook.runtime.typed_json import read_as


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


_Content = TypeVar("_Content")


@final
@dataclass(frozen=True, slots=True)
class StateFile(Generic[_Content]):
    """A file that only its owner may read. ``synced`` writes return when they are on the disk."""

    path: Path
    kind: type[_Content]
    synced: bool = False

    def read(self) -> _Content | None:
        """Return the content; None if the file is missing or damaged."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return read_as(self.kind, content)
        except (OSError, ValueError, OverflowError, RecursionError):
            return None

    def write(self, content: _Content) -> None:
        """Replace the content. A reader sees all of it or none of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with new_file(self.path, synced=self.synced) as file:
            json.dump(as_json(content), file, indent=2)

    def change(self, change: Callable[[_Content | None], _Content]) -> None:
        """Replace the content with ``change(content)``, while no other process changes it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{self.path.name}.lock"
        lock = os.open(self.path.with_name(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.write(change(self.read()))
        finally:
            os.close(lock)
