"""What the page reads of the store: pages of records, and one record with its story."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from okhook.errors import InvalidInput
from okhook.json_form import JsonObject, as_json, fields_as_json
from okhook.quantities import NotAQuantity, parse_since, parse_until
from okhook.records.activities import RecordFound, RecordShown
from okhook.records.record import Found, Record, RecordFilter, RecordKind, RecordStatus
from okhook.replay.targets import meant_target
from okhook.store.contract import Reader
from okhook.trace.story import DeliveryState, TraceEnd, next_steps, trace
from okhook.wire.delivery import glimpse_in
from okhook.wire.url import without_credentials

MOST_A_PAGE = 200

MOST_EVENTS = 10
"""How many rows the list shows for one delivery, at most."""

IN_THE_TERMINAL = "use the terminal, with the whole URL: `okhook replay ID --to URL`"
"""What to do about an app that the page does not tell from another."""

_DELIVERED = (RecordKind.DELIVERY, RecordKind.CANARY)
_OF_THE_BODY = ("event_id", "hook_id", "events")


def as_listed(reader: Reader, found: Sequence[Found]) -> list[JsonObject]:
    """Return records as ``okhook deliveries list --output json`` gives them.

    Of a large delivery only the first events are there, of ``event_count``. ``lasts`` are the
    latest attempts to send each to its apps, one for each, without the answers.
    """
    lines = []
    for each in found:
        by_app = {attempt.target: attempt for attempt in reader.attempts(each.record.seq)}
        lines.append(
            {
                "type": RecordFound.type,
                **fields_as_json(RecordFound(each), without=_OF_THE_BODY),
                **_glimpse_of(each.record),
                "lasts": [fields_as_json(attempt) | {"answer": ""} for attempt in by_app.values()],
            }
        )
    return lines


def _glimpse_of(record: Record) -> JsonObject:
    """Return what the body says, with the first of its events."""
    body = record.request.body if record.kind in _DELIVERED else b""
    delivery, count = glimpse_in(body, MOST_EVENTS)
    return {
        "event_id": delivery.event_id,
        "hook_id": delivery.hook_id,
        "events": as_json(delivery.events),
        "event_count": count,
    }


def kept(reader: Reader, seq: int) -> Found | None:
    """Return a record; None if there is none, or it was pruned."""
    found = reader.after(seq - 1, 1)
    return found[0] if found and found[0].record.seq == seq else None


def filter_of(query: Mapping[str, Sequence[str]], now: datetime) -> RecordFilter:
    """Return the filter that the page's URL describes, or raise ``InvalidInput``."""
    statuses = query.get("status", ())
    unknown = sorted(set(statuses) - set(RecordStatus))
    if unknown:
        raise InvalidInput(
            f"unknown status {unknown[0]}", next_step=f"use one of {', '.join(RecordStatus)}"
        )
    since, until = _first(query, "since"), _first(query, "until")
    try:
        return RecordFilter(
            events=tuple(query.get("event", ())),
            user=_first(query, "user"),
            words=tuple(word for text in query.get("q", ()) for word in text.split()),
            receiver=_first(query, "receiver"),
            target=_first(query, "target"),
            since=None if since is None else parse_since(since, now=now),
            until=None if until is None else parse_until(until, now=now),
            statuses=frozenset(map(RecordStatus, statuses)),
            everything=_first(query, "all") == "1",
        )
    except NotAQuantity as error:
        raise InvalidInput("invalid time", next_step=str(error)) from None


def page_of(reader: Reader, wanted: RecordFilter, *, before: int | None, limit: int) -> JsonObject:
    """Return a page of records, newest first; ``more`` tells whether there are others."""
    if wanted.target is not None:
        wanted = replace(
            wanted, target=meant_target(reader, wanted.target, next_step=IN_THE_TERMINAL)
        )
    found = reader.find(wanted, limit=limit + 1, before=before)
    return {
        "records": as_listed(reader, found[:limit]),
        "more": len(found) > limit,
        "last_seq": reader.last_seq(),
    }


def record_in_full(reader: Reader, found: Found, *, served: Collection[str] = ()) -> JsonObject:
    """Return a record with its attempts, its duplicates and the end of its story.

    What its body says is not there: the page reads that from the body's own bytes.
    ``served`` are the apps that receivers on this machine forward to now.
    """
    seq = found.record.seq
    repeats = reader.repeats(seq)
    attempts = reader.attempts(seq)
    shown = RecordShown(found, attempts, [each.record.seq for each in repeats])
    related = {each.record.seq: each for each in (found, *repeats)}
    first = found.record.duplicate_of
    if first is not None and (original := kept(reader, first)) is not None:
        related[first] = original
    tried = {each: reader.attempts(each) for each in related}
    _, end = trace(str(seq), related.values(), tried, reader.targets())
    return {
        "type": shown.type,
        **fields_as_json(shown, without=("body", *_OF_THE_BODY)),
        "size_bytes": len(found.record.request.body),
        "end": as_json(_not_twice(end, served)),
        "targets": list(
            dict.fromkeys(without_credentials(target.url) for target in reader.targets())
        ),
    }


def _not_twice(end: TraceEnd, served: Collection[str]) -> TraceEnd:
    """Return an end without the commands that start what runs, or show what the page shows."""
    underway = [
        each
        for each in end.ends
        if each.where in (DeliveryState.WAITING, DeliveryState.PENDING) and each.target in served
    ]
    done = set(next_steps(underway))
    steps = (step for step in end.next_steps if step not in done)
    shown = f"okhook deliveries show {end.query}"
    return replace(end, next_steps=tuple(step for step in steps if step != shown))


def _first(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    return next(iter(query.get(name, ())), None) or None
