"""When receivers ran: while they run, after their end, and after they were killed."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.runtime import uptime
from okhook.runtime.ids import utc_now
from okhook.runtime.uptime import Period, Uptime
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import NOON
from tests.support.waiting import wait_until

RUN_UNTIL_KILLED = """
import sys
from pathlib import Path
import anyio
from okhook.runtime import uptime
from okhook.runtime.ids import utc_now
uptime.BEAT_S = 0.25
async def run():
    async with uptime.Uptime(Path(sys.argv[1]), now=utc_now).kept():
        print("runs", flush=True)
        await anyio.sleep_forever()
anyio.run(run)
"""


class Clock:
    """A clock that a test sets."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def write(directory: Path, name: str, content: object, *, beat: datetime | None = None) -> Path:
    path = directory / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    if beat is not None:
        os.utime(path, (beat.timestamp(), beat.timestamp()))
    return path


def a_run(began: datetime, ended: datetime | None = None) -> dict[str, str | None]:
    return {"began": began.isoformat(), "ended": ended.isoformat() if ended else None}


def last_beat(directory: Path) -> int:
    return max(path.stat().st_mtime_ns for path in directory.glob("*.json"))


@pytest.mark.anyio
async def test_a_run_is_known_while_it_lasts_and_afterwards(tmp_path: Path) -> None:
    """It has an end when it is over."""
    directory, clock = tmp_path / "state" / "uptime", Clock(utc_now())
    began = clock.moment
    runs = Uptime(directory, now=clock)
    assert runs.periods() == []
    async with runs.kept():
        assert runs.periods() == [Period(began, None)]
        clock.moment += timedelta(seconds=7)
    assert runs.periods() == [Period(began, began + timedelta(seconds=7))]


@pytest.mark.anyio
async def test_runs_are_kept_apart(tmp_path: Path) -> None:
    """At the same time or one after the other; they are in the order of their beginnings."""
    clock = Clock(utc_now())
    first, second = clock.moment, clock.moment + timedelta(seconds=1)
    runs = Uptime(tmp_path, now=clock)
    async with runs.kept():
        clock.moment = second
        async with runs.kept():
            pass
        assert runs.periods() == [Period(first, None), Period(second, second)]
    assert runs.periods() == [Period(first, second), Period(second, second)]


@pytest.mark.anyio
async def test_a_run_that_fails_has_ended_too(tmp_path: Path) -> None:
    """Its end is recorded whatever ends the block."""
    clock = Clock(utc_now())
    runs = Uptime(tmp_path, now=clock)
    with pytest.raises((LookupError, ExceptionGroup)):
        async with runs.kept():
            raise LookupError
    assert runs.periods() == [Period(clock.moment, clock.moment)]


@pytest.mark.anyio
async def test_a_run_that_is_cancelled_has_ended_too(tmp_path: Path) -> None:
    """Ctrl-C cancels the block; its end is still recorded."""
    clock = Clock(utc_now())
    runs = Uptime(tmp_path, now=clock)
    with anyio.CancelScope() as scope:
        async with runs.kept():
            scope.cancel()
            await anyio.sleep_forever()
    assert runs.periods() == [Period(clock.moment, clock.moment)]


def test_a_killed_run_ended_with_its_last_beat(tmp_path: Path) -> None:
    """SIGKILL writes nothing."""
    before = utc_now()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_UNTIL_KILLED, str(tmp_path)], stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"runs\n"
        at_first = last_beat(tmp_path)
        wait_until(lambda: last_beat(tmp_path) != at_first, lambda: "it does not beat")
        *_, running = Uptime(tmp_path, now=utc_now).periods()
        assert running.ended is None
        process.send_signal(signal.SIGKILL)
    killed_at = utc_now()
    *_, period = Uptime(tmp_path, now=utc_now).periods()
    assert before <= period.began <= killed_at
    assert period.ended is not None
    assert period.ended.timestamp() == pytest.approx(last_beat(tmp_path) / 1e9, abs=1e-3)


