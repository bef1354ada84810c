"""What the org's System Log has of the hook from the last day, and which limits are near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from okhook.doctor.check import Finding, failed, ok, skipped, warning
from okhook.doctor.checks_hook import NO_HOOK
from okhook.doctor.commands import Commands
from okhook.json_form import timestamp
from okhook.okta.definitions import MOST_ACTIVE
from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry
from okhook.okta.permissions import Permission
from okhook.okta.system_log import MOST_A_PAGE, LogQuery, SystemLogApi, about, is_one_of
from okhook.records.record import Record

MOST_EVENT_TYPES = 300
"""Event types that a hook can have."""

_NEARLY = 0.9
_DAY = timedelta(days=1)
_DELIVERY = "event_hook.delivery"
"""An org writes one for a delivery that failed, and none for any other."""

_VERIFIED = "event_hook.verified"
_NOT_ALLOWED = "the credential may not read the System Log"
_REASON_LIMIT = 200


async def entries_about(log: SystemLogApi, hook: EventHook, now: datetime) -> tuple[LogEntry, ...]:
    """Return what the log has of the hook from the last day, newest first: one page at most."""
    query = LogQuery(
        since=now - _DAY,
        filter=about(hook.id, is_one_of((_DELIVERY, _VERIFIED))),
        newest_first=True,
    )
    return (await log.page(query.path())).entries


async def rate_limit_entries(log: SystemLogApi, now: datetime) -> tuple[LogEntry, ...]:
    """Return the newest entry of the last day about a limit of the org's, where there is one."""
    query = LogQuery(
        since=now - _DAY,
        filter='eventType sw "system.org.rate_limit."',
        newest_first=True,
        limit=1,
    )
    return (await log.page(query.path())).entries


def may_read_log(permissions: Sequence[Permission]) -> bool:
    """Tell whether the credential lets us read the System Log."""
    return all(each.allowed for each in permissions if each.resource == "System Log")


async def check_failures(
    hook: EventHook | None,
    entries: Sequence[LogEntry] | None,
    last: Record | None,
    commands: Commands,
    *,
    works_now: bool,
) -> Finding:
    """Count deliveries and verifications of the last day that failed, as the org logged them.

    ``entries`` are newest first, None where they may not be read. Failures are over where the
    hook's ``last`` delivery came after them, or a canary proved that its way ``works_now``.
    """
    if hook is None:
        return skipped(NO_HOOK)
    if entries is None:
        return skipped(_NOT_ALLOWED)
    lost = [each for each in entries if each.event_type == _DELIVERY]
    unverified = _since_the_last_success(entries)
    facts = [*_last_of("delivery", lost), *_last_of("verification", unverified)]
    if not lost:
        return _of_verifications(hook, unverified, facts, commands)
    more = " or more" if len(entries) >= MOST_A_PAGE else ""
    told = f"{len(lost)}{more} deliver{'y' if len(lost) == 1 else 'ies'} failed in the last day"
    remedy = commands.for_org("reconcile", "--hook", hook.id)
    if last is not None and last.request.received_at > lost[0].published:
        return warning(f"{told}; one came through since", *facts, remedy=remedy)
    if works_now:
        return warning(f"{told}; a canary comes through now", *facts, remedy=remedy)
    return failed(f"{told}, and none came through since", *facts, remedy=remedy)


def _of_verifications(
    hook: EventHook, unverified: Sequence[LogEntry], facts: Sequence[str], commands: Commands
) -> Finding:
    if not unverified or hook.is_verified:
        return ok("no delivery failed in the last day")
    return failed(
        f"the org could not verify the hook ({len(unverified)} in the last day)",
        *facts,
        remedy=commands.for_org("hooks", "verify", hook.id),
    )


def _since_the_last_success(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """Return the verifications that failed and were followed by none that did not."""
    verifications = (each for each in entries if each.event_type == _VERIFIED)
    return list(takewhile(lambda each: each.outcome != "SUCCESS", verifications))


def _last_of(what: str, entries: Sequence[LogEntry]) -> list[str]:
    if not entries:
        return []
    reason = entries[0].reason or "the org gives no reason"
    return [f"last {what} {timestamp(entries[0].published)}: {reason[:_REASON_LIMIT]}"]


@dataclass(frozen=True, slots=True)
class Use:
    """What is used of what there is."""

    what: str
    used: int
    of: int

    @property
    def told(self) -> str:
        """Both numbers, in words."""
        return f"{self.used} of {self.of} {self.what}"

    @property
    def is_near(self) -> bool:
        """Whether little is left."""
        return self.used >= self.of * _NEARLY


def uses(
    hook: EventHook | None, hooks: Sequence[EventHook], permissions: Sequence[Permission]
) -> list[Use]:
    """Return what is used of the limits that a hook meets."""
    active = sum(each.is_active for each in hooks)
    lefts = ((each.resource, each.rate_limit) for each in permissions)
    calls = [
        Use(f"calls a minute of {resource}", left.limit - left.remaining, left.limit)
        for resource, left in lefts
        if left is not None and left.limit > 0
    ]
    types = (
        [] if hook is None else [Use("event types of the hook", len(hook.events), MOST_EVENT_TYPES)]
    )
    return [Use("active hooks", active, MOST_ACTIVE), *types, *calls]


async def check_limits(
    hook: EventHook | None,
    used: Sequence[Use],
    rate_limited: Sequence[LogEntry] | None,
    commands: Commands,
) -> Finding:
    """Say which limits are near. ``rate_limited`` is what the log has of them, None if unread."""
    facts = [each.told for each in used]
    if rate_limited:
        entry = rate_limited[0]
        facts.append(f"the log has {entry.event_type}, {timestamp(entry.published)}")
    used_up = [each for each in used if each.used >= each.of]
    cannot_activate = hook is not None and not hook.is_active and used[0] in used_up
    if cannot_activate:
        return failed(
            f"the org has its {MOST_ACTIVE} active hooks, and this one is not among them",
            *facts,
            remedy=f"{commands.for_org('hooks', 'list')}\nand deactivate one that is not needed:"
            f"\n{commands.for_org('hooks', 'deactivate', 'ID')}",
        )
    near = [each for each in used if each.is_near]
    if near:
        return warning(f"nearly used up: {', '.join(each.told for each in near)}", *facts)
    if rate_limited:
        return warning("the org met a rate limit in the last day", *facts)
    return ok(f"none is near: {', '.join(each.told for each in used[:2])}", *facts)
