"""An answer that several checks need is asked for once."""

import anyio
import pytest

from okhook.doctor.once import Once
from okhook.errors import Unavailable

pytestmark = pytest.mark.anyio


async def test_many_who_ask_at_once_cause_one_question() -> None:
    """And all of them have its answer, also where it is None."""
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        await anyio.lowlevel.checkpoint()

    once = Once(ask)
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(once.get)
    assert asked == 1


async def test_a_fault_is_everyones_and_is_not_asked_for_again() -> None:
    """An org that is down is called once, not by each check."""
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        raise Unavailable("down")

    once = Once(ask)
    with pytest.raises(Unavailable):
        await once.get()
    assert await once.get_or_none() is None
    assert asked == 1


async def test_whoever_asks_after_a_cancelled_one_asks_anew() -> None:
    """A check whose time is over takes no answer away from the others."""
    first = True

    async def ask() -> str:
        nonlocal first
        if first:
            first = False
            await anyio.sleep_forever()
        return "answer"

    once = Once(ask)
    with anyio.move_on_after(0.01):
        await once.get()
    assert await once.get() == "answer"
