"""Tell the story of a delivery: what happened to it, and the command to run next."""

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from itertools import groupby
from typing import Annotated, Final

from okhook.activity import Activity
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose, Target
from okhook.records.record import Found, Record, RecordKind, RecordStatus
from okhook.wire.url import WITHOUT_CREDENTIALS, without_credentials

MOST_IDS: Final = 10
"""A command with more ids than this selects a status instead."""


class Arrived(Activity):
    """A request was received."""

    type = "trace_step"
    json_fields = (
        "step record.seq at answered=record.status record.reason"
        " record.delivery.event_id record.duplicate_of record.delivery.events"
    )
    record: Record

    @property
    def at(self) -> datetime:
        """When it was received."""
        return self.record.request.received_at

    @property
    def step(self) -> str:
        """``received`` for a delivery, ``duplicate``, or the kind of the record."""
        if self.record.is_duplicate:
            return "duplicate"
        is_delivery = self.record.kind is RecordKind.DELIVERY
        return "received" if is_delivery else self.record.kind.value


class Tried(Activity):
    """Attempts in a row with the same target, purpose and outcome."""

    type = "trace_step"
    json_fields = (
        "step last.seq at until last.target last.purpose first=first.number"
        " last=last.number last.status last.fault last.reason last.duration_s"
    )
    step = "attempts"
    attempts: tuple[Attempt, ...]

    @property
    def first(self) -> Attempt:
        """The first attempt."""
        return self.attempts[0]

    @property
    def at(self) -> datetime:
        """When the first attempt began."""
        return self.attempts[0].began_at

    @property
    def last(self) -> Attempt:
        """The last attempt."""
        return self.attempts[-1]

    @property
    def until(self) -> datetime:
        """When the last attempt ended."""
        return self.last.began_at + timedelta(seconds=self.last.duration_s)


Step = Arrived | Tried


class DeliveryState(StrEnum):
    """The state of a delivery."""

    FORWARDED = "forwarded"
    WAITING = "waiting"
    PENDING = "pending"
    FAILED = "failed"
    NOT_FORWARDED = "not_forwarded"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class End:
    """The state of the delivery ``seq``, at ``target`` if it is forwarded.

    ``status`` and ``fault`` are those of the last attempt. For a refused delivery, ``status`` is
    the receiver's own answer. ``next_at`` is the time of the next attempt. ``receiver`` is the
    name under which it is forwarded.
    """

    seq: int
    where: DeliveryState
    target: Annotated[str | None, WITHOUT_CREDENTIALS] = None
    attempts: int = 0
    status: int | None = None
    fault: str | None = None
    next_at: datetime | None = None
    receiver: str | None = None
    json_fields = "seq where target attempts status fault next_at"


class TraceEnd(Activity):
    """The state of each delivery, and the commands to run next."""

    type = "trace_end"
    query: str
    ends: tuple[End, ...]
    next_steps: tuple[str, ...]


def next_steps(
    ends: Sequence[End],
    here: str | None = None,
    known_app: str | None = None,
    served: Collection[tuple[str | None, str]] = (),
) -> Iterator[str]:
    """Yield the commands for deliveries that no app accepted, each once.

    ``here`` is the name of the receiver that ``okhook serve`` would be. ``served`` are the names of
    the receivers that run, each with an app that it forwards to.
    """
    failed: defaultdict[str, list[int]] = defaultdict(list)
    for end in ends:
        if end.where is DeliveryState.FAILED and end.target is not None:
            failed[end.target].append(end.seq)
    for target, seqs in failed.items():
        to = shlex.quote(without_credentials(target))
        yield f"okhook replay {_which(seqs, RecordStatus.FAILED)} --to {to}"
    yield from _to_send(ends, here, served)
    unsent = [end.seq for end in ends if end.where is DeliveryState.NOT_FORWARDED]
    if unsent and known_app is not None:
        which = _which(unsent, RecordStatus.STORED)
        yield f"okhook replay {which} --to {shlex.quote(without_credentials(known_app))}"
    if any(
        end.where is DeliveryState.REFUSED and end.status == HTTPStatus.UNAUTHORIZED for end in ends
    ):
        yield "okhook doctor"
    malformed = [end.seq for end in ends if end.where is DeliveryState.MALFORMED]
    if malformed:
        yield f"okhook deliveries show {malformed[-1]}"


