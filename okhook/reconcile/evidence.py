"""Gather what explains a missed event: the hook's own entries in the System Log."""

from datetime import datetime, timedelta

from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry
from okhook.okta.system_log import RETENTION_DAYS, LogQuery, SystemLogApi, about, is_one_of
from okhook.reconcile.causes import Failures
from okhook.reconcile.hook_history import CHANGES, HookHistory, hook_history

DELIVERY_FAILED = "event_hook.delivery"


async def history_of(hook: EventHook, log: SystemLogApi, *, now: datetime) -> HookHistory:
    """Return how the hook stood when, as far as the log reaches back.

    Raises:
        OkhookError: the log cannot be read.

    """
    query = LogQuery(
        since=now - timedelta(days=RETENTION_DAYS),
        until=now,
        filter=about(hook.id, is_one_of(CHANGES)),
    )
    changes: list[LogEntry] = [entry async for entry in log.entries(query)]
    return hook_history(hook, changes)


async def failures_of(
    hook: EventHook, log: SystemLogApi, *, since: datetime, until: datetime
) -> Failures:
    """Return which deliveries to the hook failed, as the log has it.

    Raises:
        OkhookError: the log cannot be read.

    """
    failures = Failures()
    query = LogQuery(since=since, until=until, filter=about(hook.id, is_one_of((DELIVERY_FAILED,))))
    async for entry in log.entries(query):
        failures.add(entry.published, entry.reason)
    return failures
