"""What past tunnels left: their webhook URLs, and Hookdeck processes of killed ones."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from okhook.activity import Activity, Warned
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


def find_orphans(run_directory: RunDirectory) -> list[Orphan]:
    """Return the orphans."""
    found = map(_orphan_of, run_directory.left_over(TunnelRun).values())
    return [orphan for orphan in found if orphan is not None]


async def end_orphans(run_directory: RunDirectory, publish: Callable[[Activity], None]) -> None:
    """End the orphans, say so, and remove the run files of killed tunnels."""
    for name, run in run_directory.left_over(TunnelRun).items():
        if orphan := _orphan_of(run):
            await _end(orphan)
            publish(
                Warned(
                    "ended the Hookdeck that a killed okhook left running:"
                    f" source {orphan.source}, port {orphan.port}, process group {orphan.pgid}"
                )
            )
        run_directory.forget(name)


async def _end(orphan: Orphan) -> None:
    if not await end_group(orphan.pgid):
        raise TunnelFailed(
            f"could not end the Hookdeck of a killed okhook: process group {orphan.pgid}",
            why="two listeners would share the events between them",
            next_step=f"end it yourself: kill -KILL -- -{orphan.pgid}",
        )


def _orphan_of(run: TunnelRun) -> Orphan | None:
    pgid, began_at = run.child_pid, run.child_started_at
    if pgid is None or pgid <= 1 or began_at is None or pgid == os.getpgrp():
        return None
    members = group_members(pgid)
    # The okhook may live although nothing locks its run file: if someone removed the lock.
    if any(run.pid in _above(pid) for pid in members):
        return None
    leader_began_at = started_at(pgid) if pgid in members else None
    if leader_began_at is None:  # it was a script, which ended before the Hookdeck that it ran
        return Orphan(pgid, run.source, run.port) if any(map(_is_hookdeck, members)) else None
    is_same = abs(leader_began_at - began_at) <= _SAME_START_S
    return Orphan(pgid, run.source, run.port) if is_same else None


def started_at(pid: int) -> float | None:
    """Return when a process started; None if it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def _above(pid: int) -> list[int]:
    """Return the processes above this one, without the first of all."""
    import psutil

    try:
        return [parent.pid for parent in psutil.Process(pid).parents() if parent.pid > 1]
    except psutil.Error:
        return []


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
