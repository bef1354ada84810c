"""What the org's System Log has of a hook from the last day, and of limits that were met."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry
from okhook.okta.permissions import Permission
from okhook.okta.system_log import (
    DELIVERY_FAILED,
    VERIFIED,
    LogQuery,
    SystemLogApi,
    about,
    is_one_of,
)

_DAY = timedelta(days=1)


async def hook_entries(log: SystemLogApi, hook: EventHook, now: datetime) -> tuple[LogEntry, ...]:
    """Return what the log has of the hook from the last day, newest first: one page at most."""
    query = LogQuery(
        since=now - _DAY,
        filter=about(hook.id, is_one_of((DELIVERY_FAILED, VERIFIED))),
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
