"""The SQLite store: what is appended is there, equal, once, and found again as a duplicate."""

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.errors import StoreFailed
from okhook.records.record import Record
from okhook.store.reading import open_reader
from okhook.store.sqlite import SqliteStore, open_store
from okhook.wire.delivery import InboundRequest
from tests.support.records import NOON, delivery_body, post, stored

pytestmark = pytest.mark.anyio


async def all_of(store: SqliteStore) -> list[Record]:
    """Return every record, once the duplicates among them are known."""
    await store.settled()
    return await store.after(0, 1000)


async def duplicates_of(store: SqliteStore) -> list[int | None]:
    return [record.duplicate_of for record in await all_of(store)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


async def test_an_appended_record_comes_back_equal(path: Path) -> None:
    """Every part of the request survives closing and opening the file again."""
    request = post(delivery_body(), (b"x-a", b"1"), (b"x-a", b"2"))
    async with open_store(path) as store:
        await store.append(stored(request=request))
        await store.settled()
    async with open_store(path) as store:
        (record,) = await all_of(store)
    assert record.request == request
    assert (record.seq, record.status, record.duplicate_of) == (1, 204, None)


@settings(max_examples=40, deadline=None)
@given(
    headers=st.lists(st.tuples(st.binary(), st.binary())).map(tuple),
    body=st.binary(),
    moment=st.datetimes(timezones=st.just(UTC)),
)
def test_any_bytes_come_back_equal(
    headers: tuple[tuple[bytes, bytes], ...], body: bytes, moment: datetime
) -> None:
    """Headers and body are bytes to the store: whatever they hold comes back as it was."""
    request = InboundRequest("POST", "/p", headers, body, moment)

    async def there_and_back() -> InboundRequest:
        with tempfile.TemporaryDirectory() as directory:
            async with open_store(Path(directory) / "store.db") as store:
                await store.append(stored(request=request))
                return (await all_of(store))[0].request

    assert anyio.run(there_and_back) == request


async def test_the_same_event_id_is_a_duplicate_of_the_first(path: Path) -> None:
    """A repeated delivery is kept, and points at the first one however often it comes."""
    async with open_store(path) as store:
        assert [await store.append(stored("event-1", "uuid-1")) for _ in range(3)] == [1, 2, 3]
        assert await duplicates_of(store) == [None, 1, 1]


async def test_the_same_events_under_another_id_are_a_duplicate(path: Path) -> None:
    """An event is known by its uuid, also when it comes in another delivery."""
    async with open_store(path) as store:
        await store.append(stored("event-1", "uuid-1", "uuid-2"))
        await store.append(stored("event-2", "uuid-2"))
        assert await duplicates_of(store) == [None, 1]


async def test_one_new_event_among_known_ones_makes_a_delivery_new(path: Path) -> None:
    """A delivery that carries something new must not be passed over as a repetition."""
    async with open_store(path) as store:
        await store.append(stored("event-1", "uuid-1"))
        await store.append(stored("event-2", "uuid-1", "uuid-9"))
        assert await duplicates_of(store) == [None, None]


async def test_what_cannot_be_recognised_is_never_a_duplicate(path: Path) -> None:
    """Deliveries without an eventId and uuids have nothing in common."""
    nothing = {"eventType": "user.lifecycle.create"}
    async with open_store(path) as store:
        for _ in range(2):
            await store.append(stored(request=post(delivery_body(None, nothing))))
        assert await duplicates_of(store) == [None, None]


async def test_appends_at_once_are_all_kept_in_one_order(path: Path) -> None:
    """Many appends at the same time get distinct, gapless numbers, and each its own."""
    results: dict[str, int] = {}
    async with open_store(path) as store:

        async def append(name: str) -> None:
            results[name] = await store.append(stored(name, request=post(name.encode())))

        async with anyio.create_task_group() as tasks:
            for number in range(500):
                tasks.start_soon(append, f"event-{number}")
        records = await all_of(store)
    assert [record.seq for record in records] == list(range(1, 501))
    for record in records:
        assert results[record.request.body.decode()] == record.seq


async def test_a_cancelled_append_leaves_the_store_working(path: Path) -> None:
    """A caller that goes away before its commit takes nobody else with it."""
    async with open_store(path) as store:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(store.append, stored("event-1"))
            tasks.cancel_scope.cancel()
        await store.append(stored("event-2"))
        assert (await all_of(store))[-1].request.body == delivery_body("event-2")


async def test_reading_goes_on_while_another_process_writes(path: Path) -> None:
    """Two stores on one file see each other's records: WAL lets several write in turn."""
    async with open_store(path) as one, open_store(path) as other:
        await one.append(stored("event-1"))
        await other.append(stored("event-1"))
        assert await duplicates_of(other) == [None, 1]
        assert await one.last_seq() == 2


async def test_a_store_held_by_another_writer_fails_and_recovers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody else holds the write lock an append fails by name; afterwards it works."""
    monkeypatch.setattr("okhook.store.connecting.BUSY_TIMEOUT_S", 0.05)
    async with open_store(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreFailed, match="held by another process"):
                await store.append(stored("event-1"))
            other.execute("ROLLBACK")
        assert await store.append(stored("event-1")) == 1


async def test_a_newer_schema_is_refused(path: Path) -> None:
    """A file of a newer okhook is left alone, and the error says what to do."""
    async with open_store(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreFailed, match="newer okhook") as caught:
        async with open_store(path):
            pass
    assert caught.value.next_step is not None
    assert "upgrade" in caught.value.next_step


async def test_another_programs_database_is_refused(path: Path) -> None:
    """A database that is not ours gets no tables of ours."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()
    with pytest.raises(StoreFailed, match="another program"):
        async with open_store(path):
            pass


async def test_a_damaged_file_is_named_and_left_as_it_is(path: Path) -> None:
    """Garbage where the store should be is never overwritten."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreFailed, match="damaged"):
        async with open_store(path):
            pass
    assert path.read_bytes() == before


async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the state directory is an error of the store, with its path."""
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(StoreFailed, match="cannot be used"):
        async with open_store(tmp_path / "state" / "store.db"):
            pass


async def test_the_file_is_its_owners_alone(path: Path) -> None:
    """Payloads hold people's names: nobody else on the machine can read them."""
    async with open_store(path):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


async def test_readers_of_another_process_need_no_writer(path: Path) -> None:
    """A reader works on a store that nobody has open."""
    async with open_store(path) as store:
        await store.append(stored("event-1"))
        await store.settled()
    with open_reader(path) as reader:
        assert reader.last_seq() == 1
        assert reader.after(0, 5)[0].record.request.received_at == NOON


async def test_an_append_after_the_end_fails(path: Path) -> None:
    """A closed store says so and does not wait for a writer that is gone."""
    async with open_store(path) as store:
        pass
    with pytest.raises(StoreFailed, match="closed"):
        await store.append(stored("event-1"))


async def test_an_orderly_end_leaves_one_file(path: Path) -> None:
    """What is copied after Ctrl-C is one file with everything in it."""
    async with open_store(path) as store:
        await store.append(stored("event-1"))
    assert [file.name for file in path.parent.iterdir()] == ["store.db"]


async def test_a_log_without_its_store_is_not_thrown_away(path: Path) -> None:
    """A store that was deleted while its log held deliveries is told of, and nothing is made."""
    async with open_store(path) as store:
        await store.append(stored("event-1"))
        log = path.with_name("store.db-wal").read_bytes()
    path.unlink()
    path.with_name("store.db-wal").write_bytes(log)
    with pytest.raises(StoreFailed, match="is missing, and its log"):
        async with open_store(path):
            pass
    assert path.with_name("store.db-wal").read_bytes() == log
    assert not path.exists()
