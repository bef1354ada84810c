"""A small JSON file in the state directory, read as a typed value."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar, final

from okhook.json_form import as_json
from okhook.runtime.new_file import new_file
from okhook.runtime.typed_json import read_as

_Content = TypeVar("_Content")


@final
class StateFile(Generic[_Content]):
    """One file. It is replaced in one step, and only its owner may read it.

    ``synced`` content is on the disk when a write returns. Writing raises ``OSError``.
    """

    def __init__(self, path: Path, kind: type[_Content], *, synced: bool = False) -> None:
        self._path = path
        self._kind = kind
        self._synced = synced

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def read(self) -> _Content | None:
        """Return the content; None if the file is missing or damaged."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return read_as(self._kind, content)
        except (OSError, ValueError, OverflowError, RecursionError):
            return None

    def write(self, content: _Content) -> None:
        """Replace the content. A reader sees all of it or none of it."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps(_as_json(content), indent=2)
        with new_file(self._path, synced=self._synced) as file:
            file.write(text)

    def change(self, change: Callable[[_Content | None], _Content]) -> None:
        """Replace the content by what ``change`` makes of it; other processes wait meanwhile."""
        with self._locked():
            self.write(change(self.read()))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{self._path.name}.lock"
        lock = os.open(self._path.with_name(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _as_json(content: object) -> object:
    if isinstance(content, dict):
        return {key: as_json(value) for key, value in content.items()}
    return as_json(content)
