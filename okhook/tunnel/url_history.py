"""The webhook URLs that tunnels of this machine had: ``tunnel-urls.json`` in the state directory.

A run file goes when its tunnel does. What is kept here tells later that a hook's URL was ours, and
leads nowhere any more. It holds no secret, and is for its owner alone.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

from okhook.json_form import timestamp
from okhook.runtime.run_files import RunDirectory

_NAME = "tunnel-urls"
_KEPT = 200
"""A guest gets a new URL with every account; an account keeps one for each source."""


@dataclass(frozen=True, slots=True)
class PastUrl:
    """A URL, and when a tunnel last came up with it: Okta's spelling of a time."""

    url: str
    last_up: str


@final
class UrlHistory:
    """The URLs that one state directory knows of. What cannot be read is an empty history."""

    def __init__(self, run_directory: RunDirectory) -> None:
        self._directory = run_directory.state
        self._path = self._directory / f"{_NAME}.json"

    def note(self, url: str, now: datetime) -> None:
        """Keep that a tunnel has ``url``; where that cannot be written, it is not kept."""
        with suppress(OSError), self._locked():
            entries = [{"url": each.url, "last_up": each.last_up} for each in self.all()]
            others = [entry for entry in entries if entry["url"] != url]
            self._write([*others, {"url": url, "last_up": timestamp(now)}][-_KEPT:])

    def all(self) -> list[PastUrl]:
        """Return every URL that is kept, the one that came up last at the end."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return []
        entries = content if isinstance(content, list) else []
        return [read for entry in entries if (read := _read(entry)) is not None]

    def _write(self, entries: list[dict[str, str]]) -> None:
        fresh = self._path.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=1)
        fresh.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep another tunnel from writing between our reading and our writing."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self._directory / f"{_NAME}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _read(entry: Any) -> PastUrl | None:  # noqa: ANN401 - JSON
    if not isinstance(entry, dict):
        return None
    url, last_up = entry.get("url"), entry.get("last_up")
    return PastUrl(url, last_up) if isinstance(url, str) and isinstance(last_up, str) else None