@pytest.mark.anyio
async def test_a_long_run_beats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an old beat a run counts as over; the next beat changes that."""
    monkeypatch.setattr(uptime, "BEAT_S", 0.01)
    runs = Uptime(tmp_path, now=utc_now)
    async with runs.kept():
        (path,) = tmp_path.glob("*.json")
        long_ago = (utc_now() - timedelta(hours=1)).timestamp()
        os.utime(path, (long_ago, long_ago))
        with anyio.fail_after(PATIENCE_S):
            while path.stat().st_mtime == long_ago:
                await anyio.lowlevel.checkpoint()


def test_a_run_without_a_lock_ended_with_its_last_beat(tmp_path: Path) -> None:
    """Even if the beat is recent."""
    began, beat = NOON - timedelta(hours=2), NOON - timedelta(seconds=1)
    write(tmp_path, "run", a_run(began), beat=beat)
    assert Uptime(tmp_path, now=Clock()).periods() == [Period(began, beat)]


def test_two_missing_beats_mean_that_a_run_was_halted(tmp_path: Path) -> None:
    """One beat may be late; the last one is the end."""
    began = NOON - timedelta(hours=2)
    for seconds, ended in ((0, None), (29, None), (31, NOON - timedelta(seconds=31))):
        path = write(tmp_path, "run", a_run(began), beat=NOON - timedelta(seconds=seconds))
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            assert Uptime(tmp_path, now=Clock()).periods() == [Period(began, ended)]


@pytest.mark.anyio
async def test_a_halted_run_counts_as_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The laptop slept from one beat to the next: nothing was received between them."""
    monkeypatch.setattr(uptime, "BEAT_S", 0.01)
    clock = Clock(utc_now())
    began, woke = clock.moment, clock.moment + timedelta(hours=8)
    runs = Uptime(tmp_path, now=clock)
    async with runs.kept():
        with anyio.fail_after(PATIENCE_S):
            await anyio.wait_all_tasks_blocked()
            clock.moment = woke
            while len(list(tmp_path.glob("*.json"))) == 1:
                await anyio.lowlevel.checkpoint()
    assert runs.periods() == [Period(began, began), Period(woke, woke)]


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "7", "null", '"x"', "{}", "[" * 100_000,
        '{"began": 7, "ended": null}',
        '{"began": "x", "ended": null}',
        '{"began": "2026-11-24T12:00:00", "ended": null}',
        '{"began": "2026-11-24T12:00:00+00:00"}',
        '{"began": "2026-11-24T12:00:00+00:00", "ended": "2026-11-24T12:00:00"}',
        '{"began": "2026-11-24T12:00:00+00:00", "ended": 7}',
        '{"began": "0001-01-01T00:00:00+14:00", "ended": null}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_ignored(tmp_path: Path, content: str) -> None:
    """The other runs are still found."""
    write(tmp_path, "broken", content)
    write(tmp_path, "whole", a_run(NOON, NOON))
    assert Uptime(tmp_path, now=Clock()).periods() == [Period(NOON, NOON)]


@settings(deadline=None)
@given(content=st.binary(max_size=60))
def test_no_content_raises(content: bytes) -> None:
    """The runs can be read whatever a file contains."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "run.json").write_bytes(content)
        assert Uptime(Path(directory), now=Clock()).periods() == []


def test_times_with_another_offset_are_utc(tmp_path: Path) -> None:
    """A file may have times with any offset."""
    write(tmp_path, "run", {"began": "2026-11-24T14:00:00+02:00", "ended": "2026-11-24T13:00Z"})
    (period,) = Uptime(tmp_path, now=Clock()).periods()
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert period == Period(noon, noon + timedelta(hours=1))
    assert period.began.utcoffset() == timedelta(0)


@pytest.mark.anyio
async def test_a_run_that_cannot_be_recorded_goes_on(tmp_path: Path) -> None:
    """Here a file has the name of the directory."""
    in_the_way = tmp_path / "uptime"
    in_the_way.write_text("")
    runs = Uptime(in_the_way / "below", now=utc_now)
    ran = False
    async with runs.kept():
        ran = True
        assert runs.periods() == []
    assert ran


@pytest.mark.anyio
async def test_a_directory_that_vanishes_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the state is deleted, neither a beat nor a halt nor the end fails."""
    monkeypatch.setattr(uptime, "BEAT_S", 0.01)
    directory, clock = tmp_path / "uptime", Clock(utc_now())
    runs = Uptime(directory, now=clock)
    async with runs.kept():
        (path,) = directory.glob("*.json")
        path.unlink()
        directory.rmdir()
        await anyio.wait_all_tasks_blocked()
        clock.moment += timedelta(hours=1)
        with anyio.fail_after(PATIENCE_S):
            while not directory.exists():
                await anyio.lowlevel.checkpoint()
    assert runs.periods() == [Period(clock.moment, clock.moment)]


@pytest.mark.anyio
async def test_old_runs_are_forgotten(tmp_path: Path) -> None:
    """The next run removes those from before the System Log begins."""
    old, young = NOON - timedelta(days=92), NOON - timedelta(days=90)
    write(tmp_path, "old", a_run(old, old), beat=old)
    write(tmp_path, "killed", a_run(old), beat=old)
    write(tmp_path, "young", a_run(young, young), beat=young)
    (tmp_path / "other.txt").write_text("")
    os.utime(tmp_path / "other.txt", (old.timestamp(), old.timestamp()))
    runs = Uptime(tmp_path, now=Clock())
    async with runs.kept():
        pass
    assert [period.began for period in runs.periods()] == [young, NOON]
    assert {path.name for path in tmp_path.iterdir()} >= {"young.json", "other.txt"}
    assert not (tmp_path / "killed.json").exists()


@pytest.mark.anyio
async def test_a_file_that_is_removed_during_a_read_is_ignored(tmp_path: Path) -> None:
    """Two runs that begin at once remove the same old files."""
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    runs = Uptime(tmp_path, now=utc_now)
    async with runs.kept():
        assert len(runs.periods()) == 1
