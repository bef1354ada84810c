"""Find the deliveries that contain given events, many at once."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.records.record import RECONSTRUCTED_HEADER, AuthOutcome, NewRecord, RecordKind
from okhook.store import duplicates
from okhook.store.contract import Reader
from okhook.wire.payload import CANARY_EVENT_TYPE
from tests.store.contract.conftest import Opener, keep_all, reader_of
from tests.support.found import record
from tests.support.records import delivery_body, event, get, post, stored

UUIDS = [f"uuid-{number}" for number in range(6)]
IDS = ["event-1", "event-2", *UUIDS[:2], None]
deliveries = st.tuples(
    st.sampled_from(IDS), st.lists(st.sampled_from(UUIDS), min_size=1, max_size=4)
)


def a_store_of(opener: Opener, records: Sequence[NewRecord]) -> AbstractContextManager[Reader]:
    return reader_of(opener, lambda store: keep_all(store, records))


@settings(max_examples=60, deadline=None)
@given(
    kept=st.lists(deliveries, max_size=12),
    asked=st.lists(st.sampled_from([*UUIDS, "event-1", "uuid-unknown"]), max_size=8),
)
def test_carrying_finds_the_same_as_a_full_scan(
    opener: Opener, kept: list[tuple[str | None, list[str]]], asked: list[str]
) -> None:
    """Each delivery appears once for each of its events, and events in none do not appear."""
    with a_store_of(opener, [stored(event_id, *uuids) for event_id, uuids in kept]) as reader:
        found = reader.carrying(asked)
    expected = {
        uuid: tuple(seq for seq, (_, uuids) in enumerate(kept, start=1) if uuid in uuids)
        for uuid in asked
    }
    assert found == {uuid: seqs for uuid, seqs in expected.items() if seqs}


@pytest.mark.parametrize("count", [499, 500, 501, 1003])
def test_many_uuids_at_once(opener: Opener, count: int) -> None:
    """A query for a thousand uuids finds the first and the last one."""
    uuids = [f"uuid-{number}" for number in range(count)]
    carriers = [stored(f"event-{number}", uuid) for number, uuid in enumerate(uuids[::250], 1)]
    last = stored("event-last", uuids[-1], uuids[0])
    with a_store_of(opener, [*carriers, last]) as reader:
        found = reader.carrying(uuids)
    assert found[uuids[0]] == (1, len(carriers) + 1)
    assert found[uuids[-1]][-1] == len(carriers) + 1
    assert set(found) == {*uuids[::250], uuids[-1]}


def test_no_uuids_find_nothing(opener: Opener) -> None:
    """A query for no uuids finds nothing."""
    with a_store_of(opener, [stored()]) as reader:
        assert reader.carrying([]) == {}


def test_only_deliveries_carry_events(opener: Opener) -> None:
    """Refused and malformed requests contain no events; canaries do."""
    body = delivery_body("event-1", event("uuid-1"))
    canary = delivery_body("event-2", event("uuid-canary", CANARY_EVENT_TYPE))
    kinds = [
        (RecordKind.MALFORMED, post(body)),
        (RecordKind.REFUSED, post(body)),
        (RecordKind.VERIFICATION, get()),
        (RecordKind.CANARY, post(canary)),
        (RecordKind.DELIVERY, post(body)),
    ]
    records = [
        NewRecord(kind, request, 204, None, AuthOutcome.NOT_ASKED) for kind, request in kinds
    ]
    with a_store_of(opener, records) as reader:
        assert reader.carrying(["uuid-1", "uuid-canary"]) == {"uuid-1": (5,), "uuid-canary": (4,)}


def test_ids_that_are_not_ascii(opener: Opener) -> None:
    """Ids may be any text, even half a surrogate pair."""
    half = json.loads(r'"a\ud800b"')
    with a_store_of(opener, [stored("event-1", "Zoë 🦊"), stored("event-2", half)]) as reader:
        assert reader.carrying(["Zoë 🦊", "a?b", "a"]) == {"Zoë 🦊": (1,), "a?b": (2,)}


def test_two_ids_with_the_same_hash_stay_distinct(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If two ids have the same hash, the stored bytes decide."""
    monkeypatch.setattr(duplicates, "hash_of", lambda key: 7)
    with a_store_of(opener, [stored("event-1", "uuid-1"), stored("event-2", "uuid-2")]) as reader:
        assert reader.carrying(["uuid-2"]) == {"uuid-2": (2,)}
        assert reader.carrying(["uuid-3"]) == {}
        assert reader.carrying(["uuid-1", "uuid-2"]) == {"uuid-1": (1,), "uuid-2": (2,)}


@pytest.mark.parametrize(
    ("name", "is_reconstructed"),
    [
        (RECONSTRUCTED_HEADER.lower(), True),
        (RECONSTRUCTED_HEADER, True),
        ("x-okhook-reconstructed-at", False),
        ("x-other", False),
    ],
)
def test_a_header_marks_a_reconstructed_delivery(
    opener: Opener, name: str, is_reconstructed: bool
) -> None:
    """A header, in any case, marks it for good."""
    header = (name.encode(), b"1")
    assert record(request=post(b"{}", header)).is_reconstructed is is_reconstructed
    with a_store_of(
        opener, [stored(request=post(delivery_body(), (b"a", b"b"), header))]
    ) as reader:
        (found,) = reader.identified("1")
        assert found.record.is_reconstructed is is_reconstructed


def test_other_deliveries_are_not_reconstructed() -> None:
    """A delivery without the header came from the org."""
    assert not record().is_reconstructed
