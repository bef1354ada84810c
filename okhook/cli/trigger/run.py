"""Run ``okhook trigger``: ask, do the steps, wait for the events, and clean up."""

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from okhook.activity import Activity, Warned
from okhook.cli.context import Context
from okhook.cli.org_access import access_of, command_line
from okhook.cli.org_session import OrgSession, opened_org
from okhook.cli.prompts import agree_to_write
from okhook.cli.trigger.cleanup import (
    UNDONE,
    begun_cleanup,
    check_all_removed,
    removing_command,
    trigger_publisher,
)
from okhook.errors import InvalidInput
from okhook.okta.system_log import SystemLogApi
from okhook.okta.users_and_groups import GroupsApi, UsersApi
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.running_here import running_here
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.store.open import open_reader
from okhook.text import counted
from okhook.trigger.activities import CleanedUp, Created, LeftInOrg, StepDone
from okhook.trigger.created import CreatedThings, clean_up_after_run, run_announced
from okhook.trigger.event_path import NoAnswer, OrgLookup
from okhook.trigger.running import Arrivals, EventWait, trigger
from okhook.trigger.scenario import Scenario
from okhook.trigger.step_runner import StepRunner


def trigger_and_show(
    ctx: Context, scenario: Scenario, *, timeout_s: float | None, cleans_up: bool, asks: bool
) -> None:
    """Do the steps of a scenario, wait for their events, and clean up if that is wanted.

    Without ``timeout_s``, it does not wait.
    """
    org = access_of(ctx).org
    if timeout_s is not None and not running_here(ctx.run_directory).receivers:
        up = command_line(ctx, "up")
        raise InvalidInput(
            "no receiver runs on this machine, so the event could not arrive",
            why=f"found none in {ctx.state}",
            next_step=f"start one in another terminal: {up}"
            "\nor pass --no-wait to cause the event without waiting for it",
        )
    if timeout_s is not None:
        _check_store_is_theirs(ctx)
    if asks:
        agree_to_write(ctx, org, f"create {_made_by(scenario)} in {org.host}")
    run_until_done(
        lambda shutdown: _trigger(ctx, scenario, shutdown, timeout_s, cleans_up=cleans_up),
        interrupted=UNDONE,
    )


def _check_store_is_theirs(ctx: Context) -> None:
    """Raise InvalidInput if every receiver here stores elsewhere: the event would not be seen."""
    receivers = running_here(ctx.run_directory).receivers
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
    shutdown: Shutdown,
    timeout_s: float | None,
    *,
    cleans_up: bool,
) -> None:
    suffix = new_uuid()[:8]
    with ExitStack() as held:
        held.enter_context(run_announced(ctx.run_directory, suffix))
        arrivals = None
        if timeout_s is not None:
            arrivals = Arrivals(held.enter_context(open_reader(ctx.store)))
        async with opened_org(ctx) as org:
            run = _Run(org, timeout_s, cleans_up)
            steps = StepRunner(
                scenario,
                UsersApi(org.client),
                GroupsApi(org.client),
                CreatedThings(ctx.state, org.org),
                suffix=suffix,
                now=utc_now,
            )
            with shutdown.before_hard_exit(lambda: run.tell_what_is_left(steps.created)):
                try:
                    wait = await run.wait(arrivals, scenario)
                    await trigger(scenario, steps, wait, org_url=org.org.url, publish=run.publish)
                finally:
                    cleaned = await run.leave(steps.created)
    check_all_removed(cleaned)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run in an open org."""

    org: OrgSession
    timeout_s: float | None
    cleans_up: bool

    @property
    def ctx(self) -> Context:
        """What the command has."""
        return self.org.ctx

    def publish(self, activity: Activity) -> None:
        """Show an activity, and on a terminal what is waited for now."""
        self.ctx.console.stop_waiting()
        trigger_publisher(self.ctx)(activity)
        waiting_for = f"working in {self.org.org.host}"
        if isinstance(activity, StepDone) and not activity.is_preparation and self.timeout_s:
            waiting_for = f"waiting for {activity.event_type} to arrive"
        self.ctx.console.wait_for(waiting_for)

    async def wait(self, arrivals: Arrivals | None, scenario: Scenario) -> EventWait | None:
        """Return what waits for events. First warn of event types that no hook has."""
        self.ctx.console.wait_for(f"working in {self.org.org.host}")
        if arrivals is None or self.timeout_s is None:
            return None
        lookup = OrgLookup(self.org.api, SystemLogApi(self.org.client))
        if len(scenario.event_types) > 1:
            await self._warn_of_missing(lookup, scenario)
        return EventWait(
            arrivals,
            lookup,
            lambda: running_here(self.ctx.run_directory),
            timeout_s=self.timeout_s,
            wanted_types=scenario.event_types,
            is_here=self.org.org.is_loopback,
            command=lambda *words: command_line(self.ctx, *words),
        )

    async def leave(self, created: Sequence[Created]) -> CleanedUp | None:
        """Remove what was created if that is wanted, else show what stays in the org."""
        show = trigger_publisher(self.ctx)
        self.ctx.console.stop_waiting()
        if not created:
            return None
        if not self.cleans_up:
            show(LeftInOrg(self.org.org.url, tuple(created), removing_command(self.ctx)))
            return None
        in_doubt = frozenset(each for each in created if each.id is None)
        cleaned = await clean_up_after_run(begun_cleanup(self.org, created, in_doubt))
        self.ctx.console.stop_waiting()
        show(cleaned)
        return cleaned

    def tell_what_is_left(self, created: Sequence[Created]) -> None:
        """Say how to remove what is left, before a second Ctrl-C ends the process."""
        self.ctx.console.stop_waiting()
        if created:
            self.ctx.console.warn(
                f"stopped; to remove what is left in {self.org.org.host}, run"
                f" {removing_command(self.ctx)}"
            )

    async def _warn_of_missing(self, lookup: OrgLookup, scenario: Scenario) -> None:
        hooks = await lookup.hooks()
        if isinstance(hooks, NoAnswer):
            return
        subscribed = {event_type for hook in hooks for event_type in hook.events}
        missing = [each for each in scenario.event_types if each not in subscribed]
        if missing:
            self.publish(Warned(f"no event hook of the org subscribes to {', '.join(missing)}"))
