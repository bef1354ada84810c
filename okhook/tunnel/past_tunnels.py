"""What past tunnels left: their webhook URLs, and Hookdeck processes of killed ones."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from okhook.errors import TunnelFailed
from okhook.json_form import timestamp
from okhook.runtime.child import end_group, group_members
from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.runtime.state_file import StateFile

_SAME_START_S = 2.0
"""How far two readings of a process's start may differ: the system counts from its boot."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """The process group of a Hookdeck that still listens although its okhook is gone."""

    pgid: int
    source: str
    port: int


MayEnd = Callable[[Orphan], bool]
"""Returns whether to end an orphan: because of a flag, or because a person agreed."""


def find_orphans(run_directory: RunDirectory) -> list[Orphan]:
    """Return the orphans."""
    found = map(_orphan_of, run_directory.left_over(TunnelRun).values())
    return [orphan for orphan in found if orphan is not None]


async def end_orphans(run_directory: RunDirectory, may_end: MayEnd) -> None:
    """End the orphans if ``may_end`` allows it, and remove the run files of killed tunnels."""
    for name, run in run_directory.left_over(TunnelRun).items():
        orphan = _orphan_of(run)
        if orphan is not None and not may_end(orphan):
            raise TunnelFailed(
                f"the Hookdeck of a killed okhook still listens: process group {orphan.pgid},"
                f" source {orphan.source}, port {orphan.port}",
                why="two listeners would share the events between them",
                next_step=f"run it again with --end-orphan, or: kill -- -{orphan.pgid}",
            )
        if orphan is not None and not await end_group(orphan.pgid):
            raise TunnelFailed(
                f"could not end the Hookdeck of a killed okhook: process group {orphan.pgid}",
                next_step=f"end it yourself: kill -KILL -- -{orphan.pgid}",
            )
        run_directory.forget(name)


def _orphan_of(run: TunnelRun) -> Orphan | None:
    pgid, began_at = run.child_pid, run.child_started_at
    if pgid is None or pgid <= 1 or began_at is None or not _still_runs(pgid, began_at):
        return None
    return Orphan(pgid, run.source, run.port)


def _still_runs(pgid: int, began_at: float) -> bool:
    """Return whether this process group runs. Its leader, such as npx, may have exited."""
    if pgid == os.getpgrp():
        return False
    leader_began_at = started_at(pgid)
    if leader_began_at is not None:
        return abs(leader_began_at - began_at) <= _SAME_START_S
    return any(_is_hookdeck(pid) for pid in group_members(pgid))


def started_at(pid: int) -> float | None:
    """Return when a process started; None if it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def _is_hookdeck(pid: int) -> bool:
    import psutil

    try:
        return any("hookdeck" in part for part in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


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
