"""Appending: a record that cannot be stored does not affect the others of its group."""

from dataclasses import replace

import anyio
import pytest

from okhook.errors import StoreFailed
from okhook.records.record import NewRecord
from okhook.store.postgres import appender
from okhook.store.postgres.store import postgres_store
from okhook.store.rows import Row
from tests.support.records import post, stored

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]


@pytest.mark.parametrize("method", ["PO\0ST", "\ud800"])
async def test_a_record_that_postgres_refuses_fails_alone(method: str, postgres_url: str) -> None:
    """Such as one with text that PostgreSQL's text cannot hold, where HTTP allows none of it."""
    failed: list[str] = []
    async with postgres_store(postgres_url, "ci") as store, anyio.create_task_group() as tasks:

        async def append(name: str, record: NewRecord) -> None:
            try:
                await store.append(record)
            except StoreFailed:
                failed.append(name)

        for number in range(10):
            tasks.start_soon(append, "good", stored(f"event-{number}"))
        wrong = replace(post(b"{}"), method=method)
        tasks.start_soon(append, "wrong", stored(request=wrong))
    async with postgres_store(postgres_url, "ci") as store:
        await store.append(stored("last"))
        await store.settled()
        assert len(await store.after(0, 100)) == 11
    assert failed == ["wrong"]


async def test_a_bug_does_not_end_appending(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery gets 503, and the next one is stored."""

    def wrong(record: NewRecord, receiver_id: int) -> Row:
        raise LookupError(record, receiver_id)

    async with postgres_store(postgres_url, "ci") as store:
        with monkeypatch.context() as patched:
            patched.setattr(appender, "row_of", wrong)
            with pytest.raises(StoreFailed):
                await store.append(stored("event-1"))
        assert await store.append(stored("event-2"))
