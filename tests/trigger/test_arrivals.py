"""Recognising an event in the store, by its targets and by its uuid."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from okhook.records.record import RECONSTRUCTED_HEADER, AuthOutcome, NewRecord, RecordKind
from okhook.store.contract import Reader
from okhook.store.open import open_reader, open_store
from okhook.trigger.activities import Subject
from okhook.trigger.running import Arrivals
from tests.support.records import NOON, delivery_body, event, post
from tests.trigger.setup import DONE

STEP = replace(DONE, user=Subject("00ujane", "jane"), at=NOON - timedelta(seconds=1.5))
"""The test event's target is Jane."""

RECONSTRUCTED = (RECONSTRUCTED_HEADER.lower().encode(), b"1")


def keep(home: Path, *bodies: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    async def append() -> None:
        async with open_store(home / "store.db") as store:
            for body in bodies:
                request = post(body, *headers)
                record = NewRecord(RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED)
                await store.append(record)
            await store.settled()

    anyio.run(append)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    keep(tmp_path)
    with open_reader(tmp_path / "store.db") as opened:
        yield opened


def of_somebody_else(uuid: str = "uuid-other") -> dict[str, Any]:
    return {**event(uuid), "target": []}


def test_an_event_among_others_is_recognised(tmp_path: Path, reader: Reader) -> None:
    """By type and target, in whichever delivery it comes, and with the time that it took."""
    arrivals = Arrivals(reader)
    assert arrivals.look(STEP, 0, None) is None
    keep(tmp_path, delivery_body("a", of_somebody_else()))
    assert arrivals.look(STEP, 0, None) is None
    keep(tmp_path, delivery_body("b", event("x", "user.session.start"), event("uuid-1")))
    arrived = arrivals.look(STEP, 0, None)
    assert arrived is not None
    assert (arrived.seq, arrived.uuid, arrived.event_id, arrived.hook_id) == (
        2,
        "uuid-1",
        "b",
        "who123",
    )
    assert arrived.took_s == pytest.approx(1.5, abs=0.001)


def test_an_event_counts_once(tmp_path: Path, reader: Reader) -> None:
    """A second event of the type is another one; the first one's repeat is not."""
    arrivals = Arrivals(reader)
    keep(tmp_path, delivery_body("a"))
    assert arrivals.look(STEP, 0, None) is not None
    keep(tmp_path, delivery_body("a"))
    assert arrivals.look(STEP, 1, None) is None
    keep(tmp_path, delivery_body("b", event("uuid-2")))
    second = arrivals.look(STEP, 1, None)
    assert second is not None
    assert second.uuid == "uuid-2"
    assert arrivals.known_uuids == {"uuid-1", "uuid-2"}


def test_an_event_is_known_by_its_uuid_too(tmp_path: Path, reader: Reader) -> None:
    """Once the uuid is known, what was passed over before is looked at again."""
    arrivals = Arrivals(reader)
    keep(tmp_path, delivery_body("a", of_somebody_else("uuid-9")))
    assert arrivals.look(STEP, 0, None) is None
    arrived = arrivals.look(STEP, 0, "uuid-9")
    assert arrived is not None
    assert arrived.seq == 1


def test_what_came_before_the_step_does_not_count(tmp_path: Path, reader: Reader) -> None:
    """The store is read from where it ended."""
    keep(tmp_path, delivery_body("a"))
    arrivals = Arrivals(reader)
    assert arrivals.look(STEP, arrivals.last_seq(), None) is None


def test_what_was_rebuilt_from_the_log_did_not_arrive(tmp_path: Path, reader: Reader) -> None:
    """A reconcile that runs at the same time is not taken for Okta."""
    keep(tmp_path, delivery_body("a"), headers=(RECONSTRUCTED,))
    assert Arrivals(reader).look(STEP, 0, "uuid-1") is None


def test_an_event_that_overtook_the_orgs_answer_took_no_time(
    tmp_path: Path, reader: Reader
) -> None:
    """A time is never negative."""
    keep(tmp_path, delivery_body("a"))
    arrived = Arrivals(reader).look(replace(STEP, at=NOON + timedelta(seconds=1)), 0, None)
    assert arrived is not None
    assert arrived.took_s == 0
