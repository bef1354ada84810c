"""Put together what became of deliveries, in order of time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose, Target
from okhook.records.record import Found, RecordKind
from okhook.trace.ends import End, TraceEnd, Where, next_steps
from okhook.trace.steps import Arrived, Step, Tried


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps in order of time, and the end."""

    steps: tuple[Step, ...]
    end: TraceEnd


def trace(
    query: str,
    found: Iterable[Found],
    attempts: Mapping[int, Sequence[Attempt]],
    targets: Sequence[Target],
) -> Trace:
    """Return what became of the records ``found``, which ``query`` named.

    ``attempts`` are those of each ``seq``, oldest first. ``targets`` are all that are known.
    """
    kept = sorted(found, key=lambda each: each.record.seq)
    steps: list[Step] = [Arrived(each.record) for each in kept]
    for each in kept:
        steps += _tried(attempts.get(each.record.seq, ()))
    steps.sort(key=lambda step: step.at)
    ends = tuple(
        end for each in kept for end in _ends(each, attempts.get(each.record.seq, ()), targets)
    )
    return Trace(tuple(steps), TraceEnd(query, ends, tuple(next_steps(ends))))


def _tried(attempts: Sequence[Attempt]) -> Iterator[Tried]:
    for _, alike in groupby(attempts, key=lambda a: (a.target, a.purpose, a.status, a.fault)):
        yield Tried(tuple(alike))


def _ends(found: Found, attempts: Sequence[Attempt], targets: Sequence[Target]) -> list[End]:
    """Return how far a record got: one end, or one for each target."""
    record = found.record
    if record.kind is RecordKind.REFUSED:
        return [End(record.seq, Where.REFUSED, status=record.status)]
    if record.kind is RecordKind.MALFORMED:
        return [End(record.seq, Where.MALFORMED, status=record.status)]
    if record.kind is not RecordKind.DELIVERY:
        return []
    last = {attempt.target: attempt for attempt in attempts}
    ends = [_end_of(forward, last.get(forward.target)) for forward in found.forwards]
    reached = {forward.target for forward in found.forwards}
    ends += [_end_of_replay(each) for each in last.values() if _stands_alone(each, reached)]
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
    where = {
        ForwardState.DONE: Where.FORWARDED,
        ForwardState.WAITING: Where.WAITING,
        ForwardState.FAILED: Where.FAILED,
    }[forward.state]
    return End(
        seq=forward.seq,
        where=where,
        target=forward.target,
        attempts=forward.attempts,
        status=None if last is None else last.status,
        fault=None if last is None else last.fault,
        next_at=forward.next_at,
    )


def _stands_alone(last: Attempt, reached: set[str]) -> bool:
    """Return whether only a replay was sent to a target, and nothing was ever forwarded."""
    return last.target not in reached and last.purpose is not Purpose.CHANGED_REPLAY


def _end_of_replay(last: Attempt) -> End:
    where = Where.FORWARDED if last.accepted else Where.FAILED
    return End(last.seq, where, last.target, last.number, last.status, last.fault)
