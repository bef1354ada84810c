"""Several processes with one store: they find each other's records and duplicates."""

import threading

import anyio
import pytest

from okhook.store.contract import Store
from okhook.store.postgres import listener, writer
from okhook.store.postgres.deriving import CHANNEL
from okhook.store.postgres.store import postgres_store
from tests.store.contract.conftest import keep_all
from tests.support.okhook_process import PATIENCE_S
from tests.support.postgres import Cluster
from tests.support.records import stored
from tests.support.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]


async def test_of_one_delivery_at_two_machines_one_is_the_original(postgres_url: str) -> None:
    """A load balancer may send the same delivery to both at the same moment."""
    count = 40
    async with (
        postgres_store(postgres_url, "ci") as one,
        postgres_store(postgres_url, "ci") as other,
        anyio.create_task_group() as tasks,
    ):

        async def receive(store: Store, name: str) -> None:
            await store.append(stored(name, f"uuid-{name}"))

        for number in range(count):
            for store in (one, other):
                tasks.start_soon(receive, store, f"event-{number}")
    async with postgres_store(postgres_url, "ci") as store:
        with anyio.fail_after(PATIENCE_S):
            while len(records := await store.after(0, 1000)) < 2 * count:  # noqa: ASYNC110
                await anyio.sleep(0.01)
    originals = {r.delivery.event_id: r.seq for r in records if r.duplicate_of is None}
    assert len(originals) == count
    for record in records:
        assert record.duplicate_of in (None, originals[record.delivery.event_id])


async def grown(store: Store, other: Store) -> None:
    """Append to one, and wait until the other says that it grew."""
    told: list[int] = []
    other.on_growth(told.append)
    seq = await store.append(stored("event-1"))
    await until(lambda: max(told, default=0) >= seq)


async def test_a_notification_wakes_the_others(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do not wait until it is time to look."""
    async with postgres_store(postgres_url, "ci") as one, postgres_store(postgres_url, "ci") as two:
        await grown(one, two)
        monkeypatch.setattr(writer, "_LOOK_EVERY_S", 1000.0)
        for _ in range(3):
            await grown(one, two)


async def test_without_notifications_the_others_look(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pooler such as PgBouncer lets a process listen, and delivers nothing."""
    monkeypatch.setattr(listener, "CHANNEL", "nobody_notifies_here")
    async with postgres_store(postgres_url, "ci") as one, postgres_store(postgres_url, "ci") as two:
        for _ in range(3):
            await grown(one, two)


async def test_a_batch_causes_one_notification(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """Not one for each record: listeners would have as much to do as the receiver."""
    told: list[str] = []
    ended = threading.Event()
    database = postgres_url.rpartition("/")[2]
    with postgres_cluster.connect(database) as session:
        session.execute(f"LISTEN {CHANNEL}")
        async with postgres_store(postgres_url, "ci") as store:
            await keep_all(store, (stored(f"event-{number}") for number in range(200)))
            await store.settled()
        session.execute(f"NOTIFY {CHANNEL}, 'end'")
        for notification in session.notifies(timeout=PATIENCE_S):
            if notification.payload == "end":
                break
            told.append(notification.payload)
    ended.set()
    assert 1 <= len(told) <= 10
    assert told[-1] == "200"
