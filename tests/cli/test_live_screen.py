"""The screen: slow ones read the store again, and show everything once."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from rich.text import Text

from okhook.activity import Activity, StoreGrew, Warned
from okhook.cli import live_screen
from okhook.cli.console import Console
from okhook.cli.live_screen import Screen, on_screen
from okhook.config.settings import Output
from okhook.errors import StoreFailed
from okhook.records.activities import DeliveryStored, TargetDown
from okhook.records.record import Record
from okhook.runtime.hub import ActivityHub
from okhook.store.open import open_store
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import stored

pytestmark = pytest.mark.anyio

HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"


async def test_what_a_slow_screen_missed_is_read_from_the_store(tmp_path: Path) -> None:
    """A buffer of four and thirty deliveries: each is shown exactly once, in order."""
    seen: list[int] = []

    def render(activity: Activity) -> list[object]:
        assert isinstance(activity, DeliveryStored)
        seen.append(activity.record.seq)
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


async def test_the_deliveries_of_another_receiver_are_not_skipped_field_03(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal skips some when it is far behind, but only its own deliveries count."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(live_screen, "READABLE", 60)
    path, seen = tmp_path / "store.db", list[int]()

    def render(activity: Activity) -> list[Text]:
        assert isinstance(activity, DeliveryStored)
        seen.append(activity.record.seq)
        return []

    async with open_store(path, "one") as one, open_store(path, "two") as two:
        await one.append(stored("mine", "uuid-mine"))
        for number in range(100):
            await two.append(stored(f"event-{number}", f"uuid-{number}"))
        await one.append(stored("mine too", "uuid-mine-too"))
        await one.settled()
        await two.settled()
        for store, shown in ((one, [1, 102]), (two, list(range(52, 102)))):
            hub = ActivityHub()
            screen = Screen(Console(output=Output.TEXT, quiet=False), render, store, last_seq=0)
            with hub.subscribe() as subscription:
                hub.publish(StoreGrew(102))
                hub.end()
                await screen.follow(subscription)
            assert seen == shown
            seen.clear()
    assert capsys.readouterr().err.count("skipped 50 deliveries") == 1


class Broken(Exception):
    """What a test has go wrong."""


async def works() -> None:
    """Come to an end in order."""


async def fails() -> None:
    """End with an error."""
    raise Broken


async def is_cancelled() -> None:
    """Be ended as by Ctrl-C."""
    with anyio.CancelScope() as scope:
        scope.cancel()
        await anyio.sleep_forever()


@pytest.mark.parametrize("work", [works, fails, is_cancelled])
@pytest.mark.parametrize("renders", [True, False])
async def test_whatever_moves_is_gone_at_the_end(
    work: Callable[[], Awaitable[None]],
    renders: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """However a command ends, and if showing fails too, the cursor is there again."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console, hub = Console(output=Output.TEXT, quiet=False), ActivityHub()

    def render(activity: Activity) -> Iterator[Text]:
        if isinstance(activity, TargetDown):
            yield Text("it is down")
            console.wait_for("waiting for it")
        elif not renders:
            raise Broken

    with suppress(Broken, ExceptionGroup):
        async with on_screen(console, render, None, hub):
            hub.publish(TargetDown("http://localhost:3998", "nobody listens"))
            hub.publish(Warned("more"))
            await work()
    written = capsys.readouterr().out
    assert HIDDEN in written
    assert written.rindex(HIDDEN) < written.rindex(SHOWN)


async def test_a_store_that_cannot_be_read_does_not_end_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it could not read is shown in order with whatever is published next."""
    seen: list[Activity] = []

    def render(activity: Activity) -> list[object]:
        seen.append(activity)
        return []

    hub = ActivityHub()
    async with open_store(tmp_path / "store.db") as store:
        for number in range(2):
            await store.append(stored(f"event-{number}", f"uuid-{number}"))
        await store.settled()

        async def away(seq: int, limit: int) -> list[Record]:
            raise StoreFailed("the database is away")

        screen = Screen(Console(output=Output.TEXT, quiet=True), render, store, last_seq=0)  # type: ignore[arg-type]  # shows nothing
        with hub.subscribe() as subscription:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(screen.follow, subscription)
                with monkeypatch.context() as patched:
                    patched.setattr(store, "after", away)
                    hub.publish(StoreGrew(2))
                    await anyio.wait_all_tasks_blocked()
                assert seen == []
                hub.publish(Warned("it is back"))
                with anyio.fail_after(PATIENCE_S):
                    while len(seen) < 3:  # noqa: ASYNC110 - another thread shows them
                        await anyio.sleep(0.01)
                hub.end()
    assert [type(each) for each in seen] == [DeliveryStored, DeliveryStored, Warned]
