"""A hook, entries of the log about it and for it, and what stands in for a store and a receiver."""

import os
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import LogEntry, read_log_entry
from okhook.reconcile.causes import Evidence, Failures
from okhook.reconcile.hook_history import HookHistory, HookStatus, Stretch
from okhook.reconcile.received import Received
from okhook.reconcile.redeliver import NotReconstructed, Reconstruction
from okhook.runtime.uptime import Period
from tests.okta.fake_log import JsonObject, log_entry
from tests.support.records import NOON

HOOK_ID = "who1234567890abcdefg"
CREATE = "user.lifecycle.create"
ADD = "group.user_membership.add"


def a_hook(
    *,
    active: bool = True,
    verified: bool = True,
    events: Iterable[str] = (CREATE, ADD),
    filters: Iterable[tuple[str, str]] = (),
    hook_id: str = HOOK_ID,
) -> EventHook:
    """Return a hook as an org has it."""
    return EventHook(
        id=hook_id,
        name="okhook tests",
        description=None,
        status="ACTIVE" if active else "INACTIVE",
        verification_status="VERIFIED" if verified else "UNVERIFIED",
        last_updated=None,
        events=frozenset(events),
        filters=frozenset(filters),
        url="https://hooks.example.com/okta",
        headers=(),
        auth_field=None,
        raw={},
    )


def after(minutes: float) -> datetime:
    """Return a moment so long after noon, in whole milliseconds as Okta has them."""
    return NOON.replace(microsecond=0) + timedelta(minutes=minutes)


def change(event_type: str, minutes: float, *, result: str = "SUCCESS") -> LogEntry:
    """Return an entry of the log about the hook."""
    return read_log_entry(raw_change(event_type, minutes, result=result))


def raw_change(
    event_type: str, minutes: float, *, result: str = "SUCCESS", reason: str | None = None
) -> JsonObject:
    """Return an entry about the hook, as the org answers it."""
    return log_entry(
        f"{event_type} {minutes}",
        event_type,
        published=after(minutes),
        target=HOOK_ID,
        result=result,
        reason=reason,
    )


def an_entry(
    uuid: str = "uuid-1",
    event_type: str = CREATE,
    minutes: float = 0,
    *,
    hook_ids: str | None = None,
    reason: str | None = None,
) -> LogEntry:
    """Return an entry of the log that a hook may have been meant to deliver."""
    return read_log_entry(
        log_entry(uuid, event_type, published=after(minutes), hook_ids=hook_ids, reason=reason)
    )


def always(status: HookStatus = HookStatus.DELIVERING) -> HookHistory:
    """Return the history of a hook that never stood in another way."""
    return HookHistory([Stretch(status, None)])


def evidence(
    *,
    history: HookHistory | None = None,
    failures: Failures | None = None,
    load: Counter[int] | None = None,
    periods: Sequence[Period] = (),
    refused: str | None = None,
    unread_filters: Iterable[str] = (),
) -> Evidence:
    """Return what is known; nothing of it explains anything unless it is given.

    ``refused`` is why the receiver refused something at noon.
    """
    refusals = Failures()
    if refused is not None:
        refusals.add(after(0), refused)
    return Evidence(
        history=history or always(),
        failures=failures or Failures(),
        load=load or Counter(),
        periods=periods,
        refusals=lambda: refusals,
        unread_filters=frozenset(unread_filters),
    )


class Store(Received):
    """Deliveries by the event that they carry, without a file."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull))
        self.kept: dict[str, list[int]] = {}
        self.count = 0

    def keep(self, uuid: str) -> None:
        self.count += 1
        self.kept.setdefault(uuid, []).append(self.count)

    async def take(self, missing: Reconstruction) -> None:
        self.keep(missing.entry.uuid)

    def carrying(self, uuids: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        return {uuid: tuple(self.kept[uuid]) for uuid in uuids if uuid in self.kept}

    def refusals(self, since: datetime) -> Failures:
        return Failures()


@dataclass
class Redelivers:
    """Has ``take`` keep what it is given; gives up before number ``fails_at``.

    ``never`` are the events that it refuses for good, and ``mended`` are those that it gave.
    """

    take: Callable[[Reconstruction], Awaitable[None]]
    fails_at: int | None = None
    never: Collection[str] = ()
    mended: list[str] = field(default_factory=list)

    async def __call__(self, missing: Reconstruction) -> None:
        if len(self.mended) == self.fails_at:
            raise Unavailable("the receiver is gone")
        if missing.entry.uuid in self.never:
            raise NotReconstructed("target must be an array")
        await self.take(missing)
        self.mended.append(missing.entry.uuid)


@dataclass
class Shown:
    """What was published, in order."""

    activities: list[Activity] = field(default_factory=list)

    def __call__(self, activity: Activity) -> None:
        self.activities.append(activity)

    def uuids(self, type_: str) -> list[str]:
        lines = [each.to_json() for each in self.activities]
        return [line["uuid"] for line in lines if line["type"] == type_]

    def count(self, type_: str) -> int:
        return sum(each.type == type_ for each in self.activities)
