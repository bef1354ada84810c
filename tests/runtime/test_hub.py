"""The activity hub: every reader gets every activity, and publishing never waits."""

import anyio
import pytest

from okhook.activity import ReceiverReady, Stopped
from okhook.runtime.hub import ActivityHub

pytestmark = pytest.mark.anyio


def ready(number: int) -> ReceiverReady:
    return ReceiverReady(str(number), auth=False)


async def test_every_reader_gets_everything_in_order() -> None:
    """Two readers get the same activities in the order of publishing."""
    hub = ActivityHub()
    with hub.subscribe() as one, hub.subscribe() as other:
        hub.publish(ready(1))
        hub.publish(ready(2))
        assert await one.batch() == await other.batch() == [ready(1), ready(2)]


async def test_a_slow_reader_loses_the_oldest() -> None:
    """The buffer is bounded: publishing never waits for a reader."""
    hub = ActivityHub(capacity=3)
    with hub.subscribe() as reader:
        for number in range(5):
            hub.publish(ready(number))
        assert await reader.batch() == [ready(2), ready(3), ready(4)]


async def test_a_waiting_reader_wakes_up_and_ends() -> None:
    """It gets the next activity, then the rest, then the end."""
    hub = ActivityHub()
    seen: list[object] = []
    async with anyio.create_task_group() as tasks:
        with hub.subscribe() as reader:

            async def read() -> None:
                while batch := await reader.batch():
                    seen.extend(batch)

            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            hub.publish(ready(1))
            await anyio.wait_all_tasks_blocked()
            hub.publish(Stopped())
            hub.end()
    assert seen == [ready(1), Stopped()]


def test_publishing_without_a_reader_does_nothing() -> None:
    """Publishing without a reader does nothing."""
    ActivityHub().publish(ready(1))
