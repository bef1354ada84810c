"""A copy of a store has everything that the store has, whatever interrupts it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from okhook.config.store_location import DatabaseUrl, StoreLocation
from okhook.errors import AnswerIsNo, StoreFailed
from okhook.quantities import KeepCount
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import RecordFilter
from okhook.secret import Secret
from okhook.store.copying import Copied, CopyTarget
from okhook.store.open import open_reader, open_store
from tests.cli.history import fill_store
from tests.support.copied import copy_of_store
from tests.support.found import APP
from tests.support.records import NOON, delivery_body, event, post, stored

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def filled(home: Path) -> Path:
    """Return a store with all kinds of records, two receivers, and a pruned beginning."""
    fill_store(home)
    path = home / "state" / "store.db"
    anyio.run(_fill_more, path)
    with open_reader(path) as reader:
        reader.catch_up(lambda _: None)
        list(reader.prune(reader.plan_pruning(KeepCount(9), now=NOON), held_too=True))
    return path


async def _fill_more(path: Path) -> None:
    async with open_store(path, "ci") as store:
        await store.open_target(APP)
        for n in range(1, 5):
            body = delivery_body(f"more-{n % 3}", event(f"more-{n % 3}"))
            seq = await store.append(stored(f"more-{n}", request=post(body)))
            status = 204 if n % 2 else 500
            at = NOON + timedelta(seconds=n)
            attempt = Attempt(seq, APP, Purpose.FORWARD, 1, at, 0.25, status, answer=b"\x00\xff")
            state = ForwardState.DONE if n % 2 else ForwardState.WAITING
            await store.settle(attempt, Forward(seq, APP, state, 1, at), cursor=seq)
        await store.settled()


def content(where: StoreLocation) -> dict[str, Any]:
    """Return all that a reader can tell of a store."""
    with open_reader(where) as reader:
        assert reader.catch_up(lambda _: None) == 0
        found = list(reader.in_order(RecordFilter(everything=True)))
        return {
            "found": found,
            "attempts": [reader.attempts(each.record.seq) for each in found],
            "repeats": [reader.repeats(each.record.seq) for each in found],
            "targets": reader.targets(),
            "receivers": reader.receivers(),
            "types": reader.event_types_seen(),
            "arrivals": reader.arrivals(LONG_AGO),
            "latencies": reader.latencies(100),
            "backlogs": reader.backlogs(),
            "jane": reader.find(RecordFilter(words=("jane*",)), limit=100),
            "carrying": reader.carrying(["more-1", "uuid-1"]),
            "last": reader.last_seq(),
        }


class Killed(BaseException):
    """Stands for a SIGKILL: nothing is tidied up."""


@dataclass
class Fragile:
    """A target that is gone after so many calls."""

    target: CopyTarget
    calls_left: int

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a method of the target
        if not self.calls_left:
            raise Killed
        self.calls_left -= 1
        return getattr(self.target, name)


@contextmanager
def in_a_file() -> Iterator[StoreLocation]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "copy.db"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("home"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest) -> Iterator[StoreLocation]:
    if request.param == "postgres":
        yield DatabaseUrl(Secret(request.getfixturevalue("postgres_url")))
        return
    with in_a_file() as place:
        yield place


async def append_one(where: StoreLocation) -> int:
    async with open_store(where, "ci") as store:
        return await store.append(stored("next"))


def test_a_copy_has_all_that_the_store_has(source: Path, target: StoreLocation) -> None:
    """With the same numbers, and the next delivery gets the number that it had got there."""
    assert copy_of_store(source, target) == Copied(9, 4, resumed=False)
    assert content(target) == content(source)
    assert anyio.run(append_one, target) == 13


def test_the_way_back_is_the_same(source: Path, target: StoreLocation, tmp_path: Path) -> None:
    copy_of_store(source, target)
    copy_of_store(target, tmp_path / "back.db")
    assert content(tmp_path / "back.db") == content(source)


def test_a_copy_that_was_killed_anywhere_is_continued(source: Path) -> None:
    """Until it is complete no receiver may store into it: numbers would be given twice."""
    expected, calls = content(source), 0
    while True:
        with in_a_file() as target:
            try:
                copy_of_store(source, target, lambda filling, n=calls: Fragile(filling, n))  # type: ignore[misc]
            except Killed:
                if calls > 3:
                    with pytest.raises(StoreFailed, match="is not complete") as refused:
                        anyio.run(append_one, target)
                    assert f"okhook store copy {source} {target}" in str(refused.value.next_step)
                copy_of_store(source, target)
                assert content(target) == expected
                calls += 3
                continue
            break
    assert calls > 10


def test_what_arrived_since_is_added(tmp_path: Path) -> None:
    """The second run copies only that, and what changed: a delivery that waited is done now."""
    source, target = filled(tmp_path), tmp_path / "copy.db"
    copy_of_store(source, target)

    async def go_on() -> None:
        async with open_store(source, "ci") as store:
            (waiting, *_) = await store.waiting(APP, 10)
            attempt = Attempt(waiting.seq, APP, Purpose.FORWARD, 2, NOON, 0.1, 204)
            done = Forward(waiting.seq, APP, ForwardState.DONE, 2)
            await store.settle(attempt, done, cursor=waiting.seq)
            await store.append(stored("new", request=post(delivery_body("new", event("new")))))
            await store.settled()

    anyio.run(go_on)
    with open_reader(source) as reader:
        reader.catch_up(lambda _: None)
    assert copy_of_store(source, target) == Copied(1, 1, resumed=True)
    assert content(target) == content(source)


def test_a_store_with_other_records_is_not_touched(source: Path, target: StoreLocation) -> None:
    """Neither one with its own, nor the copy of another one, nor a copy that is in use."""
    anyio.run(append_one, target)
    before = content(target)
    with pytest.raises(AnswerIsNo, match="nothing was copied"):
        copy_of_store(source, target)
    assert content(target) == before


def test_a_copy_in_use_is_not_touched(source: Path, target: StoreLocation) -> None:
    copy_of_store(source, target)
    anyio.run(append_one, target)
    with pytest.raises(AnswerIsNo, match="nothing was copied"):
        copy_of_store(source, target)
