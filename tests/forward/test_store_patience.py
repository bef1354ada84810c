"""What a failing store is asked, how often, and what there is to see of it."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from okhook.activity import Activity, ForwardingWaits
from okhook.errors import StoreFailed
from okhook.forward.retry import StorePatience
from tests.forward.virtual_time import VirtualTimeLoop

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


def failing_first(times: int, asked_s: list[float]) -> Callable[[], Awaitable[str]]:
    async def act() -> str:
        asked_s.append(round(anyio.current_time() - began_s, 3))
        if len(asked_s) <= times:
            raise StoreFailed("it is full", why="no space")
        return "done"

    began_s = anyio.current_time()
    return act


def patience(seen: list[Activity]) -> StorePatience:
    return StorePatience("the work", publish=seen.append, chance=lambda: 0.0)


async def test_a_call_is_repeated_until_it_succeeds() -> None:
    """After growing waits of at most five seconds, with one warning."""
    seen: list[Activity] = []
    asked_s: list[float] = []
    assert await patience(seen).until_done(failing_first(7, asked_s)) == "done"
    assert asked_s == [0, 1, 3, 8, 13, 18, 23, 28]
    assert seen == [ForwardingWaits("the work waits: it is full (no space)")]


async def test_concurrent_failures_cause_one_warning() -> None:
    """Even if other calls succeed meanwhile; a later failure causes another one."""
    seen: list[Activity] = []
    patient = patience(seen)
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(patient.until_done, failing_first(5, []))
        await anyio.sleep(1)
        await patient.until_done(failing_first(0, []))
        await anyio.sleep(1)
        await patient.until_done(failing_first(2, []))
    assert len(seen) == 1
    await patient.until_done(failing_first(2, []))
    assert len(seen) == 2


async def test_a_single_failure_is_no_news() -> None:
    """A database that moves to another server is back within a second."""
    seen: list[Activity] = []
    assert await patience(seen).until_done(failing_first(1, [])) == "done"
    assert seen == []


async def test_another_error_is_raised() -> None:
    """A bug is not repeated."""

    async def act() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await patience([]).until_done(act)
