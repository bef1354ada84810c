"""The screen: slow ones read the store again, and show everything once."""

from pathlib import Path

import anyio
import pytest

from okhook.activity import Activity, DeliveryStored, StoreGrew
from okhook.cli.console import Console
from okhook.cli.options import Output
from okhook.cli.screen import Screen
from okhook.runtime.hub import ActivityHub
from okhook.store.sqlite import open_store
from tests.records import stored

pytestmark = pytest.mark.anyio


async def test_what_a_slow_screen_missed_is_read_from_the_store(tmp_path: Path) -> None:
    """A buffer of four and thirty deliveries: each is shown exactly once, in order."""
    seen: list[int] = []

    def render(activity: Activity) -> list[object]:
        assert isinstance(activity, DeliveryStored)
        seen.append(activity.seq)
        return []

    hub = ActivityHub(capacity=4)
    async with open_store(tmp_path / "store.db") as store:
        store.on_growth(lambda seq: hub.publish(StoreGrew(seq)))
        console = Console(output=Output.TEXT, quiet=True)
        screen = Screen(console, render, store, last_seq=0)  # type: ignore[arg-type]  # shows nothing
        with hub.subscribe() as subscription:
            for number in range(30):
                await store.append(stored(f"event-{number}", f"uuid-{number}"))
                await store.settled()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(screen.follow, subscription)
                await anyio.wait_all_tasks_blocked()
                await store.append(stored("last", "uuid-last"))
                await store.settled()
                hub.end()
    assert seen == list(range(1, 32))
