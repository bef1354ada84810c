"""When a receiver ran on this machine, even if it was killed or its machine slept.

Each run has a file with a lock on it, and updates the file's time of change. After a kill the
kernel releases the lock, and that time is the end of the run. A run that was halted (a laptop that
slept, Ctrl-Z) counts as two runs.
"""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import anyio

from okhook.json_form import JsonForm, as_json
from okhook.runtime.state_file import StateFile
from okhook.runtime.unix import is_locked, lock

BEAT_S: Final = 15.0
"""How often a run touches its file."""

_BEATS_MISSED: Final = 2
"""After so many missing beats a run was halted; fewer mean a busy machine."""

_KEPT: Final = timedelta(days=91)
"""Okta's System Log goes back 90 days."""

_EXACT: Final = JsonForm(form=datetime.isoformat)


@dataclass(frozen=True, slots=True)
class Period:
    """A run, in aware UTC. ``ended`` is None while it lasts."""

    began: Annotated[datetime, _EXACT]
    ended: Annotated[datetime | None, _EXACT]


@dataclass(frozen=True, slots=True)
class Uptime:
    """The runs that one state directory knows."""

    directory: Path
    now: Callable[[], datetime]

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Record that a receiver runs until the block ends. A full disk does not stop the block."""
        self._forget_old()
        run = _Run(self.directory, self.now())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._beat, run)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                run.end(self.now())

    def periods(self) -> list[Period]:
        """Return every known run, ordered by its beginning."""
        periods = map(self._period, self.directory.glob("*.json"))
        return sorted((each for each in periods if each is not None), key=lambda p: p.began)

    async def _beat(self, run: "_Run") -> None:
        last = self.now()
        while True:
            await anyio.sleep(BEAT_S)
            beat, last = last, self.now()
            if last - beat > _halt():
                run.end(beat)
                run.begin(last)
            run.beat()

    def _forget_old(self) -> None:
        for path in self.directory.glob("*.json"):
            with suppress(OSError):
                if path.stat().st_mtime < (self.now() - _KEPT).timestamp():
                    path.unlink()

    def _period(self, path: Path) -> Period | None:
        period = StateFile(path, Period).read()
        try:
            last_beat = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError:
            return None
        if period is None or period.ended:
            return period
        is_running = is_locked(path) and self.now() - last_beat < _halt()
        return period if is_running else Period(period.began, last_beat)


def _halt() -> timedelta:
    return timedelta(seconds=_BEATS_MISSED * BEAT_S)


class _Run:
    """The file of this run. If it cannot be written, the run goes on without it."""

    def __init__(self, directory: Path, began: datetime) -> None:
        self._directory = directory
        self._descriptor: int | None = None
        self.begin(began)

    def begin(self, began: datetime) -> None:
        self._began = began
        path = self._directory / f"{began:%Y%m%dT%H%M%S%f}-{os.getpid()}.json"
        fresh = path.with_suffix(".tmp")
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            # Lock it before it gets its name, so that no reader sees it unlocked.
            lock(self._descriptor)
            _write(self._descriptor, Period(began, None))
            fresh.replace(path)

    def beat(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.utime(self._descriptor)

    def end(self, ended: datetime) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with suppress(OSError):
            _write(descriptor, Period(self._began, ended))
        os.close(descriptor)


def _write(descriptor: int, period: Period) -> None:
    """Write in one step, and never less than before: no reader sees half of it."""
    os.pwrite(descriptor, json.dumps(as_json(period)).encode(), 0)
