"""Run ``okhook trigger``: ask, do the steps, wait for the events, and clean up what it made."""

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from okhook.activity import Activity, Warned
from okhook.cli.context import Context
from okhook.cli.org_access import access_of, command_to_paste
from okhook.cli.org_session import OrgSession, opened_org, publisher
from okhook.cli.prompts import agree_to_write
from okhook.cli.trigger.command import TriggerFlags
from okhook.cli.trigger.view import TriggerRenderer
from okhook.errors import AnswerIsNo, InvalidInput, OkhookError
from okhook.okta.client import Publish
from okhook.okta.system_log import SystemLogApi
from okhook.okta.users_and_groups import GroupsApi, UsersApi
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.running_here import running_here
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.store.open import open_reader
from okhook.text import counted, first_of
from okhook.trigger.activities import CleanedUp, Created, LeftInOrg, StepDone
from okhook.trigger.created import (
    Cleanup,
    CreatedThings,
    clean_up_after_run,
    left_by_ended_runs,
    run_announced,
)
from okhook.trigger.event_path import OrgLookup
from okhook.trigger.running import Arrivals, EventWait, trigger
from okhook.trigger.scenario import Scenario
from okhook.trigger.step_runner import StepRunner

_UNDONE = "interrupted before it finished"

_NAMED = 3
"""How many of what is to be removed a question names."""


def trigger_and_show(
    ctx: Context, scenario: Scenario, flags: TriggerFlags, *, timeout_s: float | None
) -> None:
    """Do the steps of a scenario, wait for their events, and clean up if that is wanted."""
    org = access_of(ctx).org
    if timeout_s is not None:
        _check_it_would_be_seen(ctx)
    if not flags.yes:
        agree_to_write(ctx, org, f"create {_made_by(scenario)} in {org.host}")
    run_until_done(
        lambda shutdown: _trigger(ctx, scenario, flags, shutdown, timeout_s), interrupted=_UNDONE
    )


def _check_it_would_be_seen(ctx: Context) -> None:
    """Raise InvalidInput if no receiver runs here, or every one stores elsewhere."""
    receivers = running_here(ctx.run_directory).receivers
    if not receivers:
        up = command_to_paste(ctx, "up")
        raise InvalidInput(
            "no receiver runs on this machine, so the event could not arrive",
            why=f"found none in {ctx.state}",
            next_step=f"start one in another terminal: {up}"
            "\nor pass --no-wait to cause the event without waiting for it",
        )
    if not any(each.stores_in(ctx.store) for each in receivers):
        other = receivers[0]
        raise InvalidInput(
            f"the receiver at {other.url} stores in {other.store}",
            why=f"okhook would wait for the event in {ctx.store}",
            next_step=f"pass --store {shlex.quote(other.store or '')}, or --no-wait",
        )


def _made_by(scenario: Scenario) -> str:
    users = {step.user for step in scenario.steps}
    groups = {step.group for step in scenario.steps if step.group is not None}
    made = ((len(users), "test user"), (len(groups), "test group"))
    return " and ".join(counted(number, noun) for number, noun in made if number)


async def _trigger(
    ctx: Context,
    scenario: Scenario,
    flags: TriggerFlags,
    shutdown: Shutdown,
    timeout_s: float | None,
) -> None:
    suffix = new_uuid()[:8]
    with ExitStack() as held:
        held.enter_context(run_announced(ctx.run_directory, suffix))
        arrivals = None
        if timeout_s is not None:
            arrivals = Arrivals(held.enter_context(open_reader(ctx.store)))
        async with opened_org(ctx) as session:
            run = _Run(ctx, session, timeout_s, flags.cleanup)
            steps = StepRunner(
                scenario,
                UsersApi(session.client),
                GroupsApi(session.client),
                CreatedThings(ctx.state, session.org),
                suffix=suffix,
                now=utc_now,
            )
            with shutdown.before_hard_exit(lambda: run.tell_what_is_left(steps.created)):
                try:
                    wait = await run.wait(arrivals, scenario)
                    await trigger(
                        scenario, steps, wait, org_url=session.org.url, publish=run.publish
                    )
                finally:
                    cleaned = await run.leave(steps.created)
    _check_all_removed(cleaned)


