"""Receive what happened in the org while no receiver was running, as if the org had delivered it.

A run deactivates its hook when it ends, so the org delivers nothing until the next run.
"""

from datetime import datetime, timedelta
from functools import partial

from okhook.activity import Activity, Warned
from okhook.config.paths import uptime_directory
from okhook.errors import OkhookError
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import SystemLogApi
from okhook.reconcile.activities import EventMissed, EventReconstructed, Reconciled
from okhook.reconcile.cursor import ReconcileCursor
from okhook.reconcile.received import Received
from okhook.reconcile.reconciler import Reconciler
from okhook.reconcile.redeliver import redeliver
from okhook.runtime.ids import utc_now
from okhook.runtime.uptime import Uptime
from okhook.up.activities import step
from okhook.up.config import UpConfig, UpParts

_BEFORE = timedelta(minutes=1)
"""How long before the end of the last run to begin: deliveries may have been on their way."""


async def catch_up(
    since: datetime, config: UpConfig, parts: UpParts, client: OktaClient, hook: EventHook, url: str
) -> None:
    """Post to ``url`` what ``hook`` would have delivered. A failure is only a warning."""

    def publish(activity: Activity) -> None:
        # The screen shows each of these events as a delivery.
        if not isinstance(activity, EventMissed | EventReconstructed):
            parts.hub.publish(activity)

    state = parts.run_directory.state
    try:
        async with step("catch up", publish) as current:
            cursor = ReconcileCursor(state, client.org, hook.id)
            window = cursor.window(since=since - _BEFORE, now=utc_now(), grace=timedelta(0))
            with Received(config.store) as received:
                found = await Reconciler(
                    org=client.org,
                    hook=hook,
                    log=SystemLogApi(client),
                    received=received,
                    cursor=cursor,
                    periods=Uptime(uptime_directory(state), now=utc_now).periods,
                    publish=publish,
                    redeliver=partial(redeliver, http=parts.http, url=url, auth=config.hook.auth),
                    as_if_active=True,
                ).look(window)
            current.detail = summary(found)
    except OkhookError as error:
        reason = "" if error.why is None else f": {error.why}"
        publish(Warned(f"could not catch up with the org: {error.what}{reason}"))


def summary(found: Reconciled) -> str:
    """Return how many events were missed since a local time, and how many are stored now."""
    since = f"since {found.window.since.astimezone():%Y-%m-%d %H:%M:%S %z}"
    total, tally = found.tally.total, found.tally
    if total.missed == 0:
        return f"no events were missed {since}"
    lost = (
        f", {tally.not_reconstructed} could not be reconstructed" if tally.not_reconstructed else ""
    )
    return (
        f"{total.missed} of {total.expected} events {since} were missed:"
        f" {tally.reconstructed} received now{lost}"
    )
