"""Steps: told when they begin, when they are done, and when they are not."""

import pytest

from okhook.activity import Activity
from okhook.up.activities import StepBegan, StepDone, StepFailed
from okhook.up.steps import Steps

pytestmark = pytest.mark.anyio


async def test_a_step_is_told_with_the_time_it_took() -> None:
    """Waiting first, then done, with its detail and the seconds between."""
    told: list[Activity] = []
    ticks = iter([10.0, 12.5])
    async with Steps(told.append, clock=lambda: next(ticks)).step("receiver") as step:
        assert told == [StepBegan("receiver")]
        step.detail = "http://localhost"
    assert told[1:] == [StepDone("receiver", "http://localhost", 2.5)]


async def test_a_step_that_fails_is_told_and_its_error_goes_on() -> None:
    """The line does not stay waiting; the error itself ends the command."""
    told: list[Activity] = []
    with pytest.raises(ValueError, match="no"):
        async with Steps(told.append).step("tunnel"):
            raise ValueError("no")
    assert told == [StepBegan("tunnel"), StepFailed("tunnel")]
