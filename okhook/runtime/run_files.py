"""Run files: what a running command tells the others, and proof that it still runs.

A run file is ``run/NAME.json`` in the state directory, with a lock beside it that its owner holds
for life. The kernel lets go of the lock when the owner dies, however it dies, so a file whose lock
is free was left by one that was killed. Files are readable by their owner alone.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from okhook.errors import ConfigurationError

RunFacts = Mapping[str, Any]

_TRIES = 3
"""Someone who only looks whether a file is owned holds its lock for a moment."""


class AlreadyRunning(Exception):
    """Another process holds the run file; ``facts`` is what it wrote, if it wrote already."""

    def __init__(self, name: str, facts: RunFacts | None) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run file as read: whose it is, what it says, and whether its owner still runs."""

    name: str
    facts: RunFacts
    alive: bool


@final
class RunFile:
    """A run file that this process owns: write it as often as its facts change."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, facts: RunFacts) -> None:
        """Replace what the file says, in one step, so that no reader sees half of it.

        Raises:
            ConfigurationError: it cannot be written.

        """
        content = json.dumps({"pid": os.getpid(), **facts})
        fresh = self._path.with_suffix(f".{os.getpid()}.tmp")
        with _named_faults(self._path.parent, "written"):
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            fresh.replace(self._path)

    def remove(self) -> None:
        """Take the file away: what it said holds no longer."""
        self._path.unlink(missing_ok=True)


@final
class RunDirectory:
    """The run files of one state directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def state(self) -> Path:
        """The state directory that it is in."""
        return self._path.parent

    @contextmanager
    def own(self, name: str) -> Iterator[RunFile]:
        """Own the run file ``name`` for as long as the block lasts; it is removed at its end.

        Raises:
            AlreadyRunning: another process owns it.
            ConfigurationError: the directory cannot be written.

        """
        with _named_faults(self._path, "written"):
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._path / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not any(_locked(lock) for _ in range(_TRIES)):
                record = self.read(name)
                raise AlreadyRunning(name, record.facts if record else None)
            file = RunFile(self._path / f"{name}.json")
            try:
                yield file
            finally:
                file.remove()
        finally:
            os.close(lock)

    def read(self, name: str) -> RunRecord | None:
        """Return the run file ``name``, or None where there is none or it cannot be read."""
        try:
            facts = json.loads((self._path / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(facts, dict):
            return None
        return RunRecord(name, facts, alive=self._is_owned(name))

    def running(self, kind: str) -> list[RunRecord]:
        """Return the run files of live owners whose name starts with ``kind``.

        Raises:
            ConfigurationError: the directory cannot be looked into.

        """
        return [record for record in self._records(kind) if record.alive]

    def left_over(self, kind: str) -> list[RunRecord]:
        """Return the run files whose owner was killed and whose name starts with ``kind``.

        Raises:
            ConfigurationError: the directory cannot be looked into.

        """
        return [record for record in self._records(kind) if not record.alive]

    def forget(self, name: str) -> None:
        """Remove what a killed owner left."""
        (self._path / f"{name}.json").unlink(missing_ok=True)

    def _records(self, kind: str) -> list[RunRecord]:
        with _named_faults(self._path, "looked into"):
            names = sorted(path.stem for path in self._path.glob(f"{kind}*.json"))
        records = (self.read(name) for name in names)
        return [record for record in records if record is not None]

    def _is_owned(self, name: str) -> bool:
        try:
            lock = os.open(self._path / f"{name}.lock", os.O_RDWR)
        except OSError:
            return False
        try:
            return not _locked(lock)
        finally:
            os.close(lock)


@contextmanager
def _named_faults(directory: Path, done: str) -> Iterator[None]:
    """Raise what the system complains of as a fault of the state directory."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"the state directory {directory.parent} cannot be {done}",
            why=error.strerror,
            next_step="see that this user may use it and that the disk has room,"
            " or set OKHOOK_HOME to another one",
        ) from error


def _locked(descriptor: int) -> bool:
    """Take the lock without waiting; False where another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
