"""``send-sample --recent``: make a delivery of the org's newest event of a type."""

from collections.abc import Callable

import anyio

from okhook.cli.context import Context
from okhook.cli.org_session import opened_org
from okhook.cli.views.lines import local_time
from okhook.okta.system_log import RETENTION_DAYS, LogEntry, SystemLogApi, hook_event
from okhook.runtime.ids import new_okta_id, new_uuid, utc_now
from okhook.text import plain
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.org import Org


def recent_event(ctx: Context, event_type: str) -> Callable[[], bytes] | None:
    """Return a function that makes deliveries of the newest event, or None if the log has none."""

    async def latest() -> tuple[Org, LogEntry | None]:
        async with opened_org(ctx) as session:
            return session.org, await SystemLogApi(session.client).latest(event_type, now=utc_now())

    org, entry = anyio.run(latest)
    if entry is None:
        ctx.console.note(
            f"found no {plain(event_type)} in the {RETENTION_DAYS} days of the System Log of"
            f" {org.host}; sending a sample"
        )
        return None
    ctx.console.note(
        f"{plain(entry.event_type)} of {local_time(entry.published)}, {plain(entry.uuid)},"
        f" from the System Log of {org.host}"
    )
    source = hook_source(org.url, entry.hook_ids[0] if entry.hook_ids else new_okta_id("who"))
    event = hook_event(entry.raw)
    return lambda: body_of(
        envelope([event], source=source, event_id=new_uuid(), event_time=utc_now())
    )
