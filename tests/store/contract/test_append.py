"""Appending: records come back equal, once, and in the order of their numbers."""

from datetime import UTC

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.errors import StoreFailed
from okhook.records.record import Record
from okhook.store.contract import Store
from okhook.wire.delivery import InboundRequest
from tests.store.contract.conftest import Opener, Place, keep_all
from tests.support.records import NOON, delivery_body, post, stored

pytestmark = pytest.mark.anyio


async def all_of(store: Store) -> list[Record]:
    """Return every record, once the duplicates among them are known."""
    await store.settled()
    return await store.after(0, 1000)


async def test_an_appended_record_comes_back_equal(place: Place) -> None:
    """Every part of the request survives closing and opening the store again."""
    request = post(delivery_body(), (b"x-a", b"1"), (b"x-a", b"2"))
    async with place.store() as store:
        await store.append(stored(request=request))
        await store.settled()
    async with place.store() as store:
        (record,) = await all_of(store)
        assert await store.records((1, 2), most_bytes=1 << 20) == [record]
    assert record.request == request
    assert (record.seq, record.status, record.duplicate_of) == (1, 204, None)


async def test_records_are_read_until_they_have_so_many_bytes(place: Place) -> None:
    """At least one, so that a large body is sent too."""
    async with place.store() as store:
        for length in (10, 10, 5_000, 10):
            await store.append(stored(request=post(b"x" * length)))
        cases = {1: [1], 10: [1], 11: [1, 2], 20: [1, 2], 21: [1, 2, 3], 1 << 20: [1, 2, 3, 4]}
        for most_bytes, expected in cases.items():
            found = await store.records((1, 2, 3, 4, 5), most_bytes)
            assert [record.seq for record in found] == expected, most_bytes
        assert [record.seq for record in await store.records((3,), 1)] == [3]
        assert [record.seq for record in await store.records((2, 4), 1 << 20)] == [2, 4]


@settings(max_examples=20, deadline=None)
@given(
    requests=st.lists(
        st.builds(
            InboundRequest,
            method=st.just("POST"),
            path=st.just("/p"),
            headers=st.lists(st.tuples(st.binary(), st.binary())).map(tuple),
            body=st.binary(),
            received_at=st.datetimes(timezones=st.just(UTC)),
        ),
        min_size=1,
    )
)
def test_any_bytes_come_back_equal(opener: Opener, requests: list[InboundRequest]) -> None:
    """Headers and body may contain any bytes."""

    async def there_and_back() -> list[InboundRequest]:
        with opener() as place:
            async with place.store() as store:
                await keep_all(store, [stored(request=request) for request in requests])
                return [record.request for record in await all_of(store)]

    assert anyio.run(there_and_back) == requests


async def test_concurrent_appends_are_all_stored(place: Place) -> None:
    """Concurrent appends get distinct numbers without gaps."""
    results: dict[str, int] = {}
    async with place.store() as store:

        async def append(name: str) -> None:
            results[name] = await store.append(stored(name, request=post(name.encode())))

        async with anyio.create_task_group() as tasks:
            for number in range(500):
                tasks.start_soon(append, f"event-{number}")
        records = await all_of(store)
    assert [record.seq for record in records] == list(range(1, 501))
    for record in records:
        assert results[record.request.body.decode()] == record.seq


async def test_a_cancelled_append_leaves_the_store_working(place: Place) -> None:
    """A cancelled caller does not affect other callers."""
    async with place.store() as store:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(store.append, stored("event-1"))
            tasks.cancel_scope.cancel()
        await store.append(stored("event-2"))
        assert (await all_of(store))[-1].request.body == delivery_body("event-2")


async def test_several_write_in_turn_and_see_each_others_records(place: Place) -> None:
    """Two receivers can share a store, and find each other's duplicates."""
    async with place.store() as one, place.store() as other:
        await one.append(stored("event-1"))
        await other.append(stored("event-1"))
        assert [record.duplicate_of for record in await all_of(other)] == [None, 1]
        assert await one.last_seq() == 2


async def test_listeners_get_the_last_seq_checked_for_duplicates(place: Place) -> None:
    """The number only grows, and reaches the last appended record."""
    told: list[int] = []
    async with place.store() as store:
        store.on_growth(told.append)
        for number in range(3):
            await store.append(stored(f"event-{number}"))
        assert await store.settled() == 3
    assert told == sorted(set(told))
    assert told[-1] == 3


async def test_an_append_after_the_end_fails(place: Place) -> None:
    """A closed store raises an error and does not hang."""
    async with place.store() as store:
        pass
    with pytest.raises(StoreFailed, match="closed"):
        await store.append(stored("event-1"))


async def test_a_reader_needs_no_writer(place: Place) -> None:
    """It reads a store that no other process has open, page by page."""
    async with place.store() as store:
        for number in range(3):
            await store.append(stored(f"event-{number}"))
        await store.settled()
    with place.reader() as reader:
        assert reader.last_seq() == 3
        assert [found.record.seq for found in reader.after(0, 2)] == [1, 2]
        assert [found.record.seq for found in reader.after(2, 2)] == [3]
        assert reader.after(0, 1)[0].record.request.received_at == NOON


def test_a_reader_fails_if_there_is_no_store(place: Place) -> None:
    """The error names the command that creates a store, and nothing is created."""
    for _ in range(2):
        with pytest.raises(StoreFailed, match="found no store") as caught, place.reader():
            pass
        assert "okhook serve" in (caught.value.next_step or "")


async def test_event_types_seen_lists_every_indexed_type(place: Place) -> None:
    """Each indexed event type appears once."""
    async with place.store() as store:
        await store.append(stored("event-1", "uuid-1", "uuid-2"))
    with place.reader() as reader:
        reader.catch_up(lambda _: None)
        assert reader.event_types_seen() == {"user.lifecycle.create"}
