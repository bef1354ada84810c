"""The children of an okhook that was killed outright: found by its run file, ended on request."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio

from okhook.runtime.child import STEPS, group_members, signal_group, until_group_is_gone
from okhook.runtime.run_files import RunDirectory, RunRecord

RUN_FILE_KIND = "tunnel-"

_SAME_START_S = 2.0
"""How far two readings of a process's start may lie apart: the system counts from its boot."""


@dataclass(frozen=True, slots=True)
class ChildIdentity:
    """A process for as long as the machine runs: ids come back, ids with their start do not."""

    pid: int
    started_at: float

    def facts(self) -> dict[str, Any]:
        """Return what a run file keeps of it."""
        return {"child_pid": self.pid, "child_started_at": self.started_at}

    @classmethod
    def of(cls, pid: int) -> "ChildIdentity":
        """Return the identity of a child of ours. One that has exited already has no start."""
        return cls(pid, _start_of(pid) or 0.0)

    @classmethod
    def in_facts(cls, facts: Mapping[str, Any]) -> "ChildIdentity | None":
        """Return the identity that a run file keeps, or None where it keeps none."""
        pid, started_at = facts.get("child_pid"), facts.get("child_started_at")
        if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 1:
            return None
        return cls(pid, started_at) if isinstance(started_at, float) else None


@dataclass(frozen=True, slots=True)
class Orphan:
    """A Hookdeck that still listens although its okhook is gone."""

    run_file: str
    pgid: int
    source: str
    port: int

    async def end(self) -> bool:
        """End its whole process group: INT, TERM, KILL. Returns whether it is gone."""
        for number, patience_s in STEPS:
            if not signal_group(self.pgid, number):
                return True
            with anyio.move_on_after(patience_s):
                await until_group_is_gone(self.pgid)
                return True
        return False


def find_orphans(run_directory: RunDirectory) -> list[Orphan]:
    """Return what killed tunnels left running; run files that stand for nothing are removed."""
    orphans = []
    for record in run_directory.left_over(RUN_FILE_KIND):
        orphan = _orphan_of(record)
        if orphan is None:
            run_directory.forget(record.name)
        else:
            orphans.append(orphan)
    return orphans


def orphans_seen(run_directory: RunDirectory) -> list[Orphan]:
    """Return what killed tunnels left running, for whoever may only look: no run file goes."""
    found = (_orphan_of(record) for record in run_directory.left_over(RUN_FILE_KIND))
    return [orphan for orphan in found if orphan is not None]


def _orphan_of(record: RunRecord) -> Orphan | None:
    identity = ChildIdentity.in_facts(record.facts)
    if identity is None or not _still_runs(identity):
        return None
    source, port = record.facts.get("source"), record.facts.get("port")
    return Orphan(
        run_file=record.name,
        pgid=identity.pid,
        source=source if isinstance(source, str) else "?",
        port=port if isinstance(port, int) else 0,
    )


def _still_runs(identity: ChildIdentity) -> bool:
    """Tell whether the very same process group runs, also where its leader has exited."""
    if identity.pid == os.getpgrp():
        return False
    started_at = _start_of(identity.pid)
    if started_at is not None:
        return abs(started_at - identity.started_at) <= _SAME_START_S
    return any(_is_hookdeck(pid) for pid in group_members(identity.pid))


def _start_of(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.Error:
        return None


def _is_hookdeck(pid: int) -> bool:
    import psutil

    try:
        return any("hookdeck" in part for part in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False
