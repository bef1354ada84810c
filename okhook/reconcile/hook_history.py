"""When a hook was active and verified, according to the System Log. Pure.

The log has the hook's changes (``event_hook.activated`` …). The state before the first change is
the opposite of what that change made.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import VERIFIED, LogEntry

CREATED: Final = "event_hook.created"
ACTIVATED: Final = "event_hook.activated"
DEACTIVATED: Final = "event_hook.deactivated"
DELETED: Final = "event_hook.deleted"
UPDATED: Final = "event_hook.updated"

CHANGES: Final = (CREATED, ACTIVATED, DEACTIVATED, DELETED, UPDATED, VERIFIED)
"""The event types of a hook's changes."""


_ACTIVE_BEFORE: Final = {CREATED: False, ACTIVATED: False, DEACTIVATED: True}
_ACTIVE_AFTER: Final = {CREATED: True, ACTIVATED: True, DEACTIVATED: False, DELETED: False}
_VERIFIED_BEFORE: Final = {CREATED: False, UPDATED: True, VERIFIED: True}
"""What a change tells of the hook. An older hook most likely was verified before the log begins."""


class HookStatus(StrEnum):
    """Whether an org delivers to a hook."""

    DELIVERING = "delivering"
    UNVERIFIED = "unverified"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A hook's status from ``since`` on; None means since before the log begins."""

    status: HookStatus
    since: datetime | None


class HookHistory:
    """The status of a hook over time."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self._begins = [each.since for each in stretches if each.since is not None]

    def at(self, moment: datetime) -> Stretch:
        """Return the status at ``moment``.

        In the millisecond in which the hook became active or verified, an event may have come
        before: the hook was not delivering yet, unless the event names it.
        """
        without_beginning = len(self._stretches) - len(self._begins)
        number = bisect_right(self._begins, moment) + without_beginning - 1
        stretch = self._stretches[number]
        begins_now = stretch.status is HookStatus.DELIVERING and stretch.since == moment
        return self._stretches[number - 1] if begins_now else stretch


def hook_history(hook: EventHook, changes: Iterable[LogEntry]) -> HookHistory:
    """Return the history of ``hook`` from the log's entries about it, in order of time.

    The log does not say whether an update changed the channel, which makes the hook unverified. We
    assume so if a verification followed, or if the hook is unverified now.
    """
    succeeded = [entry for entry in changes if entry.outcome != "FAILURE"]
    active = _before(succeeded, _ACTIVE_BEFORE, hook.is_active)
    verified = _before(succeeded, _VERIFIED_BEFORE, hook.is_verified)
    stretches = [Stretch(_status(active, verified), None)]
    for number, entry in enumerate(succeeded):
        active = _ACTIVE_AFTER.get(entry.event_type, active)
        verified = _verified_after(entry, succeeded[number + 1 :], hook, verified)
        status = _status(active, verified)
        if status is not stretches[-1].status:
            stretches.append(Stretch(status, entry.published))
    return HookHistory(stretches)


def _before(changes: Iterable[LogEntry], known: Mapping[str, bool], now: bool) -> bool:
    """Return the state before the changes: what the first one of a ``known`` type tells, or now."""
    return next((known[each.event_type] for each in changes if each.event_type in known), now)


def _verified_after(
    entry: LogEntry, later: Sequence[LogEntry], hook: EventHook, before: bool
) -> bool:
    if entry.event_type == VERIFIED:
        return True
    if entry.event_type == CREATED:
        return False
    if entry.event_type == UPDATED:
        return before and not _changed_the_channel(later, hook)
    return before


def _changed_the_channel(later: Iterable[LogEntry], hook: EventHook) -> bool:
    """Return whether an update made the hook unverified; of several in a row, the last one did."""
    changes = (each.event_type for each in later if each.event_type in (UPDATED, VERIFIED))
    following = next(changes, None)
    return not hook.is_verified if following is None else following == VERIFIED


def _status(active: bool, verified: bool) -> HookStatus:
    if not active:
        return HookStatus.INACTIVE
    return HookStatus.DELIVERING if verified else HookStatus.UNVERIFIED
