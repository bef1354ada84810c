"""Hookdeck processes that killed tunnels left running: how they are found and ended."""

import os
from pathlib import Path
from typing import Any

import pytest

from okhook.activity import Activity, Warned
from okhook.errors import TunnelFailed
from okhook.runtime.child import group_is_alive
from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.tunnel import past_tunnels
from okhook.tunnel.past_tunnels import end_orphans, find_orphans, started_at
from tests.tunnel.left_behind import LISTENER, PARENT, facts_of, leave_run_file, process_group


async def ended(directory: Path) -> list[str]:
    """End what is left behind, and return what is said of it."""
    said: list[Activity] = []
    await end_orphans(RunDirectory(directory), said.append)
    return [each.text for each in said if isinstance(each, Warned)]


def test_a_child_that_still_runs_is_found(tmp_path: Path) -> None:
    """Source, port and process group are reported. The run file stays."""
    with process_group(LISTENER) as process:
        file = leave_run_file(tmp_path, 1337, facts_of(process))
        [orphan] = find_orphans(RunDirectory(tmp_path))
        assert (orphan.pgid, orphan.source, orphan.port) == (process.pid, "okta", 1337)
        assert file.exists()


def test_a_group_without_its_leader_is_found(tmp_path: Path) -> None:
    """npx may exit while the hookdeck that it started goes on."""
    with process_group(PARENT, LISTENER) as process:
        leave_run_file(tmp_path, 1337, facts_of(process))
        process.kill()
        process.wait()
        [orphan] = find_orphans(RunDirectory(tmp_path))
        assert orphan.pgid == process.pid


@pytest.mark.anyio
async def test_another_process_with_the_same_id_is_left_alone(tmp_path: Path) -> None:
    """The system reuses process ids: one that started at another time is no orphan."""
    with process_group(LISTENER) as process:
        facts = facts_of(process)
        facts["child_started_at"] -= 100
        file = leave_run_file(tmp_path, 1337, facts)
        assert find_orphans(RunDirectory(tmp_path)) == []
        assert await ended(tmp_path) == []
        assert group_is_alive(process.pid)
    assert not file.exists()


def test_another_group_without_its_leader_is_left_alone(tmp_path: Path) -> None:
    """Without its leader, only a group that runs a hookdeck counts."""
    with process_group(PARENT, LISTENER.replace("hookdeck", "other")) as process:
        leave_run_file(tmp_path, 1337, facts_of(process))
        process.kill()
        process.wait()
        assert find_orphans(RunDirectory(tmp_path)) == []


@pytest.mark.anyio
async def test_the_next_tunnel_removes_the_run_file_of_a_dead_child(
    tmp_path: Path,
) -> None:
    """Finding orphans changes nothing."""
    with process_group(LISTENER) as process:
        file = leave_run_file(tmp_path, 1337, facts_of(process))
    assert find_orphans(RunDirectory(tmp_path)) == []
    assert file.exists()
    assert await ended(tmp_path) == []
    assert not file.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"child_pid": "12", "child_started_at": 1.0},
        {"child_pid": True, "child_started_at": 1.0},
        {"child_pid": 1, "child_started_at": 1.0},
        {"child_pid": -1, "child_started_at": 1.0},
        {"child_pid": 12, "child_started_at": None},
        {"child_pid": os.getpgrp(), "child_started_at": started_at(os.getpgrp())},
    ],
)
@pytest.mark.anyio
async def test_a_run_file_with_an_invalid_process_id_is_removed(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    """Process 1, all processes and our own group are never signalled."""
    file = leave_run_file(tmp_path, 1337, facts)
    assert find_orphans(RunDirectory(tmp_path)) == []
    assert await ended(tmp_path) == []
    assert not file.exists()


def test_the_child_of_a_running_tunnel_is_not_an_orphan(tmp_path: Path) -> None:
    """The owner of the run file ends its own child."""
    directory = RunDirectory(tmp_path)
    with process_group(LISTENER) as process, directory.own("tunnel-1337") as run_file:
        run_file.write(TunnelRun("okta", "/", 1337, **facts_of(process)))
        assert find_orphans(directory) == []


@pytest.mark.anyio
async def test_an_orphan_is_ended_without_asking_field_07(tmp_path: Path) -> None:
    """Its whole group ends, even if it ignores SIGINT; its run file is removed."""
    stubborn = "import signal; signal.signal(2, 1)\n" + LISTENER
    with process_group(PARENT, stubborn) as process:
        file = leave_run_file(tmp_path, 1337, facts_of(process))
        [said] = await ended(tmp_path)
        assert said.startswith("ended the Hookdeck that a killed okhook left running")
        assert said.endswith(f": source okta, port 1337, process group {process.pid}")
        assert not group_is_alive(process.pid)
        assert not file.exists()


@pytest.mark.anyio
async def test_a_hookdeck_below_a_living_okhook_is_left_alone_field_07(tmp_path: Path) -> None:
    """Someone may have removed the lock of a tunnel that runs."""
    with process_group(LISTENER) as process:
        leave_run_file(tmp_path, 1337, {**facts_of(process), "pid": os.getpid()})
        assert await ended(tmp_path) == []
        assert group_is_alive(process.pid)


@pytest.mark.anyio
async def test_an_orphan_that_does_not_end_stops_the_next_tunnel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the command that ends it; the run file stays."""

    async def in_vain(pgid: int) -> bool:
        return False

    monkeypatch.setattr(past_tunnels, "end_group", in_vain)
    with process_group(LISTENER) as process:
        file = leave_run_file(tmp_path, 1337, facts_of(process))
        with pytest.raises(TunnelFailed, match="could not end") as caught:
            await ended(tmp_path)
        assert f"kill -KILL -- -{process.pid}" in (caught.value.next_step or "")
        assert file.exists()
