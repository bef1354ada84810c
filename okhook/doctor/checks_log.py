"""Checks of failures that the org logged in the last day, and of its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from okhook.doctor.check import NO_HOOK, Finding, Outcome, failed, ok, skipped, warning
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.facts import Facts
from okhook.json_form import timestamp
from okhook.okta.event_hooks import MOST_ACTIVE, EventHook
from okhook.okta.permissions import Permission
from okhook.okta.preflight import MOST_EVENTS
from okhook.okta.system_log import DELIVERY_FAILED, MOST_A_PAGE, VERIFIED, LogEntry
from okhook.text import counted

_NEARLY = 0.9
_REASON_LIMIT = 200


async def check_failures(facts: Facts) -> Finding:
    """Count deliveries and verifications of the last day that failed, as the org logged them.

    They are over if a delivery of the hook arrived after them, or if a canary arrives now.
    """
    hook = await facts.hook.get_or_none()
    if hook is None:
        return NO_HOOK
    entries = await facts.hook_log.get()
    if entries is None:
        return skipped("the credential cannot read the System Log")
    commands = facts.setup.commands
    lost = [each for each in entries if each.event_type == DELIVERY_FAILED]
    verifications = [each for each in entries if each.event_type == VERIFIED]
    unverified = list(takewhile(lambda each: each.outcome != "SUCCESS", verifications))
    logged = [*_last_of("delivery", lost), *_last_of("verification", unverified)]
    if not lost:
        if not unverified or hook.is_verified:
            return ok("no delivery failed in the last 24 hours")
        return failed(
            f"the org could not verify the hook ({len(unverified)} in the last 24 hours)",
            *logged,
            remedy=commands.for_org("hooks", "verify", hook.id),
        )
    more = "or more " if len(entries) >= MOST_A_PAGE else ""
    count = (
        f"{counted(len(lost), f'{more}delivery', f'{more}deliveries')} failed in the last 24 hours"
    )
    remedy = commands.for_org("reconcile", "--hook", hook.id)
    last = await facts.last_delivery.get_or_none()
    if last is not None and last.request.received_at > lost[0].published:
        return warning(f"{count}; a delivery has arrived since then", *logged, remedy=remedy)
    if await _works_now(facts, hook):
        return warning(f"{count}; a canary arrives now", *logged, remedy=remedy)
    return failed(f"{count}, and no delivery has arrived since then", *logged, remedy=remedy)


async def _works_now(facts: Facts, hook: EventHook) -> bool:
    """Return whether a canary arrived through the hook's own URL, with the hook's secret."""
    sent = await facts.canary.get_or_none()
    if sent is None or sent.url != hook.url or sent.record is None or sent.was_refused:
        return False
    return (await check_secret(facts)).outcome is Outcome.OK


def _last_of(what: str, entries: Sequence[LogEntry]) -> list[str]:
    if not entries:
        return []
    reason = entries[0].reason or "the org gave no reason"
    return [f"last {what} {timestamp(entries[0].published)}: {reason[:_REASON_LIMIT]}"]


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is used."""

    what: str
    used: int
    of: int

    @property
    def text(self) -> str:
        """Both numbers, in words."""
        return f"{self.used} of {self.of} {self.what}"


def uses(
    hook: EventHook | None, hooks: Sequence[EventHook], permissions: Sequence[Permission]
) -> list[Use]:
    """Return how much is used of each limit that concerns a hook."""
    active = sum(each.is_active for each in hooks)
    lefts = ((each.resource, each.rate_limit) for each in permissions)
    calls = [
        Use(f"calls a minute of {resource}", left.limit - left.remaining, left.limit)
        for resource, left in lefts
        if left is not None and left.limit > 0
    ]
    found = [Use("active hooks", active, MOST_ACTIVE)]
    if hook is not None:
        found.append(Use("event types of the hook", len(hook.events), MOST_EVENTS))
    return [*found, *calls]


async def check_limits(facts: Facts) -> Finding:
    """Check that no limit of the org is used up, or nearly."""
    hook = await facts.hook.get_or_none()
    used = uses(hook, await facts.hooks.get(), await facts.permissions.get())
    rate_limited, commands = await facts.limits_log.get(), facts.setup.commands
    facts_shown = [each.text for each in used]
    if rate_limited:
        entry = rate_limited[0]
        facts_shown.append(f"the System Log has {entry.event_type}, {timestamp(entry.published)}")
    if hook is not None and not hook.is_active and used[0].used >= MOST_ACTIVE:
        return failed(
            f"the org already has {MOST_ACTIVE} active hooks, the maximum, and this hook is not"
            " active",
            *facts_shown,
            remedy=f"{commands.for_org('hooks', 'list')}\nthen deactivate one that you do not need",
        )
    near = [each for each in used if each.used >= each.of * _NEARLY]
    if near:
        return warning(f"close to the limit: {', '.join(each.text for each in near)}", *facts_shown)
    if rate_limited:
        return warning("the org reached a rate limit in the last 24 hours", *facts_shown)
    return ok(f"no limit is near: {', '.join(each.text for each in used[:2])}", *facts_shown)
