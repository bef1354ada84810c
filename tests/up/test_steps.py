"""Steps: told when they begin, when they are done, and when they are not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from okhook.activity import Activity
from okhook.up.activities import StepChanged
from okhook.up.path_watch import SleepWatch
from okhook.up.steps import Steps

pytestmark = pytest.mark.anyio


async def test_a_step_is_told_with_the_time_it_took() -> None:
    """Waiting first, then done, with its detail and the seconds between."""
    told: list[Activity] = []
    ticks = iter([10.0, 12.5])
    async with Steps(told.append, clock=lambda: next(ticks)).step("receiver") as step:
        assert told == [StepChanged("receiver", "waiting")]
        step.detail = "http://localhost"
    assert told[1:] == [StepChanged("receiver", "done", "http://localhost", 2.5)]


async def test_a_step_that_fails_is_told_and_its_error_goes_on() -> None:
    """The line does not stay waiting; the error itself ends the command."""
    told: list[Activity] = []
    with pytest.raises(ValueError, match="no"):
        async with Steps(told.append).step("tunnel"):
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
        steps = Steps(told.append, clock=lambda: 0.0)
        assert await steps.start("receiver", part(), held, lambda url: f"at {url}")
        assert told == [
            StepChanged("receiver", "waiting"),
            StepChanged("receiver", "done", "at http://localhost", 0.0),
        ]
        assert ended == []
    assert ended == ["receiver"]


def test_a_machine_that_slept_is_noticed_once() -> None:
    """The wall clock went on while the monotonic one stood still; small jumps are NTP's."""
    wall, monotonic = [100.0], [5.0]
    watch = SleepWatch(wall=lambda: wall[0], monotonic=lambda: monotonic[0])
    wall[0] += 60
    monotonic[0] += 45
    assert not watch.slept()
    wall[0] += 300
    monotonic[0] += 1
    assert watch.slept()
    assert not watch.slept()
