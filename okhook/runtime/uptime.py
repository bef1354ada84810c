"""When a receiver ran on this machine: also one that was killed, up to some seconds.

A file for each run in one directory. Its time of change is moved on while the run lasts, so that
what a kill leaves still says until when it ran.
"""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, final

import anyio

BEAT_S: Final = 15.0
"""How often a run says that it is still there."""

_KEPT: Final = timedelta(days=91)
"""Okta's System Log reaches back 90 days; what is older explains nothing."""

_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Period:
    """A run, in aware UTC; ``ended`` is None while it lasts."""

    began: datetime
    ended: datetime | None


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
        began = self._now()
        path = self._directory / f"{began:%Y%m%dT%H%M%S%f}-{os.getpid()}{_SUFFIX}"
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget_old(began)
            _write(path, began, None)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._beat, path)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                with suppress(OSError):
                    _write(path, began, self._now())

    def periods(self) -> list[Period]:
        """Return every run that is known, in order of its beginning."""
        periods = (self._period(path) for path in self._directory.glob(f"*{_SUFFIX}"))
        return sorted((each for each in periods if each is not None), key=lambda p: p.began)

    async def _beat(self, path: Path) -> None:
        while True:
            await anyio.sleep(BEAT_S)
            with suppress(OSError):
                os.utime(path)

    def _forget_old(self, now: datetime) -> None:
        for path in self._directory.glob(f"*{_SUFFIX}"):
            with suppress(OSError):
                if path.stat().st_mtime < (now - _KEPT).timestamp():
                    path.unlink()

    def _period(self, path: Path) -> Period | None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            last_beat = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            began = _moment(content["began"])
            ended = content["ended"]
            if ended is not None:
                return Period(began, _moment(ended))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        is_alive = self._now() - last_beat < timedelta(seconds=2 * BEAT_S)
        return Period(began, None if is_alive else last_beat)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its offset")
    return moment.astimezone(UTC)


def _write(path: Path, began: datetime, ended: datetime | None) -> None:
    content = {"began": began.isoformat(), "ended": None if ended is None else ended.isoformat()}
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(path)
