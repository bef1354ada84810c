"""What several checks need to know: asked for once, and of nobody who has no say in it."""

import anyio
import pytest

from okhook.doctor.facts import Cached
from okhook.errors import Unavailable
from tests.doctor.hooks import LOCAL_ORG, facts, hook, with_setup

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:4000/somebody-elses"


async def test_many_who_ask_at_once_cause_one_question() -> None:
    """And all of them have its answer, also where it is None."""
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        await anyio.lowlevel.checkpoint()

    cached = Cached(ask)
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(cached.get)
    assert asked == 1


async def test_a_fault_is_everyones_and_is_not_asked_for_again() -> None:
    """An org that is down is called once, not by each check."""
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        raise Unavailable("down")

    cached = Cached(ask)
    with pytest.raises(Unavailable):
        await cached.get()
    assert await cached.get_or_none() is None
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

    cached = Cached(ask)
    with anyio.move_on_after(0.01):
        await cached.get()
    assert await cached.get() == "answer"


async def test_an_org_elsewhere_does_not_say_where_on_this_machine_a_secret_goes() -> None:
    """It cannot call such a URL; another program may listen there. A sandbox can."""
    elsewhere = facts(hook=hook(url=LOCAL))
    assert await elsewhere.canary_route.get() is None
    sandbox = facts(with_setup(org=LOCAL_ORG), hook=hook(url=LOCAL))
    route = await sandbox.canary_route.get()
    assert route is not None
    assert route.url == LOCAL
