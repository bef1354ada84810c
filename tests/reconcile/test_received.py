"""What the store has: read while others write to it, and before there is one."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from okhook.errors import StoreFailed
from okhook.reconcile.received import Received
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.store.open import open_store
from okhook.wire.canary import CANARY_HEADER
from tests.reconcile.rig import after
from tests.support.records import post, stored

pytestmark = pytest.mark.anyio


def refused(
    minutes: float,
    reason: str | None = "the secret is wrong",
    kind: RecordKind = RecordKind.REFUSED,
) -> NewRecord:
    request = post(b"", received_at=after(minutes))
    return NewRecord(kind, request, 401, reason, AuthOutcome.DID_NOT_MATCH)


async def keep(path: Path, *records: NewRecord) -> None:
    async with open_store(path) as store:
        for record in records:
            await store.append(record)


def underive(path: Path) -> None:
    """Take away what was derived, as if the receiver had been killed right after its commits."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM seen")
        connection.execute("INSERT INTO word (word) VALUES ('delete-all')")
        connection.execute("UPDATE progress SET seq = 0")


def refused_after(received: Received, moment: datetime) -> str | None:
    """Return why the receiver refused what came after ``moment``."""
    found = received.refusals(moment).after(moment)
    return None if found is None else found[1]


async def test_a_store_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    """It is not made by looking for it; once a receiver has made it, it is read."""
    path = tmp_path / "store.db"
    with Received(path) as received:
        assert received.carrying(["uuid-1"]) == {}
        assert len(received.refusals(after(0))) == 0
        assert not path.exists()
        await keep(path, stored("event-1", "uuid-1"), refused(1))
        assert received.carrying(["uuid-1", "uuid-2"]) == {"uuid-1": (1,)}
        assert len(received.refusals(after(0))) == 1


async def test_what_has_just_come_is_found(tmp_path: Path) -> None:
    """A delivery counts from its commit on, also where nothing was derived from it yet."""
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        with Received(path) as received:
            for number in range(1, 30):
                seq = await store.append(stored(f"event-{number}", f"uuid-{number}"))
                assert received.carrying([f"uuid-{number}"]) == {f"uuid-{number}": (seq,)}


async def test_what_a_killed_receiver_left_is_found(tmp_path: Path) -> None:
    """It was committed, so it is there, though nothing was derived from it."""
    path = tmp_path / "store.db"
    await keep(path, stored("event-1", "uuid-1"))
    underive(path)
    with Received(path) as received:
        assert received.carrying(["uuid-1"]) == {"uuid-1": (1,)}


async def test_what_nobody_could_look_into_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the store cannot be written, what was not derived yet is found, or the fault told."""
    path = tmp_path / "store.db"
    await keep(path, stored("event-1", "uuid-1"))
    underive(path)

    def cannot_be_written(path: Path) -> None:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr("okhook.store.sqlite.reader.connect", cannot_be_written)
    with Received(path) as received:
        try:
            found = received.carrying(["uuid-1"])
        except StoreFailed:
            return
    assert found == {"uuid-1": (1,)}


async def test_a_refusal_is_found_at_once(tmp_path: Path) -> None:
    """It counts from its commit on, whoever asks first, as a delivery does."""
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        with Received(path) as received:
            for number in range(1, 30):
                await store.append(refused(number))
                assert len(received.refusals(after(0))) == number


async def test_what_a_killed_receiver_refused_is_found(tmp_path: Path) -> None:
    """It was committed, though nothing was derived from it, and nobody asked for deliveries."""
    path = tmp_path / "store.db"
    await keep(path, refused(1))
    underive(path)
    with Received(path) as received:
        assert refused_after(received, after(0)) == "401, the secret is wrong"


async def test_refusals_are_those_from_a_moment_on(tmp_path: Path) -> None:
    """What was refused before is left out; the order of arrival does not matter."""
    path = tmp_path / "store.db"
    await keep(path, refused(-1), refused(3, "third"), refused(0, "first"), refused(2, "second"))
    with Received(path) as received:
        refusals = received.refusals(after(0))
    assert len(refusals) == 3
    assert [refusals.after(after(n)) for n in (0, 1, 3)] == [
        (after(0), "401, first"),
        (after(2), "401, second"),
        (after(3), "401, third"),
    ]


async def test_a_canary_that_was_refused_is_none(tmp_path: Path) -> None:
    """The doctor's, which did not know the secret, kept no event away."""
    path = tmp_path / "store.db"
    request = post(b"", (CANARY_HEADER.lower().encode(), b"1"), received_at=after(1))
    canary = replace(refused(1), request=request)
    await keep(path, canary, refused(2))
    with Received(path) as received:
        assert len(received.refusals(after(0))) == 1


async def test_a_refusal_is_shown_in_the_receivers_words(tmp_path: Path) -> None:
    """Malformed requests count, deliveries do not; the reason has no control characters."""
    path = tmp_path / "store.db"
    await keep(path, stored("event-1", request=post(b"{", received_at=after(1))))
    with Received(path) as received:
        assert refused_after(received, after(0)) is None
        await keep(path, refused(2, None))
        assert refused_after(received, after(0)) == "401, no reason given"
        await keep(path, refused(20, "not JSON\x1b[2J" + "x" * 999, RecordKind.MALFORMED))
        told = refused_after(received, after(19))
        assert told is not None
        assert told.startswith("401, not JSON")
        assert "\x1b" not in told
        assert len(told) <= 210


async def test_a_store_that_is_damaged_is_named(tmp_path: Path) -> None:
    """What cannot be read is not taken for empty: all would seem to be missed."""
    (tmp_path / "store.db").write_bytes(b"not a database at all, but long enough" * 100)
    with Received(tmp_path / "store.db") as received, pytest.raises(StoreFailed):
        received.carrying(["uuid-1"])
