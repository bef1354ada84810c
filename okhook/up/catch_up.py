"""Catch up: take in what happened in the org while no receiver ran, as if it had been delivered.

A run deactivates its hook at its end, so the org delivers nothing until the next run. What happens
meanwhile counts as missed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from okhook.activity import Activity, Warned
from okhook.config.paths import store_file, uptime_directory
from okhook.errors import OkhookError
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import SystemLogApi
from okhook.reconcile.activities import EventMissed, EventReconstructed, Reconciled
from okhook.reconcile.cursor import ReconcileCursor
from okhook.reconcile.received import Received
from okhook.reconcile.reconciler import Reconciler
from okhook.reconcile.redeliver import redeliver
from okhook.runtime.uptime import Uptime
from okhook.secret import HookAuth
from okhook.up.config import UpParts
from okhook.up.steps import Steps

_BEFORE = timedelta(minutes=1)
"""How long before the end of the last run to begin, for deliveries that were on their way then."""


async def catch_up(
    since: datetime,
    *,
    client: OktaClient,
    hook: EventHook,
    receiver_url: str,
    auth: HookAuth | None,
    parts: UpParts,
    steps: Steps,
) -> None:
    """Rebuild what ``hook`` would have delivered from ``since`` on, and is not in the store.

    If that fails, a warning is published and the run goes on.
    """
    publish, state = parts.hub.publish, parts.run_directory.state
    try:
        async with steps.step("catch up") as step:
            cursor = ReconcileCursor(state, client.org, hook.id)
            window = cursor.window(since=since - _BEFORE, now=parts.now(), grace=timedelta(0))
            with Received(store_file(state)) as received:
                found = await Reconciler(
                    org=client.org,
                    hook=hook,
                    log=SystemLogApi(client),
                    received=received,
                    cursor=cursor,
                    periods=Uptime(uptime_directory(state), now=parts.now).periods,
                    publish=_all_but_each_event(publish),
                    redeliver=partial(redeliver, http=parts.http, url=receiver_url, auth=auth),
                    as_if_active=True,
                ).look(window)
            step.detail = what_came(found)
    except OkhookError as error:
        reason = "" if error.why is None else f": {error.why}"
        publish(
            Warned(f"what happened since the last run could not be fetched: {error.what}{reason}")
        )


def _all_but_each_event(publish: Callable[[Activity], None]) -> Callable[[Activity], None]:
    """Leave out what the screen shows anyway: each event comes as a delivery."""

    def publish_the_rest(activity: Activity) -> None:
        if not isinstance(activity, EventMissed | EventReconstructed):
            publish(activity)

    return publish_the_rest


def what_came(found: Reconciled) -> str:
    """Return the detail of the step: how many events were missed, and how many came in.

    The time is local, with its offset for a reader of the JSON line in another time zone.
    """
    since = f"since {found.window.since.astimezone():%Y-%m-%d %H:%M:%S %z}"
    if found.tally.total.missed == 0:
        return f"nothing was missed {since}"
    total = found.tally.total
    lost = (
        f", {found.tally.not_reconstructed} cannot be rebuilt"
        if found.tally.not_reconstructed
        else ""
    )
    return (
        f"{total.missed} of {total.expected} events {since} had been missed:"
        f" {found.tally.reconstructed} came in now{lost}"
    )
