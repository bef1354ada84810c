"""Pruning: the oldest go, with all that belongs to them, and nothing that is still owed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.filter import RecordFilter
from okhook.store.pruning import open_pruner
from okhook.store.reading import open_reader
from okhook.store.sqlite import SqliteStore, open_store
from tests.support.records import NOON, delivery_body, event, post, stored

pytestmark = pytest.mark.anyio

APP = "http://127.0.0.1:3000/hook"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """A store with ten deliveries, an hour apart, the newest at noon."""
    async with open_store(path) as store:
        for number in range(10):
            moment = NOON - timedelta(hours=9 - number)
            body = delivery_body(f"event-{number}", event(f"uuid-{number}"))
            request = post(body, received_at=moment)
            await store.append(stored(request=request))
        await store.settled()
        yield store


def caught_up(path: Path) -> None:
    with open_reader(path) as reader:
        assert reader.catch_up(lambda _: None) == 0


def prune(path: Path, keep: Keep, *, held_too: bool = False) -> int:
    caught_up(path)
    with open_pruner(path) as pruner:
        plan = pruner.plan(keep, now=NOON)
        return sum(pruner.prune(plan.cut, held_too=held_too))


def kept(path: Path) -> list[int]:
    with open_reader(path) as reader:
        return [found.record.seq for found in reader.in_order(RecordFilter())]


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (KeepAge(timedelta(hours=3)), [7, 8, 9, 10]),
        (KeepCount(2), [9, 10]),
        (KeepCount(0), []),
        (KeepCount(10), list(range(1, 11))),
        (KeepSize(10**6), list(range(1, 11))),
        (KeepSize(0), []),
    ],
)
async def test_the_oldest_go_by_age_count_and_size(
    store: SqliteStore, path: Path, keep: Keep, left: list[int]
) -> None:
    """What is kept is the newest part, and the plan says beforehand how many go."""
    caught_up(path)
    with open_pruner(path) as pruner:
        planned = pruner.plan(keep, now=NOON)
    assert planned.count == 10 - len(left)
    assert prune(path, keep) == planned.count
    assert kept(path) == left


async def test_a_size_keeps_as_many_as_fit(store: SqliteStore, path: Path) -> None:
    """Three deliveries' bytes keep three deliveries."""
    caught_up(path)
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute(
            "SELECT sum(length(body) + length(headers)) FROM record WHERE seq > 7"
        ).fetchone()
    prune(path, KeepSize(size))
    assert kept(path) == [8, 9, 10]


async def test_what_is_gone_leaves_nothing_behind(store: SqliteStore, path: Path) -> None:
    """No word, no id and no attempt of a pruned record can be found, and the file is sound."""
    await settle(store, 1, ForwardState.DONE)
    prune(path, KeepCount(5))
    with open_reader(path) as reader:
        assert reader.identified("event-1") == []
        assert reader.attempts(1) == []
        words = RecordFilter(words=("jane",))
        assert [found.record.seq for found in reader.in_order(words)] == [6, 7, 8, 9, 10]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO word (word) VALUES ('integrity-check')")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (10,)


async def test_what_is_not_forwarded_yet_stays_unless_asked(store: SqliteStore, path: Path) -> None:
    """Waiting, given up and not attempted: each is still owed to the app."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO target (url, since_seq, cursor) VALUES (?, 0, 3)", (APP,))
        connection.commit()
    await settle(store, 1, ForwardState.DONE)
    await settle(store, 2, ForwardState.FAILED)
    await settle(store, 3, ForwardState.WAITING)
    caught_up(path)
    with open_pruner(path) as pruner:
        plan = pruner.plan(KeepCount(5), now=NOON)
    assert (plan.count, plan.held) == (1, 4)
    assert prune(path, KeepCount(5)) == 1
    assert kept(path) == list(range(2, 11))
    assert prune(path, KeepCount(5), held_too=True) == 4
    assert kept(path) == [6, 7, 8, 9, 10]


async def test_a_pruned_store_goes_on(store: SqliteStore, path: Path) -> None:
    """Numbers are never given twice, and what repeats a pruned delivery counts as new."""
    prune(path, KeepCount(0))
    repeat = post(delivery_body("event-9", event("uuid-9")))
    assert await store.append(stored(request=repeat)) == 11
    await store.settled()
    (record,) = await store.after(0, 10)
    assert record.duplicate_of is None


async def test_the_disk_gets_its_room_back(store: SqliteStore, path: Path) -> None:
    """A pruned file is smaller than it was."""
    for number in range(50):
        await store.append(stored(request=post(b" " * 50_000 + delivery_body(f"big-{number}"))))
    await store.settled()
    caught_up(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.stat().st_size
    prune(path, KeepCount(1))
    assert path.stat().st_size < before / 4


async def settle(store: SqliteStore, seq: int, state: ForwardState) -> None:
    """Note an attempt of ``seq`` that ended in ``state``."""
    await store.open_target(APP)
    attempt = Attempt(seq, APP, Purpose.FORWARD, 1, NOON, 0.1, 200)
    next_at = NOON if state is ForwardState.WAITING else None
    await store.settle(attempt, Forward(seq, APP, state, 1, next_at), cursor=seq)
