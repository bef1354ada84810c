"""Ask the app how often it processed an event: a status cannot tell."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import anyio

from okhook.check.judging import Complaint

Observe = Callable[[str], Awaitable[int]]
"""Returns how often the event with a uuid was processed, or raises ``CannotObserve``."""

SETTLE_S = 0.5
"""How long the processing of a duplicate may come after that of the first."""

_AT_ONCE = 4
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 0.5
_NAMED = 2


class CannotObserve(Exception):
    """The way to observe did not give a number. The message says what it gave."""


async def observed(
    observe: Observe, wanted: Mapping[str, int], wait_s: float, *, has_duplicates: bool = True
) -> dict[str, int]:
    """Return the counts of events, after each was processed as often as wanted, or ``wait_s``.

    If some were sent more than once, all are asked for again at the end, because a duplicate may
    be processed later.
    """
    until = time.monotonic() + wait_s
    counts: dict[str, int] = {}
    missing, pause_s = set(wanted), _FIRST_WAIT_S
    while True:
        counts |= await _counts(observe, missing)
        missing = {uuid for uuid in missing if counts[uuid] < wanted[uuid]}
        if not missing or time.monotonic() >= until:
            break
        await anyio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_WAIT_S)
    if not has_duplicates:
        return counts
    await anyio.sleep(SETTLE_S)
    return await _counts(observe, wanted)


async def _counts(observe: Observe, uuids: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    faults: list[CannotObserve] = []
    waiting = iter(list(uuids))

    async def ask_in_turn() -> None:
        for uuid in waiting:
            try:
                counts[uuid] = await observe(uuid)
            except CannotObserve as error:
                faults.append(error)
                return

    async with anyio.create_task_group() as tasks:
        for _ in range(_AT_ONCE):
            tasks.start_soon(ask_in_turn)
    if faults:
        raise faults[0]
    return counts


def wrong_counts(
    counts: Mapping[str, int], wanted: Mapping[str, int], wait_s: float
) -> Complaint | None:
    """Return the complaint about events that were not processed as often as wanted."""
    too_often = [uuid for uuid, count in wanted.items() if counts[uuid] > count]
    too_rarely = [uuid for uuid, count in wanted.items() if counts[uuid] < count]
    if too_rarely:
        return Complaint(
            f"{_of(too_rarely, wanted)} not processed within {wait_s:g} s:"
            f" {', '.join(too_rarely[:_NAMED])}",
            then="Okta counts the delivery as received and does not send it again: the event is"
            " lost",
        )
    if too_often:
        return Complaint(
            f"{_of(too_often, wanted)} processed more than once:"
            f" {too_often[0]} {counts[too_often[0]]} times",
            then="Okta delivers at least once: your app does its work again for the same event",
        )
    return None


def _of(uuids: list[str], wanted: Mapping[str, int]) -> str:
    count = len(uuids)
    if len(wanted) > 1:
        return f"{count} of {len(wanted)} events"
    return "1 event"
