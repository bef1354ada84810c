"""Decide whether ``up`` receives the events since the last run."""

from datetime import datetime, timedelta

from okhook.cli.context import Context
from okhook.cli.org_session import access_of
from okhook.errors import InvalidInput
from okhook.okta.remembered import RememberedHooks
from okhook.runtime.ids import utc_now

_WORTH_ASKING = timedelta(minutes=1)


def catch_up_since(
    ctx: Context, *, catch_up: bool | None, sandbox: bool, hook_id: str | None
) -> datetime | None:
    """Return the end of the last run if ``up`` should catch up from there, else None.

    ``catch_up`` is the flag. Without it, ask for confirmation if this machine registered the hook.
    """
    if sandbox and catch_up:
        raise InvalidInput("--catch-up and --sandbox contradict each other: a new org has no past")
    if sandbox or catch_up is False:
        return None
    periods = ctx.uptime.periods()
    ends = [period.ended for period in periods if period.ended is not None]
    if not ends or len(ends) < len(periods):
        if catch_up:
            ctx.console.note(
                "cannot catch up while another receiver runs;"
                " run okhook reconcile --fix to receive what it missed"
                if periods
                else "nothing to catch up with: found no earlier run"
            )
        return None
    ended = max(ends)
    if catch_up:
        return ended
    if utc_now() - ended < _WORTH_ASKING:
        return None
    if hook_id is None:
        org, name = access_of(ctx).org, ctx.settings.hook_name.value
        if RememberedHooks(ctx.state).recall(org, name) is None:
            return None
    ago = _ago(utc_now() - ended)
    if ctx.console.confirm(f"the last run ended {ago} ago: receive the org's events since then?"):
        return ended
    ctx.console.note(
        f"the last run ended {ago} ago: pass --catch-up to receive the events since then"
    )
    return None


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
