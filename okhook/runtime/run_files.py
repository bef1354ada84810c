"""Run files: what a running command tells other commands, and proof that it still runs.

A run file is ``run/NAME.json`` in the state directory, and its owner holds a lock beside it. The
kernel releases the lock when the owner dies, so a run file without a lock was left by a killed
process. If the state directory cannot be read or written, ``ConfigurationError`` is raised.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar, TypeVar

from okhook.errors import ConfigurationError
from okhook.runtime.ids import utc_now
from okhook.runtime.state_file import StateFile
from okhook.runtime.unix import is_locked, try_lock


@dataclass(frozen=True, slots=True)
class Run:
    """A running command. The name of its run file begins with ``kind``.

    ``pid`` and ``since``, the time when it began, are set when the file is written.
    """

    kind: ClassVar[str]
    pid: int = field(default=0, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True, compare=False)

    @classmethod
    def name(cls, which: object) -> str:
        """Return the name of a run file of this kind."""
        return f"{cls.kind}-{which}"


@dataclass(frozen=True, slots=True)
class DownApp:
    """An app that does not answer, ``since`` then."""

    url: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiverRun(Run):
    """A receiver, named by its port. ``url`` is the local URL of the hook.

    It forwards to the apps ``forward_to``, and stores its records under the name ``receiver`` in
    ``store``, a file or a URL without password. At the Unix socket ``control_socket``, other
    commands of this user reach it without its secret.
    """

    kind: ClassVar[str] = "receiver"
    url: str
    port: int
    path: str = ""
    asks_for_secret: bool = True
    forward_to: tuple[str, ...] = ()
    receiver: str | None = None
    store: str | None = None
    down: tuple[DownApp, ...] = ()
    control_socket: str | None = None

    def stores_in(self, store: object) -> bool:
        """Return whether it stores there, as far as its run file tells."""
        return self.store in (None, str(store))


@dataclass(frozen=True, slots=True)
class TunnelRun(Run):
    """A tunnel, named by its port. It has a ``webhook_url`` when it is ready.

    ``child_pid`` is Hookdeck's process. The system reuses process ids, but not with the same start.
    """

    kind: ClassVar[str] = "tunnel"
    source: str = "?"
    path: str = ""
    port: int = 0
    child_pid: int | None = None
    child_started_at: float | None = None
    webhook_url: str | None = None
    dashboard_url: str | None = None


@dataclass(frozen=True, slots=True)
class UpRun(Run):
    """An ``okhook up``, named by its hook, which is ``registered`` in the org.

    It will deactivate the hook ``hook_id``. At the Unix socket ``control_socket``, other
    commands of this user can have it change its hook.

    The org said ``status`` and ``verification`` of the hook at ``seen_at``. A canary last arrived
    through ``webhook_url`` at ``proved_at``. ``fault`` is what went wrong after both, if anything,
    and ``next_step`` what to do about it.
    """

    kind: ClassVar[str] = "up"
    org: str
    hook_id: str | None = None
    registered: str | None = None
    control_socket: str | None = None
    status: str | None = None
    verification: str | None = None
    seen_at: datetime | None = None
    webhook_url: str | None = None
    proved_at: datetime | None = None
    fault: str | None = None
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class SandboxRun(Run):
    """A sandbox org, named by its port, with its API token."""

    kind: ClassVar[str] = "sandbox"
    org_url: str
    token: str = field(repr=False)
    port: int = 0


@dataclass(frozen=True, slots=True)
class InspectorRun(Run):
    """An inspector of ``store``, a file or a URL without password. It is named by its port."""

    kind: ClassVar[str] = "inspector"
    port: int
    store: str | None = None

    def shows(self, store: object) -> bool:
        """Return whether it shows that store, as far as its run file tells."""
        return self.store in (None, str(store))


@dataclass(frozen=True, slots=True)
class AdminRun(Run):
    """The admin port of a ``command``, named by its address and port."""

    kind: ClassVar[str] = "admin"
    url: str
    port: int
    command: str


@dataclass(frozen=True, slots=True)
class DetachedRun(Run):
    """A command in the background, named by a number. ``log`` is the file with its output."""

    kind: ClassVar[str] = "detached"
    log: str


@dataclass(frozen=True, slots=True)
class TriggerRun(Run):
    """An ``okhook trigger``. The names of what it creates end in ``suffix``."""

    kind: ClassVar[str] = "trigger"
    suffix: str


_Run = TypeVar("_Run", bound=Run)


class AlreadyRunning(Exception):
    """Another process owns the run file."""


@dataclass(frozen=True, slots=True)
class RunFile:
    """A run file that this process owns ``since`` then."""

    path: Path
    since: datetime

    def write(self, run: Run) -> None:
        """Replace the content."""
        with os_errors_named(self.path.parent, "write"):
            StateFile(self.path, Run).write(
                replace(run, pid=run.pid or os.getpid(), since=self.since)
            )


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """The run files of one state directory."""

    path: Path

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.path.parent

    @contextmanager
    def own(
        self, name: str, taken: Callable[[str], Exception] = AlreadyRunning
    ) -> Iterator[RunFile]:
        """Own the run file ``name`` until the block ends, then remove it.

        If another process owns it, raise ``taken("process 123")``.
        """
        with os_errors_named(self.path, "write"):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.path / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not try_lock(lock):
                owner = self.read(Run, name)
                raise taken(f"process {owner.pid}" if owner and owner.pid else "another process")
            try:
                yield RunFile(self.path / f"{name}.json", utc_now())
            finally:
                self.forget(name)
        finally:
            os.close(lock)

    @contextmanager
    def noted(self, name: str, run: Run) -> Iterator[None]:
        """Own a run file with ``run`` during the block; on a full disk, do without it."""
        with ExitStack() as held:
            with suppress(ConfigurationError):
                held.enter_context(self.own(name)).write(run)
            yield

    def read(self, kind: type[_Run], name: str) -> _Run | None:
        """Return the run file ``name``, even of a killed owner; None if missing or damaged."""
        return StateFile(self.path / f"{name}.json", kind).read()

    def change(self, kind: type[_Run], name: str, change: Callable[[_Run], _Run]) -> None:
        """Change a run file that this process owns. One that is missing stays so."""
        with os_errors_named(self.path, "write"):
            run = self.read(kind, name)
            if run is not None:
                StateFile(self.path / f"{name}.json", kind).write(change(run))

    def running(self, kind: type[_Run]) -> list[_Run]:
        """Return the run files of one kind whose owners run."""
        return [run for name, run in self._all(kind) if self._is_running(name)]

    def left_over(self, kind: type[_Run]) -> dict[str, _Run]:
        """Return the run files of one kind whose owners were killed, by name."""
        return {name: run for name, run in self._all(kind) if not self._is_running(name)}

    def forget(self, name: str) -> None:
        """Remove a run file."""
        (self.path / f"{name}.json").unlink(missing_ok=True)

    def forget_left_over(self, kind: type[Run]) -> None:
        """Remove the run files of one kind whose owners were killed."""
        for name in self.left_over(kind):
            self.forget(name)

    def _all(self, kind: type[_Run]) -> list[tuple[str, _Run]]:
        with os_errors_named(self.path, "read"):
            names = sorted(path.stem for path in self.path.glob(f"{kind.name('*')}.json"))
        runs = ((name, self.read(kind, name)) for name in names)
        return [(name, run) for name, run in runs if run is not None]

    def _is_running(self, name: str) -> bool:
        return is_locked(self.path / f"{name}.lock")


@contextmanager
def os_errors_named(directory: Path, action: str) -> Iterator[None]:
    """Raise an ``OSError`` of the block, which does that to the directory, as the setting's."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"cannot {action} the state directory {directory.parent}",
            why=error.strerror,
            next_step="check its permissions and the free disk space,"
            " or set OKHOOK_HOME to another directory",
        ) from error