@dataclass(frozen=True, slots=True)
class _Run:
    ctx: Context
    session: OrgSession
    timeout_s: float | None
    cleans_up: bool

    def publish(self, activity: Activity) -> None:
        """Show an activity, and on a terminal what is waited for now."""
        self.ctx.console.stop_waiting()
        _trigger_publisher(self.ctx)(activity)
        waiting_for = f"working in {self.session.org.host}"
        if isinstance(activity, StepDone) and not activity.is_preparation and self.timeout_s:
            waiting_for = f"waiting for {activity.event_type} to arrive"
        self.ctx.console.wait_for(waiting_for)

    async def wait(self, arrivals: Arrivals | None, scenario: Scenario) -> EventWait | None:
        """Return what waits for events. First warn of event types that no hook has."""
        self.ctx.console.wait_for(f"working in {self.session.org.host}")
        if arrivals is None or self.timeout_s is None:
            return None
        lookup = OrgLookup(self.session.api, SystemLogApi(self.session.client))
        if len(scenario.event_types) > 1:
            await self._warn_of_missing(scenario)
        return EventWait(
            arrivals,
            lookup,
            lambda: running_here(self.ctx.run_directory),
            timeout_s=self.timeout_s,
            wanted_types=scenario.event_types,
            is_here=self.session.org.is_loopback,
            command=lambda *words: command_to_paste(self.ctx, *words),
        )

    async def leave(self, created: Sequence[Created]) -> CleanedUp | None:
        """Remove what was created if that is wanted, else show what stays in the org."""
        show = _trigger_publisher(self.ctx)
        self.ctx.console.stop_waiting()
        if not created:
            return None
        if not self.cleans_up:
            show(LeftInOrg(self.session.org.url, tuple(created), _removing_command(self.ctx)))
            return None
        in_doubt = frozenset(each for each in created if each.id is None)
        cleaned = await clean_up_after_run(_begun_cleanup(self.session, created, in_doubt))
        self.ctx.console.stop_waiting()
        show(cleaned)
        return cleaned

    def tell_what_is_left(self, created: Sequence[Created]) -> None:
        """Say how to remove what is left, before a second Ctrl-C ends the process."""
        self.ctx.console.stop_waiting()
        if created:
            self.ctx.console.warn(
                f"stopped; to remove what is left in {self.session.org.host}, run"
                f" {_removing_command(self.ctx)}"
            )

    async def _warn_of_missing(self, scenario: Scenario) -> None:
        try:
            hooks = await self.session.api.all()
        except OkhookError:  # the wait for an event tells why
            return
        subscribed = {event_type for hook in hooks for event_type in hook.events}
        missing = [each for each in scenario.event_types if each not in subscribed]
        if missing:
            self.publish(Warned(f"no event hook of the org subscribes to {', '.join(missing)}"))


def clean_up_and_show(ctx: Context, *, asks: bool) -> None:
    """Remove what earlier runs left in the org."""
    org = access_of(ctx).org
    created = CreatedThings(ctx.state, org).all()
    left = left_by_ended_runs(created, ctx.run_directory)
    if len(left) < len(created):
        ctx.console.note(
            f"skipping {len(created) - len(left)} of {len(created)}:"
            " the okhook trigger that created them still runs"
        )
    if left and asks:
        named = first_of([each.name for each in left], _NAMED)
        agree_to_write(ctx, org, f"remove test users and groups in {org.host}: {named}")
    run_until_done(lambda _: _clean_up(ctx, left), interrupted=_UNDONE)


async def _clean_up(ctx: Context, left: Sequence[Created]) -> None:
    async with opened_org(ctx) as session:
        cleanup = _begun_cleanup(session, left)
        try:
            await cleanup.finish()
        finally:
            ctx.console.stop_waiting()
            cleaned = cleanup.outcome("interrupted before it was removed")
            _trigger_publisher(ctx)(cleaned)
    _check_all_removed(cleaned)


def _begun_cleanup(
    session: OrgSession, created: Sequence[Created], in_doubt: frozenset[Created] = frozenset()
) -> Cleanup:
    """Return the cleanup that removes ``created`` from an open org, and show that it runs."""
    session.ctx.console.wait_for(
        f"removing {counted(len(created), 'thing')} from {session.org.host}"
    )
    return Cleanup(
        created,
        in_doubt=in_doubt,
        users=UsersApi(session.client),
        groups=GroupsApi(session.client),
        things=CreatedThings(session.ctx.state, session.org),
        removing=_removing_command(session.ctx),
    )


def _check_all_removed(cleaned: CleanedUp | None) -> None:
    """Raise if something could not be removed. ``cleaned`` is None if nothing was to be removed."""
    if cleaned is not None and cleaned.left:
        raise AnswerIsNo(f"could not remove {len(cleaned.left)} of the test users and groups")


def _trigger_publisher(ctx: Context) -> Publish:
    return publisher(ctx.console, TriggerRenderer(ctx.console.width))


def _removing_command(ctx: Context) -> str:
    return command_to_paste(ctx, "trigger", "--cleanup-only")
