"""The webhook URLs of past tunnels, so that ``okhook doctor`` recognises their hooks."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from okhook.json_form import timestamp
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.state_file import StateFile

MOST = 200
"""How many are kept. Every guest account has a new URL."""


@dataclass(frozen=True, slots=True)
class PastUrl:
    """A URL, and the time when a tunnel last got it."""

    url: str
    last_up: str


def note_url(run_directory: RunDirectory, url: str, now: datetime) -> None:
    """Add ``url``, unless the file cannot be written."""

    def with_url(known: list[PastUrl] | None) -> list[PastUrl]:
        others = [each for each in known or () if each.url != url]
        return [*others, PastUrl(url, timestamp(now))][-MOST:]

    with suppress(OSError):
        _file(run_directory).change(with_url)


def past_urls(run_directory: RunDirectory) -> list[PastUrl]:
    """Return all URLs, the newest last."""
    return _file(run_directory).read() or []


def _file(run_directory: RunDirectory) -> StateFile[list[PastUrl]]:
    return StateFile(run_directory.state / "tunnel-urls.json", list[PastUrl])
