"""What ``okhook reconcile`` does."""

from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from okhook.cli.context import Context
from okhook.cli.options import quantity
from okhook.cli.org_access import command_to_paste
from okhook.cli.org_session import opened_org, publisher
from okhook.cli.reconcile.command import ReconcileFlags
from okhook.cli.reconcile.redeliver import Redelivery
from okhook.cli.reconcile.view import MOST_ON_A_TERMINAL, ReconcileRenderer, reading_the_log
from okhook.cli.remedies import words_of
from okhook.cli.views.lines import local_time
from okhook.config.names import hook_name
from okhook.errors import AnswerIsNo, Interrupted, InvalidInput
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import RETENTION_DAYS, SystemLogApi
from okhook.quantities import parse_age, parse_since
from okhook.reconcile.activities import Reconciled
from okhook.reconcile.cursor import ReconcileCursor
from okhook.reconcile.received import Received
from okhook.reconcile.reconciler import Reconciler
from okhook.reconcile.watching import watch
from okhook.runtime.ids import utc_now
from okhook.runtime.shutdown import run_until_done
from okhook.secret import HookAuth
from okhook.text import counted

_DEFAULT_EVERY = "1m"
_SHORTEST_PAUSE_S = 1.0


def reconcile_and_show(ctx: Context, flags: ReconcileFlags) -> None:
    """Show the events that the hook missed; with ``--fix``, store them."""
    every_s = _every_s(flags)
    since = _since(flags.since)
    grace = quantity("--grace", flags.grace, parse_age)
    auth = ctx.hook_auth()
    try:
        found = run_until_done(
            lambda _: _reconcile(ctx, flags, auth, since=since, grace=grace, every_s=every_s),
            interrupted="interrupted before the whole log was read",
        )
    except Interrupted:
        if flags.watch:
            return
        raise
    _conclude(ctx, flags, found)


async def _reconcile(
    ctx: Context,
    flags: ReconcileFlags,
    auth: HookAuth | None,
    *,
    since: datetime | None,
    grace: timedelta,
    every_s: float,
) -> Reconciled:
    most = MOST_ON_A_TERMINAL if ctx.console.is_live else None
    publish = publisher(ctx.console, ReconcileRenderer(most=most, width=ctx.console.width))
    async with opened_org(ctx, auth) as session, AsyncExitStack() as closing:
        hook = await session.hook(flags.hook or hook_name(ctx.settings).value)
        if not flags.as_if_active:
            _warn_if_nothing_is_delivered(ctx, hook)
        cursor = ReconcileCursor(ctx.state, session.org, hook.id)
        window = cursor.window(since=since, now=utc_now(), grace=grace)
        if since is not None and since < window.since:
            ctx.console.note(
                f"reading the last {RETENTION_DAYS} days: Okta does not keep older log entries"
            )
        redelivery = Redelivery(ctx, session.http, auth, closing)
        received = closing.enter_context(Received(ctx.store))
        bar = nullcontext(lambda _: None) if flags.watch else reading_the_log(ctx.console, window)
        reconciler = Reconciler(
            org=session.org,
            hook=hook,
            log=SystemLogApi(session.client),
            received=received,
            cursor=cursor,
            periods=ctx.uptime.periods,
            publish=publish,
            at=closing.enter_context(bar),
            redeliver=redelivery.redeliver if flags.fix else None,
            as_if_active=flags.as_if_active,
        )
        if flags.watch:
            ctx.console.note(
                f"checking every {every_s:g} s, from {local_time(window.since)};"
                " press Ctrl-C to stop"
            )
            await watch(
                reconciler, window, hook=lambda: session.hook(hook.id), every_s=every_s, now=utc_now
            )
        found = await reconciler.look(window)
    publish(found)
    return found


def _warn_if_nothing_is_delivered(ctx: Context, hook: EventHook) -> None:
    if hook.receives:
        return
    status, step = ("UNVERIFIED", "verify") if hook.is_active else ("INACTIVE", "activate")
    ctx.console.warn(
        f"the hook is {status}, so Okta sends nothing to it; run"
        f" {command_to_paste(ctx, 'hooks', step, hook.id)}"
    )


def _conclude(ctx: Context, flags: ReconcileFlags, found: Reconciled) -> None:
    if found.tally.passed_by:
        ctx.console.note(
            f"{found.tally.passed_by} more events happened while the hook was inactive or"
            " unverified; to count them as missed, pass --as-if-active"
        )
    missed = found.tally.still_missed
    if missed == 0:
        return
    events = counted(missed, "event was", "events were")
    if flags.fix:
        raise AnswerIsNo(
            f"{events} not stored",
            why="the receiver does not accept a delivery with the log entry; see above",
            next_step="look up the event in the org's System Log by its uuid",
        )
    again = command_to_paste(ctx, "reconcile", *words_of(replace(flags, fix=True)))
    raise AnswerIsNo(f"{events} missed", next_step=f"to store the missed events, run {again}")


def _every_s(flags: ReconcileFlags) -> float:
    if flags.every is not None and not flags.watch:
        raise InvalidInput("--every requires --watch")
    every = _DEFAULT_EVERY if flags.every is None else flags.every
    every_s = quantity("--every", every, parse_age).total_seconds()
    if every_s < _SHORTEST_PAUSE_S:
        raise InvalidInput(f"invalid --every value '{every}': expected 1s or longer")
    return every_s


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    now = utc_now()
    since = quantity("--since", text, partial(parse_since, now=now))
    if since > now:
        raise InvalidInput("invalid --since value: the time is in the future")
    return since
