"""When a receiver ran on this machine: also one that was killed, or slept with its machine.

A file for each run in one directory, which the run holds a lock on. Its time of change is moved on
while the run lasts, so that what a kill leaves still says until when it ran. The kernel lets go of
the lock when the run dies, however it dies. A run that was halted (a laptop that slept, Ctrl-Z) is
two: what came meanwhile found nobody.
"""

import fcntl
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, final

import anyio

from okhook.json_form import JsonForm, as_json
from okhook.runtime.typed_json import read_as

BEAT_S: Final = 15.0
"""How often a run touches its file."""

_BEATS_MISSED: Final = 2
"""After so many missing beats a run was halted; fewer mean a busy machine."""

_KEPT: Final = timedelta(days=91)
"""Okta's System Log goes back 90 days; older runs explain nothing."""

_SUFFIX: Final = ".json"

_EXACT: Final = JsonForm(form=datetime.isoformat)


@dataclass(frozen=True, slots=True)
class Period:
    """A run, in aware UTC; ``ended`` is None while it lasts."""

    began: Annotated[datetime, _EXACT]
    ended: Annotated[datetime | None, _EXACT]


@final
class Uptime:
    """The runs that one state directory knows of."""

    def __init__(self, directory: Path, *, now: Callable[[], datetime]) -> None:
        self._directory = directory
        self._now = now

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Note that a receiver runs, for as long as the block lasts.

        Where nothing can be written (a full disk), the block runs all the same.
        """
        self._forget_old(self._now())
        run = _Run(self._directory, self._now())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._beat, run)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                run.end(self._now())

    def periods(self) -> list[Period]:
        """Return every run that is known, in order of its beginning."""
        periods = (self._period(path) for path in self._directory.glob(f"*{_SUFFIX}"))
        return sorted((each for each in periods if each is not None), key=lambda p: p.began)

    async def _beat(self, run: "_Run") -> None:
        last = self._now()
        while True:
            await anyio.sleep(BEAT_S)
            beat, last = last, self._now()
            if last - beat > _halt():
                run.end(beat)
                run.begin(last)
            run.beat()

    def _forget_old(self, now: datetime) -> None:
        for path in self._directory.glob(f"*{_SUFFIX}"):
            with suppress(OSError):
                if path.stat().st_mtime < (now - _KEPT).timestamp():
                    path.unlink()

    def _period(self, path: Path) -> Period | None:
        try:
            period = read_as(Period, json.loads(path.read_text(encoding="utf-8")))
            last_beat = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except (OSError, ValueError, OverflowError, RecursionError):
            return None
        is_running = _is_held(path) and self._now() - last_beat < _halt()
        return period if period.ended or is_running else Period(period.began, last_beat)


def _halt() -> timedelta:
    return timedelta(seconds=_BEATS_MISSED * BEAT_S)


def _is_held(path: Path) -> bool:
    """Return whether the run that wrote the file still lives."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


@final
class _Run:
    """The file of this run. If it cannot be written, the run goes on without it."""

    def __init__(self, directory: Path, began: datetime) -> None:
        self._directory = directory
        self._descriptor: int | None = None
        self.begin(began)

    def begin(self, began: datetime) -> None:
        self._began = began
        path = self._directory / f"{began:%Y%m%dT%H%M%S%f}-{os.getpid()}{_SUFFIX}"
        fresh = path.with_suffix(".tmp")
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            # Locked before it has its name: nobody ever sees it free while the run lasts.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write(self._descriptor, began, None)
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
            _write(descriptor, self._began, ended)
        os.close(descriptor)


def _write(descriptor: int, began: datetime, ended: datetime | None) -> None:
    """Write in one step, and never less than before, so that no reader sees half of it."""
    os.pwrite(descriptor, json.dumps(as_json(Period(began, ended))).encode(), 0)
