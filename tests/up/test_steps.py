"""Steps are published when they begin, when they are done, and when they fail."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import pytest

from okhook.activity import Activity
from okhook.up import path_watch
from okhook.up.activities import StepChanged, start, step
from okhook.up.path_watch import SleepWatch
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio


async def test_a_step_is_published_with_its_duration() -> None:
    """First as waiting, then as done, with its detail and the seconds between."""
    published: list[Activity] = []
    async with step("receiver", published.append) as current:
        assert published == [StepChanged("receiver", "waiting")]
        current.detail = "http://localhost"
        await anyio.sleep(0.02)
    [_, done] = published
    assert isinstance(done, StepChanged)
    assert (done.step, done.state, done.detail) == ("receiver", "done", "http://localhost")
    assert 0.01 < (done.elapsed_s or 0) < PATIENCE_S


async def test_a_failed_step_is_published_and_its_error_propagates() -> None:
    """The step does not stay waiting, and the error ends the command."""
    published: list[Activity] = []
    with pytest.raises(ValueError, match="no"):
        async with step("tunnel", published.append):
            raise ValueError("no")
    assert published == [StepChanged("tunnel", "waiting"), StepChanged("tunnel", "failed")]


async def test_a_started_part_outlives_its_step() -> None:
    """The step is done once the part runs; the part ends with the run."""
    published: list[Activity] = []
    ended: list[str] = []

    @asynccontextmanager
    async def part() -> AsyncIterator[str]:
        yield "http://localhost"
        ended.append("receiver")

    async with AsyncExitStack() as held:
        assert await start(
            "receiver", part(), held, published.append, detail=lambda url: f"at {url}"
        )
        [waiting, done] = published
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
