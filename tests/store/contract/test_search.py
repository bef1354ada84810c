"""Finding: each filter returns what a check of every record returns, in order, in pages."""

import fnmatch
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import (
    AuthOutcome,
    Found,
    NewRecord,
    RecordFilter,
    RecordKind,
    RecordStatus,
)
from okhook.store.contract import Reader, Store
from okhook.wire.delivery import parse_delivery
from tests.store.contract.conftest import Opener, Place, keep_all, reader_of
from tests.support.records import NOON, delivery_body, event, get, post

TYPES = ["user.lifecycle.create", "user.lifecycle.delete", "group.user_membership.add"]
LOGINS = ["jane.doe@example.com", "Sam.O@example.com", "jane@example.com"]
APPS = ["http://127.0.0.1:3000/a", "http://127.0.0.1:3000/b"]


@dataclass(frozen=True)
class Kept:
    """A record to keep: what it is, when it came, and how its forwarding ended at each app."""

    kind: RecordKind
    event_type: str
    login: str
    minute: int
    repeats: bool
    states: tuple[ForwardState | None, ...]


kept_records = st.builds(
    Kept,
    kind=st.sampled_from([*[RecordKind.DELIVERY] * 4, *RecordKind]),
    event_type=st.sampled_from(TYPES),
    login=st.sampled_from(LOGINS),
    minute=st.integers(0, 30),
    repeats=st.booleans(),
    states=st.tuples(*[st.sampled_from([None, None, *ForwardState])] * len(APPS)),
)
moments = st.none() | st.integers(0, 30).map(lambda minute: NOON + timedelta(minutes=minute))
filters = st.builds(
    RecordFilter,
    events=st.sampled_from([(), (TYPES[0],), ("user.*",), ("*.add", TYPES[1]), ("no.such.type",)]),
    user=st.sampled_from([None, None, *LOGINS, "JANE.DOE@EXAMPLE.COM", "00ujane", "doe"]),
    words=st.sampled_from(
        [(), (), ("jane",), ("JANE", "doe"), ("jane doe",), ("no-such",), ("ja*",)]
    ),
    target=st.sampled_from([None, None, None, *APPS]),
    since=moments,
    until=moments,
    statuses=st.sets(st.sampled_from(RecordStatus), max_size=3).map(frozenset),
    everything=st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(records=st.lists(kept_records, max_size=25), wanted=filters)
def test_a_filter_finds_the_same_as_a_full_scan(
    opener: Opener, records: list[Kept], wanted: RecordFilter
) -> None:
    """This holds for every index, in both orders, and in pages of two."""
    with a_store_of(opener, records) as reader:
        everything = list(reader.in_order(RecordFilter(everything=True)))
        assert len(everything) == len(records)
        expected = [found.record.seq for found in everything if is_wanted(found, wanted)]
        assert [found.record.seq for found in reader.in_order(wanted)] == expected
        assert in_pages(reader, wanted, 2) == list(reversed(expected))


def is_wanted(found: Found, wanted: RecordFilter) -> bool:
    """Return whether one record matches a filter."""
    record = found.record
    hidden = (RecordKind.CANARY, RecordKind.VERIFICATION)
    if record.kind in hidden and not wanted.everything:
        return False
    if wanted.statuses and wanted.statuses.isdisjoint(statuses_of(found)):
        return False
    if wanted.target and wanted.target not in [each.target for each in found.forwards]:
        return False
    received_at = record.request.received_at
    if wanted.since and received_at < wanted.since:
        return False
    if wanted.until and received_at > wanted.until:
        return False
    return payload_is_wanted(record.kind, record.request.body, wanted)


def statuses_of(found: Found) -> set[RecordStatus]:
    """Return the statuses that find a record: a duplicate is found whatever became of it."""
    unread = (RecordKind.REFUSED, RecordKind.MALFORMED)
    if found.record.is_duplicate and found.record.kind not in unread:
        return {found.status, RecordStatus.DUPLICATE}
    return {found.status}


def payload_is_wanted(kind: RecordKind, body: bytes, wanted: RecordFilter) -> bool:
    if kind not in (RecordKind.DELIVERY, RecordKind.CANARY):
        return not wanted.events and wanted.user is None and not wanted.words
    (event_,) = parse_delivery(body).events
    if wanted.events and not any(fnmatch.fnmatch(event_.event_type, g) for g in wanted.events):
        return False
    login, id_ = event_.targets[0].alternate_id or "", event_.targets[0].id
    if wanted.user is not None and wanted.user.lower() != login.lower() and wanted.user != id_:
        return False
    words = login.lower().replace("@", " ").replace(".", " ").split()
    return all(has_words(words, word.lower()) for word in wanted.words)


def has_words(words: list[str], wanted: str) -> bool:
    if wanted.endswith("*"):
        return any(word.startswith(wanted[:-1]) for word in words)
    return f" {wanted} " in f" {' '.join(words)} "


def in_pages(reader: Reader, wanted: RecordFilter, size: int) -> list[int]:
    seqs: list[int] = []
    before: int | None = None
    while page := reader.find(wanted, limit=size, before=before):
        seqs += [found.record.seq for found in page]
        before = seqs[-1]
    return seqs


def a_store_of(opener: Opener, records: list[Kept]) -> AbstractContextManager[Reader]:
    return reader_of(opener, partial(keep, records=records))


async def keep(store: Store, records: list[Kept]) -> None:
    for app in APPS:
        await store.open_target(app)
    await keep_all(store, [new_record(kept, seq) for seq, kept in enumerate(records, 1)])
    async with anyio.create_task_group() as tasks:
        for seq, kept in enumerate(records, start=1):
            for app, state in zip(APPS, kept.states, strict=True):
                if state is not None:
                    tasks.start_soon(settle, store, Forward(seq, app, state, 1))


async def settle(store: Store, forward: Forward) -> None:
    attempt = Attempt(forward.seq, forward.target, Purpose.FORWARD, 1, NOON, 0.1, None)
    await store.settle(attempt, forward, cursor=0)


def new_record(kept: Kept, seq: int) -> NewRecord:
    number = 0 if kept.repeats else seq
    entry = event(f"uuid-{number}", kept.event_type)
    entry["target"][0].update(alternateId=kept.login, displayName=None)
    entry["actor"] = None
    request = post(delivery_body(f"event-{number}", entry))
    if kept.kind in (RecordKind.REFUSED, RecordKind.VERIFICATION):
        request = get()
    if kept.kind is RecordKind.MALFORMED:
        request = post(b"{")
    request = replace(request, received_at=NOON + timedelta(minutes=kept.minute))
    return NewRecord(kept.kind, request, 204, None, AuthOutcome.NOT_ASKED)


@pytest.mark.parametrize(
    ("text", "words", "is_found"),
    [
        ("Müller-Lüdenscheidt", "muller", True),
        ("Müller-Lüdenscheidt", "LÜDENSCHEIDT", True),
        ("日本語", "日本語", True),
        ("日本語", "日本*", True),
        ("日本語", "本語", False),
        ("สวัสดีชาวโลก", "สวัสดีชาวโลก", True),
        ("สวัสดีชาวโลก", "สวัสดี*", True),
        ("สวัสดีชาวโลก", "ชาวโลกสวัสดี", False),
        ("jane.doe@example.org", "jane.doe@example.org", True),
        ("jane.doe@example.org", "doe@exam*", True),
        ("jane.doe@example.org", "oe@example.org", False),
        ("2e1ce5ed-5e2b", "2E1CE5ED", True),
        ("2e1ce5ed-5e2b", "2e1c*", True),
        ("2e1ce5ed-5e2b", "2e1", False),
        ("one²", "one²", True),
        ('a"b" OR c', 'a"b" OR c', True),
        ("plain", "plain OR other", False),
        ("plain", "NOT plain", False),
        ("plain", "other*", False),
        ("plain", "*", False),
        ("plain", '"', False),
        ("plain", "", False),
        ("nul\u0000byte", "nul\u0000byte", True),
    ],
)
def test_words_are_never_read_as_a_query_language(
    place: Place, text: str, words: str, is_found: bool
) -> None:
    """Quotes, operators and column names of FTS5 have no effect."""
    anyio.run(keep_one, place, text)
    with place.reader() as reader:
        reader.catch_up(lambda _: None)
        assert bool(reader.find(RecordFilter(words=(words,)), limit=1)) is is_found


async def keep_one(place: Place, name: str) -> None:
    entry = event()
    entry["target"][0]["displayName"] = name
    async with place.store() as store:
        request = post(delivery_body("event-1", entry))
        await store.append(
            NewRecord(RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED)
        )


def test_records_are_found_by_time_after_the_clock_was_set_back(opener: Opener) -> None:
    """A record is found by its own time, even if the clock was set back."""
    minutes = [10, 20, 5, 15]
    records = [
        Kept(RecordKind.DELIVERY, TYPES[0], LOGINS[0], m, False, (None, None)) for m in minutes
    ]
    since: datetime = NOON + timedelta(minutes=12)
    with a_store_of(opener, records) as reader:
        seqs = [found.record.seq for found in reader.in_order(RecordFilter(since=since))]
    assert seqs == [2, 4]
