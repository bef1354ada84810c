"""The webhook URLs that tunnels of this machine had: ``tunnel-urls.json`` in the state directory.

A run file goes when its tunnel does. This file tells later that a hook's URL was ours, and leads
nowhere any more. It holds no secret.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import final

from okhook.json_form import timestamp
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.state_file import StateFile

MOST = 200
"""How many are kept. A guest gets a new URL with every account; an account keeps its URLs."""


@dataclass(frozen=True, slots=True)
class PastUrl:
    """A URL, and when a tunnel last had it, as a timestamp."""

    url: str
    last_up: str


@final
class UrlHistory:
    """The URLs that one state directory knows of."""

    def __init__(self, run_directory: RunDirectory) -> None:
        self._file = StateFile(run_directory.state / "tunnel-urls.json", list[PastUrl])

    def note(self, url: str, now: datetime) -> None:
        """Keep that a tunnel has ``url``. If the file cannot be written, nothing is kept."""
        came_up = PastUrl(url, timestamp(now))

        def with_it(known: list[PastUrl] | None) -> list[PastUrl]:
            return [*(each for each in known or () if each.url != url), came_up][-MOST:]

        with suppress(OSError):
            self._file.change(with_it)

    def all(self) -> list[PastUrl]:
        """Return every URL that is kept; the one that came up last is at the end."""
        return self._file.read() or []
