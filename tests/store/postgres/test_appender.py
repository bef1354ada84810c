"""Appending: one record's fault or delay does not affect the others, and each gets its answer."""

import threading
from dataclasses import replace

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from okhook.errors import StoreFailed
from okhook.records.record import NewRecord
from okhook.store.postgres import appender
from okhook.store.postgres.connection import Link
from okhook.store.postgres.store import postgres_store
from okhook.store.rows import Row, row_of
from tests.support.held_clock import held_clock
from tests.support.okhook_process import PATIENCE_S
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


async def test_a_late_delivery_gets_its_error_also_if_it_was_just_begun(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread begins with it when the connection is broken, before the loop tells the error."""
    first_begun, first_may_go_on = threading.Event(), threading.Event()
    second_begun = threading.Event()
    failed: dict[str, str] = {}
    abort = Link.abort

    def row(record: NewRecord, receiver_id: int) -> Row:
        if first_begun.is_set():
            second_begun.set()
        else:
            first_begun.set()
            first_may_go_on.wait(PATIENCE_S)
        return row_of(record, receiver_id)

    def abort_and_wait(link: Link) -> None:
        abort(link)
        first_may_go_on.set()
        second_begun.wait(PATIENCE_S)

    async with postgres_store(postgres_url, "ci") as store, anyio.create_task_group() as tasks:

        async def append(name: str) -> None:
            try:
                await store.append(stored(name))
            except StoreFailed as error:
                failed[name] = error.what

        monkeypatch.setattr(appender, "row_of", row)
        monkeypatch.setattr(Link, "abort", abort_and_wait)
        with held_clock() as clock:
            tasks.start_soon(append, "first")
            await anyio.to_thread.run_sync(first_begun.wait, PATIENCE_S)
            tasks.start_soon(append, "second")
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            clock.advance(PATIENCE_S + 1.0)  # as long as tests let a delivery wait
            await anyio.to_thread.run_sync(second_begun.wait, PATIENCE_S)
    assert failed.keys() == {"first", "second"}
    assert "did not answer within" in failed["second"]
