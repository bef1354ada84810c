"""What killed tunnels left running: found by their run files, ended where that is allowed."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from okhook.errors import TunnelFailed
from okhook.runtime.child import end_group, group_members
from okhook.runtime.run_files import RunDirectory, RunFacts

RUN_FILE_KIND = "tunnel-"

_SAME_START_S = 2.0
"""How far two readings of a process's start may differ: the system counts from its boot."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """The process group of a Hookdeck that still listens although its okhook is gone."""

    pgid: int
    source: str
    port: int


MayEnd = Callable[[Orphan], bool]
"""Tells whether an orphan may be ended: because of a flag, or because a person agreed."""


def child_facts(pid: int) -> dict[str, Any]:
    """Return what a run file keeps of a child.

    A process id is used again after a while; a process id with its start is not.
    """
    return {"child_pid": pid, "child_started_at": _started_at(pid) or 0.0}


def find_orphans(run_directory: RunDirectory) -> list[Orphan]:
    """Return what killed tunnels left running. Nothing is changed."""
    found = (_orphan_in(record.facts) for record in run_directory.left_over(RUN_FILE_KIND))
    return [orphan for orphan in found if orphan is not None]


async def end_orphans(run_directory: RunDirectory, may_end: MayEnd) -> None:
    """End what killed tunnels left running, where that is allowed, and remove their run files.

    Raises:
        TunnelFailed: an orphan may not be ended, or does not end.

    """
    for record in run_directory.left_over(RUN_FILE_KIND):
        orphan = _orphan_in(record.facts)
        if orphan is not None:
            await _end(orphan, may_end)
        run_directory.forget(record.name)


async def _end(orphan: Orphan, may_end: MayEnd) -> None:
    if not may_end(orphan):
        raise TunnelFailed(
            f"a Hookdeck that an okhook left behind still listens: process group {orphan.pgid},"
            f" source {orphan.source}, port {orphan.port}",
            why="that okhook was killed; two listeners would share the events between them",
            next_step=f"run it again with --end-orphan, or: kill -- -{orphan.pgid}",
        )
    if not await end_group(orphan.pgid):
        raise TunnelFailed(
            f"the Hookdeck that was left behind does not end: process group {orphan.pgid}",
            next_step=f"end it by hand: kill -KILL -- -{orphan.pgid}",
        )


def _orphan_in(facts: RunFacts) -> Orphan | None:
    pgid, started_at = facts.get("child_pid"), facts.get("child_started_at")
    if type(pgid) is not int or pgid <= 1 or not isinstance(started_at, float):
        return None
    if not _still_runs(pgid, started_at):
        return None
    source, port = facts.get("source"), facts.get("port")
    return Orphan(
        pgid,
        source if isinstance(source, str) else "?",
        port if isinstance(port, int) else 0,
    )


def _still_runs(pgid: int, started_at: float) -> bool:
    """Tell whether that very process group runs. Its leader, such as npx, may have exited."""
    if pgid == os.getpgrp():
        return False
    leader_started_at = _started_at(pgid)
    if leader_started_at is not None:
        return abs(leader_started_at - started_at) <= _SAME_START_S
    return any(_is_hookdeck(pid) for pid in group_members(pgid))


def _started_at(pid: int) -> float | None:
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
