"""Decide, before ``up`` starts, whether it fetches what happened since the last run."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from okhook.cli.context import Context
from okhook.cli.org_session import access_of
from okhook.errors import InvalidInput
from okhook.okta.remembered import RememberedHooks
from okhook.runtime.ids import utc_now
from okhook.runtime.uptime import Period

_WORTH_ASKING = timedelta(minutes=1)

_NOTHING = "no earlier run is known: there is nothing to catch up with"

_ANOTHER_RUNS = (
    "another receiver of okhook's runs here, so nothing is caught up with;"
    " okhook reconcile --fix fetches what it missed"
)


def catch_up_since(
    ctx: Context, *, catch_up: bool | None, sandbox: bool, hook_id: str | None
) -> datetime | None:
    """Return when the last run ended if what happened since is to be fetched, else None.

    ``catch_up`` is the flag; without it a person at the terminal is asked. There is nothing to
    fetch for a new sandbox org, or for a hook that this machine never registered.

    Raises:
        InvalidInput: --catch-up together with --sandbox.

    """
    if sandbox or catch_up is False:
        if sandbox and catch_up:
            raise InvalidInput("--catch-up and --sandbox: an org that begins now missed nothing")
        return None
    periods = ctx.uptime.periods()
    ended = _last_end(periods)
    if ended is None:
        if catch_up:
            ctx.console.note(_NOTHING if not periods else _ANOTHER_RUNS)
        return None
    if catch_up:
        return ended
    if utc_now() - ended < _WORTH_ASKING or not _is_known(ctx, hook_id):
        return None
    ago = _ago(utc_now() - ended)
    if ctx.console.confirm(
        f"the last run ended {ago} ago: fetch what happened in the org since then?"
    ):
        return ended
    ctx.console.note(f"what happened since the last run, {ago} ago, is fetched with --catch-up")
    return None


def _last_end(periods: Sequence[Period]) -> datetime | None:
    """Return when the last receiver ended; None where one runs, or none ever did."""
    ends = [period.ended for period in periods if period.ended is not None]
    return max(ends) if ends and len(ends) == len(periods) else None


def _is_known(ctx: Context, hook_id: str | None) -> bool:
    """Tell whether this machine registered the hook before."""
    if hook_id is not None:
        return True
    org = access_of(ctx).org
    name = ctx.settings.hook_name.value
    return RememberedHooks(ctx.state).recall(org, name) is not None


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
