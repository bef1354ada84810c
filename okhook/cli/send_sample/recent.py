"""``send-sample --recent``: the org's most recent event of a type, in the shape of a delivery."""

from collections.abc import Mapping
from dataclasses import replace

import anyio

from okhook.cli.context import Context
from okhook.cli.org_session import opened_org
from okhook.cli.send_sample.payload import OrgEvent, Payload
from okhook.cli.views.lines import local_time
from okhook.errors import InvalidInput
from okhook.okta.log_entry import LogEntry, hook_event
from okhook.okta.system_log import RETENTION_DAYS, SystemLogApi
from okhook.runtime.ids import new_okta_id, utc_now
from okhook.text import plain
from okhook.wire.envelope import hook_source
from okhook.wire.org import Org


def recent_payload(ctx: Context, payload: Payload, ordered: Mapping[str, object]) -> Payload:
    """Return the payload with the org's most recent event, else the sample, with a note.

    Raises:
        InvalidInput: another flag says what the event shall be.
        CredentialsError, OktaRefused, Unavailable: the System Log cannot be read.

    """
    made = [name for name, value in ordered.items() if name != "event_type" and value is not None]
    if payload.file is not None or made:
        named = "--file" if payload.file is not None else "--" + made[0].replace("_", "-")
        raise InvalidInput(
            f"--recent sends an event that happened, which {named} cannot change",
            next_step="leave out one of them, or change the payload with --set PATH=JSON",
        )
    event_type = payload.order.event_type
    org, entry = anyio.run(_latest, ctx, event_type)
    if entry is None:
        ctx.console.note(
            f"the System Log of {org.host} has no {plain(event_type)} in its {RETENTION_DAYS} days;"
            " a sample is sent"
        )
        return payload
    ctx.console.note(
        f"{plain(entry.event_type)} of {local_time(entry.published)}, {plain(entry.uuid)},"
        f" from the System Log of {org.host}"
    )
    hook_id = entry.hook_ids[0] if entry.hook_ids else new_okta_id("who")
    return replace(payload, event=OrgEvent(hook_source(org.url, hook_id), hook_event(entry.raw)))


async def _latest(ctx: Context, event_type: str) -> tuple[Org, LogEntry | None]:
    async with opened_org(ctx) as org:
        return org.org, await SystemLogApi(org.client).latest(event_type, now=utc_now())
