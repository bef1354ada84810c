"""A small JSON file in the state directory, read as a typed value."""

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, final

from okhook.json_form import as_json
from okhook.runtime.new_file import new_file
from okhook.runtime.typed_json import read_as

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
