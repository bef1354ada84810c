"""The story of a delivery: every step in order of time, and where it stopped."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.records.attempt import Attempt, ForwardState, Purpose, Target
from okhook.records.record import Found, RecordKind
from okhook.trace.story import Arrived, DeliveryState, End, Step, TraceEnd, Tried, trace
from tests.support.found import APP, attempt, forward, found, record
from tests.support.records import EVENT_SHOWN

OTHER = "http://127.0.0.1:4000/hook"


def story(
    *parts: Found, tried: Sequence[Attempt] = (), targets: Sequence[Target] = ()
) -> tuple[list[Step], TraceEnd]:
    """Return the story of records and the attempts of all of them."""
    attempts = {each.record.seq: [a for a in tried if a.seq == each.record.seq] for each in parts}
    return trace("event-1", parts, attempts, targets)


def ends(
    *parts: Found, tried: Sequence[Attempt] = (), targets: Sequence[Target] = ()
) -> tuple[End, ...]:
    _, end = story(*parts, tried=tried, targets=targets)
    return end.ends


def test_steps_come_in_order_of_time() -> None:
    """A delivery, its attempts, a duplicate between them: each where it happened."""
    told, end = story(
        found(record(70, duplicate_of=41)),
        found(record(41), forward(attempts=3)),
        tried=[
            attempt(1, 500, after_s=50),
            attempt(2, 500, after_s=60),
            attempt(3, 204, after_s=80),
        ],
    )
    assert [line.to_json() for line in (*told, end)] == snapshot(
        [
            {
                "type": "trace_step",
                "step": "received",
                "seq": 41,
                "at": "2026-11-24T12:00:41.123Z",
                "answered": 204,
                "reason": None,
                "event_id": "event-1",
                "duplicate_of": None,
                "events": [EVENT_SHOWN],
            },
            {
                "type": "trace_step",
                "step": "attempts",
                "seq": 41,
                "at": "2026-11-24T12:00:50.123Z",
                "until": "2026-11-24T12:01:00.135Z",
                "target": "http://127.0.0.1:3000/hook",
                "purpose": "forward",
                "first": 1,
                "last": 2,
                "status": 500,
                "fault": None,
                "error": None,
                "duration_ms": 12.0,
            },
            {
                "type": "trace_step",
                "step": "duplicate",
                "seq": 70,
                "at": "2026-11-24T12:01:10.123Z",
                "answered": 204,
                "reason": None,
                "event_id": "event-1",
                "duplicate_of": 41,
                "events": [EVENT_SHOWN],
            },
            {
                "type": "trace_step",
                "step": "attempts",
                "seq": 41,
                "at": "2026-11-24T12:01:20.123Z",
                "until": "2026-11-24T12:01:20.135Z",
                "target": "http://127.0.0.1:3000/hook",
                "purpose": "forward",
                "first": 3,
                "last": 3,
                "status": 204,
                "fault": None,
                "error": None,
                "duration_ms": 12.0,
            },
            {
                "type": "trace_end",
                "query": "event-1",
                "ends": [
                    {
                        "seq": 41,
                        "where": "forwarded",
                        "target": "http://127.0.0.1:3000/hook",
                        "attempts": 3,
                        "status": 204,
                        "fault": None,
                        "next_at": None,
                    }
                ],
                "next_steps": [],
            },
        ]
    )


def test_attempts_with_the_same_outcome_are_one_step() -> None:
    """Another answer, app or purpose begins a new step."""
    told, _ = story(
        found(record()),
        tried=[
            attempt(1, None, after_s=50),
            attempt(2, None, after_s=52),
            attempt(3, 503, after_s=60),
            attempt(1, 503, after_s=61, target=OTHER),
            attempt(4, 503, after_s=70, purpose=Purpose.REPLAY),
        ],
    )
    steps = [step for step in told if isinstance(step, Tried)]
    assert [[a.number for a in step.attempts] for step in steps] == [[1, 2], [3], [1], [4]]
    assert (steps[0].until - steps[0].at).total_seconds() == pytest.approx(2.012)


@pytest.mark.parametrize(
    ("state", "where"),
    [
        (ForwardState.DONE, DeliveryState.FORWARDED),
        (ForwardState.WAITING, DeliveryState.WAITING),
        (ForwardState.FAILED, DeliveryState.FAILED),
    ],
)
def test_the_end_is_the_state_at_an_app(state: ForwardState, where: DeliveryState) -> None:
    """With the last answer and the next time."""
    stands = forward(state=state, attempts=2)
    (end,) = ends(found(record(), stands), tried=[attempt(1, 500), attempt(2, 502)])
    assert end == End(41, where, APP, 2, 502, None, stands.next_at)


def test_a_replay_that_fails_afterwards_does_not_change_the_answer_of_a_forward() -> None:
    """An app that accepted the delivery did not answer 500."""
    replayed = attempt(2, 500, purpose=Purpose.REPLAY)
    (end,) = ends(found(record(), forward()), tried=[attempt(1, 204), replayed])
    assert (end.where, end.status) == (DeliveryState.FORWARDED, 204)


def test_each_app_has_its_own_end() -> None:
    """Accepted by one, failed at another."""
    parts = found(record(), forward(), forward(state=ForwardState.FAILED, target=OTHER))
    assert [(end.where, end.target) for end in ends(parts)] == [
        (DeliveryState.FORWARDED, APP),
        (DeliveryState.FAILED, OTHER),
    ]


def test_a_delivery_without_attempts_is_pending_or_not_forwarded() -> None:
    """It is pending after the cursor of an app, else not forwarded."""
    assert ends(found(record())) == (End(41, DeliveryState.NOT_FORWARDED),)
    assert ends(found(record()), targets=[Target(APP, 0, 40)]) == (
        End(41, DeliveryState.PENDING, APP),
    )
    assert ends(found(record()), targets=[Target(APP, 50, 50)]) == (
        End(41, DeliveryState.NOT_FORWARDED),
    )


def test_a_duplicate_has_an_end_only_if_it_is_forwarded_field_01() -> None:
    """It may be pending; if it was left out, the end of the first delivery counts for both."""
    targets = [Target(APP, 0, 0)]
    (pending,) = ends(found(record(42, duplicate_of=41)), targets=targets)
    assert pending == End(42, DeliveryState.PENDING, APP)
    assert ends(found(record(42, duplicate_of=41)), targets=[Target(APP, 0, 42)]) == ()
    sent = found(record(42, duplicate_of=41), forward(42))
    assert [end.where for end in ends(sent, targets=targets)] == [DeliveryState.FORWARDED]


def test_a_delivery_waits_under_the_name_of_its_receiver_field_03() -> None:
    """The app of another receiver does not get it, and the next command has the name."""
    targets = [Target(APP, 0, 0, "8080/hook"), Target(OTHER, 0, 0, "1337/hook")]
    parts = found(replace(record(), receiver="8080/hook"))
    (end,) = ends(parts, targets=targets)
    assert (end.where, end.target) == (DeliveryState.PENDING, APP)
    with_name = f"okhook serve --forward-to {APP} --receiver 8080/hook"
    without = f"okhook serve --forward-to {APP}"
    for here, command in (("1337/hook", with_name), ("8080/hook", without)):
        assert trace("event-1", [parts], {}, targets, here)[1].next_steps == (command,)


def test_what_an_older_okhook_stored_waits_under_the_first_name_field_03() -> None:
    """Also a delivery that is tried again."""
    targets = [Target(APP, 0, 0, "two"), Target(APP, 0, 0, "one", has_old=True)]
    waiting = found(record(42), forward(42, state=ForwardState.WAITING))
    for parts in (found(record()), waiting):
        (end,) = ends(parts, targets=targets, tried=[attempt(1, 500, seq=42)])
        assert (end.target, end.receiver) == (APP, "one")


def test_a_failed_replay_is_a_failure() -> None:
    """A replay with a changed body does not count."""
    replayed = attempt(1, 500, purpose=Purpose.REPLAY)
    assert ends(found(record()), tried=[replayed]) == (End(41, DeliveryState.FAILED, APP, 1, 500),)
    changed = attempt(1, 500, purpose=Purpose.CHANGED_REPLAY)
    assert ends(found(record()), tried=[changed]) == (End(41, DeliveryState.NOT_FORWARDED),)


def test_refused_and_malformed_requests_end_at_once() -> None:
    """Canaries and verifications have no end."""
    refused = found(record(kind=RecordKind.REFUSED, status=401))
    malformed = found(record(kind=RecordKind.MALFORMED, status=400))
    assert [(end.where, end.status) for end in ends(refused, malformed)] == [
        (DeliveryState.REFUSED, 401),
        (DeliveryState.MALFORMED, 400),
    ]
    assert ends(found(record(kind=RecordKind.CANARY))) == ()


@given(
    seqs=st.lists(st.integers(1, 9), unique=True, min_size=1),
    tried=st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 50), st.sampled_from([None, 204, 500])),
        max_size=12,
    ),
)
def test_every_record_and_attempt_appears_once_in_order(
    seqs: list[int], tried: list[tuple[int, int, int | None]]
) -> None:
    """In whatever order they were found."""
    attempts = [
        attempt(n, status, seq=seq, after_s=s)
        for n, (seq, s, status) in enumerate(sorted(tried, key=lambda t: t[1]), 1)
    ]
    told, end = story(*(found(record(seq)) for seq in seqs), tried=attempts)
    times = [step.at for step in told]
    assert times == sorted(times)
    arrived = [step.record.seq for step in told if isinstance(step, Arrived)]
    assert sorted(arrived) == sorted(seqs)
    numbers = [a.number for step in told if isinstance(step, Tried) for a in step.attempts]
    assert sorted(numbers) == [a.number for a in attempts if a.seq in seqs]
    assert {end.seq for end in end.ends} == set(seqs)