def _to_send(
    ends: Sequence[End], here: str | None, served: Collection[tuple[str | None, str]]
) -> Iterator[str]:
    """Yield what sends deliveries that wait.

    A receiver that runs sends them when it is time; a replay sends them at once.
    """
    underway = [end for end in ends if end.where in (DeliveryState.WAITING, DeliveryState.PENDING)]
    soon: defaultdict[str, list[int]] = defaultdict(list)
    for end in underway:
        if (end.receiver, end.target) in served and end.where is DeliveryState.WAITING:
            soon[end.target or ""].append(end.seq)
    for target, seqs in soon.items():
        ids = [str(seq) for seq in seqs[:MOST_IDS]]
        yield shlex.join(["okhook", "replay", *ids, "--to", without_credentials(target)])
    for receiver, app in dict.fromkeys((end.receiver, end.target) for end in underway):
        if (receiver, app) in served:
            continue
        name = [] if receiver is None or receiver == here else ["--receiver", receiver]
        yield shlex.join(["okhook", "serve", "--forward-to", without_credentials(app or ""), *name])


def _which(seqs: Sequence[int], status: RecordStatus) -> str:
    return " ".join(map(str, seqs)) if len(seqs) <= MOST_IDS else f"--status {status}"


def trace(
    query: str,
    found: Iterable[Found],
    attempts: Mapping[int, Sequence[Attempt]],
    targets: Sequence[Target],
    here: str | None = None,
    served: Collection[tuple[str | None, str]] = (),
) -> tuple[list[Step], TraceEnd]:
    """Return the steps of the records in order of time, and their state.

    ``attempts`` are by ``seq``, oldest first. ``targets`` are all that the store has. ``here`` and
    ``served`` are as in :func:`next_steps`.
    """
    kept = sorted(found, key=lambda each: each.record.seq)
    steps: list[Step] = [Arrived(each.record) for each in kept]
    ends: list[End] = []
    for each in kept:
        tried = attempts.get(each.record.seq, ())
        steps += _tried(tried)
        ends += _ends(each, tried, targets)
    steps.sort(key=lambda step: step.at)
    app = next((target.url for target in targets), None)
    return steps, TraceEnd(query, tuple(ends), tuple(next_steps(ends, here, app, served)))


def _tried(attempts: Sequence[Attempt]) -> Iterator[Tried]:
    for _, alike in groupby(attempts, key=lambda a: (a.target, a.purpose, a.status, a.fault)):
        yield Tried(tuple(alike))


def _ends(found: Found, attempts: Sequence[Attempt], targets: Sequence[Target]) -> list[End]:
    """Return the state of a record, or its state at each target."""
    record = found.record
    if record.kind in (RecordKind.REFUSED, RecordKind.MALFORMED):
        return [End(record.seq, DeliveryState(record.kind), status=record.status)]
    if record.kind is not RecordKind.DELIVERY:
        return []
    last = {attempt.target: attempt for attempt in attempts}
    accepted = last | {attempt.target: attempt for attempt in attempts if attempt.accepted}
    own = {each.url: each for each in targets if each.gets_from(record.receiver)}
    ends = [
        _end_of(
            forward,
            (accepted if forward.state is ForwardState.DONE else last).get(forward.target),
            own.get(forward.target),
        )
        for forward in found.forwards
    ]
    reached = {forward.target for forward in found.forwards}
    ends += [
        _end_of_replay(each)
        for each in last.values()
        if each.target not in reached and each.purpose is not Purpose.CHANGED_REPLAY
    ]
    reached |= set(last)
    ends += [
        End(record.seq, DeliveryState.PENDING, target.url, receiver=target.receiver)
        for target in own.values()
        if target.url not in reached and record.seq > target.cursor
    ]
    if ends or record.is_duplicate:  # the end of the first delivery counts for both
        return ends
    return [End(record.seq, DeliveryState.NOT_FORWARDED)]


def _end_of(forward: Forward, last: Attempt | None, target: Target | None) -> End:
    is_done = forward.state is ForwardState.DONE
    return End(
        forward.seq,
        DeliveryState.FORWARDED if is_done else DeliveryState(forward.state),
        forward.target,
        forward.attempts,
        None if last is None else last.status,
        None if last is None else last.fault,
        forward.next_at,
        None if target is None else target.receiver,
    )


def _end_of_replay(last: Attempt) -> End:
    """Return the state of a record at a target that only got replays of it."""
    where = DeliveryState.FORWARDED if last.accepted else DeliveryState.FAILED
    return End(last.seq, where, last.target, last.number, last.status, last.fault)
