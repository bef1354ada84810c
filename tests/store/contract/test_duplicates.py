"""A delivery is a duplicate because of its id or its events, and for no other reason."""

import pytest

from okhook.store import duplicates
from okhook.store.contract import Store
from okhook.wire.delivery import Delivery, delivery_in
from tests.store.contract.conftest import Place
from tests.support.records import delivery_body, post, stored

pytestmark = pytest.mark.anyio


async def duplicates_of(store: Store) -> list[int | None]:
    await store.settled()
    return [record.duplicate_of for record in await store.after(0, 100)]


async def test_the_same_event_id_is_a_duplicate_of_the_first(place: Place) -> None:
    """A duplicate is stored, and refers to the first delivery however often it comes."""
    async with place.store() as store:
        assert [await store.append(stored("event-1", "uuid-1")) for _ in range(3)] == [1, 2, 3]
        assert await duplicates_of(store) == [None, 1, 1]


async def test_the_same_events_under_another_id_are_a_duplicate(place: Place) -> None:
    """An event is identified by its uuid, even in another delivery."""
    async with place.store() as store:
        await store.append(stored("event-1", "uuid-1", "uuid-2"))
        await store.append(stored("event-2", "uuid-2"))
        assert await duplicates_of(store) == [None, 1]


async def test_one_new_event_among_known_ones_makes_a_delivery_new(place: Place) -> None:
    """A delivery with something new must not be skipped as a duplicate."""
    async with place.store() as store:
        await store.append(stored("event-1", "uuid-1"))
        await store.append(stored("event-2", "uuid-1", "uuid-9"))
        assert await duplicates_of(store) == [None, None]


async def test_deliveries_without_ids_are_never_duplicates(place: Place) -> None:
    """Deliveries without an eventId and uuids have nothing in common."""
    nothing = {"eventType": "user.lifecycle.create"}
    async with place.store() as store:
        for _ in range(2):
            await store.append(stored(request=post(delivery_body(None, nothing))))
        assert await duplicates_of(store) == [None, None]


async def test_two_ids_with_the_same_hash_stay_distinct(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If all hashes are equal, exactly the duplicates are still found."""
    monkeypatch.setattr(duplicates, "hash_of", lambda key: 7)
    async with place.store() as store:
        for event_id, uuid in (("a", "1"), ("b", "2"), ("a", "3"), ("c", "2"), ("1", "4")):
            await store.append(stored(event_id, uuid))
        await store.settled()
        records = await store.after(0, 10)
    assert [record.duplicate_of for record in records] == [None, None, 1, 2, None]
    with place.reader() as reader:
        assert [found.record.seq for found in reader.identified("a")] == [1, 3]
        assert [found.record.seq for found in reader.identified("2")] == [2, 4]


async def test_a_body_is_parsed_once_however_many_events_repeat(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time to find a duplicate of many events grows with their number, not its square."""
    parsed: list[bytes] = []

    def counted(body: bytes) -> Delivery:
        parsed.append(body)
        return delivery_in(body)

    monkeypatch.setattr("okhook.store.sqlite.seen.delivery_in", counted)
    monkeypatch.setattr("okhook.store.postgres.seen.delivery_in", counted)
    uuids = [f"uuid-{number}" for number in range(300)]
    first = stored("event-1", *uuids)
    async with place.store() as store:
        await store.append(first)
        await store.settled()
        parsed.clear()
        await store.append(stored("event-2", *uuids))
        assert await duplicates_of(store) == [None, 1]
    assert parsed.count(first.request.body) == 1


async def test_a_delivery_that_would_be_a_duplicate_is_told_before_field_01(place: Place) -> None:
    """By its id or its events, as the store would decide if it came now."""
    async with place.store() as store:
        await store.append(stored("event-1", "uuid-1"))
        await store.append(stored("event-2", "uuid-2"))
        await store.settled()

    def body(event_id: str, *uuids: str) -> Delivery:
        return delivery_in(stored(event_id, *uuids).request.body)

    with place.reader() as reader:
        assert reader.repeated_by(body("event-2", "uuid-9"), None) == 2
        assert reader.repeated_by(body("event-9", "uuid-2", "uuid-1"), None) == 1
        assert reader.repeated_by(body("event-9", "uuid-1", "uuid-9"), None) is None
        assert reader.repeated_by(body("uuid-1", "event-1"), None) is None


async def test_a_number_identifies_a_record_if_no_id_equals_it(place: Place) -> None:
    """Ids come before numbers, so that an org's ids stay reachable."""
    async with place.store() as store:
        for event_id in ("x", "1", "y"):
            await store.append(stored(event_id, f"uuid-{event_id}"))
        await store.settled()
    with place.reader() as reader:
        assert [found.record.seq for found in reader.identified("1")] == [2]
        assert [found.record.seq for found in reader.identified("3")] == [3]
        for nothing in ("4", "0", "-1", "²", "", "9" * 40):
            assert reader.identified(nothing) == []
