"""Put the steps of deliveries in order of time, and find their state."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose, Target
from okhook.records.record import Found, RecordKind
from okhook.trace.activities import Arrived, End, Step, TraceEnd, Tried, Where, next_steps


def trace(
    query: str,
    found: Iterable[Found],
    attempts: Mapping[int, Sequence[Attempt]],
    targets: Sequence[Target],
) -> tuple[list[Step], TraceEnd]:
    """Return the steps of the records in order of time, and their state.

    ``attempts`` are by ``seq``, oldest first. ``targets`` are all that the store has.
    """
    kept = sorted(found, key=lambda each: each.record.seq)
    steps: list[Step] = [Arrived(each.record) for each in kept]
    ends: list[End] = []
    for each in kept:
        tried = attempts.get(each.record.seq, ())
        steps += _tried(tried)
        ends += _ends(each, tried, targets)
    steps.sort(key=lambda step: step.at)
    return steps, TraceEnd(query, tuple(ends), tuple(next_steps(ends)))


def _tried(attempts: Sequence[Attempt]) -> Iterator[Tried]:
    for _, alike in groupby(attempts, key=lambda a: (a.target, a.purpose, a.status, a.fault)):
        yield Tried(tuple(alike))


def _ends(found: Found, attempts: Sequence[Attempt], targets: Sequence[Target]) -> list[End]:
    """Return the state of a record, or its state at each target."""
    record = found.record
    if record.kind in (RecordKind.REFUSED, RecordKind.MALFORMED):
        return [End(record.seq, Where(record.kind), status=record.status)]
    if record.kind is not RecordKind.DELIVERY:
        return []
    last = {attempt.target: attempt for attempt in attempts}
    ends = [_end_of(forward, last.get(forward.target)) for forward in found.forwards]
    reached = {forward.target for forward in found.forwards}
    ends += [
        _end_of_replay(each)
        for each in last.values()
        if each.target not in reached and each.purpose is not Purpose.CHANGED_REPLAY
    ]
    if record.is_duplicate:
        return ends
    reached |= set(last)
    ends += [
        End(record.seq, Where.PENDING, target.url)
        for target in targets
        if target.url not in reached and record.seq > target.cursor
    ]
    return ends or [End(record.seq, Where.NOT_FORWARDED)]


def _end_of(forward: Forward, last: Attempt | None) -> End:
    is_done = forward.state is ForwardState.DONE
    return End(
        forward.seq,
        Where.FORWARDED if is_done else Where(forward.state),
        forward.target,
        forward.attempts,
        None if last is None else last.status,
        None if last is None else last.fault,
        forward.next_at,
    )


def _end_of_replay(last: Attempt) -> End:
    """Return the state of a record at a target that only got replays of it."""
    where = Where.FORWARDED if last.accepted else Where.FAILED
    return End(last.seq, where, last.target, last.number, last.status, last.fault)
