"""Run files: what a running command tells the others, and proof that it still runs.

A run file is ``run/NAME.json`` in the state directory, with a lock beside it that its owner holds
for life. The kernel lets go of the lock when the owner dies, however it dies, so a file whose lock
is free was left by one that was killed. Files are readable by their owner alone.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, final

from okhook.errors import ConfigurationError
from okhook.runtime.runs import Run
from okhook.runtime.state_file import StateFile

_Run = TypeVar("_Run", bound=Run)

_TRIES = 3
"""A process that checks whether a file is owned holds its lock for a moment."""


class AlreadyRunning(Exception):
    """Another process owns the run file; ``pid`` is that process, if it has written it already."""

    def __init__(self, name: str, pid: int | None) -> None:
        super().__init__(name)
        self.name = name
        self.pid = pid


@final
class RunFile:
    """A run file that this process owns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, run: Run) -> None:
        """Replace the content.

        Raises:
            ConfigurationError: it cannot be written.
        """
        with _named_faults(self._path.parent, "written"):
            StateFile(self._path, Run).write(replace(run, pid=run.pid or os.getpid()))

    def remove(self) -> None:
        """Remove the file: what it said is no longer true."""
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
                owner = self.read(Run, name)
                raise AlreadyRunning(name, owner.pid or None if owner else None)
            file = RunFile(self._path / f"{name}.json")
            try:
                yield file
            finally:
                file.remove()
        finally:
            os.close(lock)

    def read(self, kind: type[_Run], name: str) -> _Run | None:
        """Return the run file ``name``, whether its owner lives or not.

        Returns None if there is none, or if it cannot be read.
        """
        return StateFile(self._path / f"{name}.json", kind).read()

    def running(self, kind: type[_Run]) -> list[_Run]:
        """Return the run files of one kind whose owners live.

        Raises:
            ConfigurationError: the directory cannot be looked into.
        """
        return [run for name, run in self._all(kind) if self._is_owned(name)]

    def left_over(self, kind: type[_Run]) -> dict[str, _Run]:
        """Return the run files of one kind whose owners were killed, by name.

        Raises:
            ConfigurationError: the directory cannot be looked into.
        """
        return {name: run for name, run in self._all(kind) if not self._is_owned(name)}

    def forget(self, name: str) -> None:
        """Remove what a killed owner left."""
        (self._path / f"{name}.json").unlink(missing_ok=True)

    def _all(self, kind: type[_Run]) -> list[tuple[str, _Run]]:
        with _named_faults(self._path, "looked into"):
            names = sorted(path.stem for path in self._path.glob(f"{kind.name('*')}.json"))
        runs = ((name, self.read(kind, name)) for name in names)
        return [(name, run) for name, run in runs if run is not None]

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
