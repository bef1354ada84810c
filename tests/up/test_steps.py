"""Steps: told when they begin, when they are done, and when they are not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import pytest

from okhook.activity import Activity
from okhook.up import path_watch
from okhook.up.activities import StepChanged
from okhook.up.path_watch import SleepWatch
from okhook.up.steps import start, step

pytestmark = pytest.mark.anyio


async def test_a_step_is_told_with_the_time_it_took() -> None:
    """Waiting first, then done, with its detail and the seconds between."""
    told: list[Activity] = []
    async with step("receiver", told.append) as current:
        assert told == [StepChanged("receiver", "waiting")]
        current.detail = "http://localhost"
        await anyio.sleep(0.02)
    [_, done] = told
    assert isinstance(done, StepChanged)
    assert (done.step, done.state, done.detail) == ("receiver", "done", "http://localhost")
    assert 0.01 < (done.elapsed_s or 0) < 20


async def test_a_step_that_fails_is_told_and_its_error_goes_on() -> None:
    """The line does not stay waiting; the error itself ends the command."""
    told: list[Activity] = []
    with pytest.raises(ValueError, match="no"):
        async with step("tunnel", told.append):
            raise ValueError("no")
    assert told == [StepChanged("tunnel", "waiting"), StepChanged("tunnel", "failed")]


async def test_a_part_that_is_started_outlives_its_step() -> None:
    """The step is done once the part runs; the part ends with the run."""
    told: list[Activity] = []
    ended: list[str] = []

    @asynccontextmanager
    async def part() -> AsyncIterator[str]:
        yield "http://localhost"
        ended.append("receiver")

    async with AsyncExitStack() as held:
        assert await start("receiver", part(), held, told.append, detail=lambda url: f"at {url}")
        [waiting, done] = told
        assert waiting == StepChanged("receiver", "waiting")
        assert isinstance(done, StepChanged)
        assert (done.state, done.detail) == ("done", "at http://localhost")
        assert ended == []
    assert ended == ["receiver"]


def test_a_machine_that_slept_is_noticed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock jumps ahead during sleep; NTP causes small jumps only."""
    ahead_s = 95.0
    monkeypatch.setattr(path_watch, "wall_clock_ahead_s", lambda: ahead_s)
    watch = SleepWatch()
    ahead_s += 15
    assert not watch.slept()
    ahead_s += 299
    assert watch.slept()
    assert not watch.slept()
