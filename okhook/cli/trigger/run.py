"""Trigger and show: what ``trigger`` does, from the question to what is left."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

from okhook.activity import Activity, Warned
from okhook.cli.context import Context
from okhook.cli.org_session import OrgSession, command_line, opened_org
from okhook.cli.prompts import agree_to_write
from okhook.cli.trigger.cleanup import (
    UNDONE,
    check_all_removed,
    cleaning_up_of,
    org_of,
    removing_command,
    removing_from,
    trigger_publisher,
)
from okhook.errors import InvalidInput
from okhook.okta.people import GroupsApi, UsersApi
from okhook.okta.system_log import SystemLogApi
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.secret import Secret
from okhook.store.open import open_reader
from okhook.trigger.acting import Acting
from okhook.trigger.activities import CleanedUp, LeftInOrg, StepDone
from okhook.trigger.around import Around, around_of
from okhook.trigger.arrival import Arrivals
from okhook.trigger.at_work import at_work
from okhook.trigger.cleaning_up import clean_up_after_run
from okhook.trigger.made import Made, MadeThings
from okhook.trigger.outlook import Lookout, NotTold
from okhook.trigger.running import Waiting, trigger
from okhook.trigger.scenario import Scenario


@dataclass(frozen=True, slots=True)
class How:
    """How it is done. ``timeout_s`` None waits for nothing."""

    timeout_s: float | None
    cleans_up: bool
    asks: bool


def trigger_and_show(ctx: Context, scenario: Scenario, how: How) -> None:
    """Do what the scenario says, wait for its events, and remove what it made if that is wanted.

    Raises:
        InvalidInput: there is nothing to wait for, or nobody can be asked.
        NotArrived: an event did not arrive.
        AnswerIsNo: all arrived, and not all that was to be removed could be.
        Interrupted: Ctrl-C came before it was done; what was to be removed is removed.

    """
    org = org_of(ctx)
    if how.timeout_s is not None:
        _check_receiver(ctx)
    if how.asks:
        agree_to_write(ctx, org, f"make {_made_by(scenario)} in {org.host}")
    run_until_done(lambda shutdown: _trigger(ctx, scenario, how, shutdown), interrupted=UNDONE)


def _made_by(scenario: Scenario) -> str:
    counted = (
        (len({step.user for step in scenario.steps}), "test user"),
        (len({step.group for step in scenario.steps if step.group is not None}), "test group"),
    )
    return " and ".join(f"{n} {noun}{'s' * (n > 1)}" for n, noun in counted if n)


async def _trigger(ctx: Context, scenario: Scenario, how: How, shutdown: Shutdown) -> None:
    suffix = new_uuid()[:8]
    with at_work(ctx.run_directory, suffix), _arrivals(ctx, how) as arrivals:
        async with opened_org(ctx) as org:
            run = _Run(ctx, org, how)
            acting = run.acting(scenario, suffix)
            with shutdown.before_hard_exit(lambda: run.left_by_force(acting.made)):
                try:
                    waiting = await run.waiting(arrivals, scenario)
                    await trigger(
                        scenario, acting, waiting, org_url=org.org.url, publish=run.publish
                    )
                finally:
                    cleaned = await run.leave(acting.made)
    check_all_removed(cleaned)


@final
class _Run:
    """One run in an org that is open."""

    def __init__(self, ctx: Context, org: OrgSession, how: How) -> None:
        self._begun = ctx
        self._org = org
        self._how = how
        self._show = trigger_publisher(ctx)
        self._under_way = f"at work in {org.org.host}"

    def publish(self, activity: Activity) -> None:
        """Show an activity, and on a terminal what is waited for now."""
        self._begun.console.stop_waiting()
        self._show(activity)
        awaits = isinstance(activity, StepDone) and not activity.is_preparation
        self._begun.console.wait_for(
            f"waiting for {activity.event_type} to arrive"
            if isinstance(activity, StepDone) and awaits and self._how.timeout_s is not None
            else self._under_way
        )

    def acting(self, scenario: Scenario, suffix: str) -> Acting:
        """Return what does the steps, under names that no other run has."""
        return Acting(
            scenario,
            UsersApi(self._org.client),
            GroupsApi(self._org.client),
            MadeThings(self._begun.state, self._org.org),
            suffix=suffix,
            new_password=_new_password,
            now=utc_now,
        )

    async def waiting(self, arrivals: Arrivals | None, scenario: Scenario) -> Waiting | None:
        """Return what waits for events; event types that no hook has are told before."""
        self._begun.console.wait_for(self._under_way)
        if arrivals is None or self._how.timeout_s is None:
            return None
        lookout = Lookout(self._org.api, SystemLogApi(self._org.client))
        if len(scenario.event_types) > 1:
            await self._warn_of_missing(lookout, scenario)
        return Waiting(
            arrivals,
            lookout,
            lambda: _around(self._begun),
            timeout_s=self._how.timeout_s,
            wanted_types=scenario.event_types,
            is_here=self._org.org.is_loopback,
            command=lambda *words: command_line(self._begun, *words),
        )

    async def leave(self, made: Sequence[Made]) -> CleanedUp | None:
        """Remove what was made, where that is wanted, or say that it stays."""
        console = self._begun.console
        console.stop_waiting()
        if made and self._how.cleans_up:
            console.wait_for(removing_from(self._org, made))
            in_doubt = frozenset(each for each in made if each.id is None)
            cleaning_up = cleaning_up_of(self._begun, self._org, made, in_doubt)
            cleaned = await clean_up_after_run(cleaning_up)
            console.stop_waiting()
            self._show(cleaned)
            return cleaned
        if made:
            self._show(LeftInOrg(self._org.org.url, tuple(made), removing_command(self._begun)))
        return None

    def left_by_force(self, made: Sequence[Made]) -> None:
        """Say, before a second Ctrl-C ends it all, how what may be left is removed."""
        self._begun.console.stop_waiting()
        if made:
            self._begun.console.warn(
                f"ended at once: what is left in {self._org.org.host} is removed by"
                f" {removing_command(self._begun)}"
            )

    async def _warn_of_missing(self, lookout: Lookout, scenario: Scenario) -> None:
        hooks = await lookout.hooks()
        if isinstance(hooks, NotTold):
            return
        subscribed = {event_type for hook in hooks for event_type in hook.events}
        missing = [each for each in scenario.event_types if each not in subscribed]
        if missing:
            self.publish(Warned(f"no event hook of the org has {', '.join(missing)}"))


@contextmanager
def _arrivals(ctx: Context, how: How) -> Iterator[Arrivals | None]:
    """Open the store where something is waited for."""
    if how.timeout_s is None:
        yield None
        return
    with open_reader(ctx.store_file) as reader:
        yield Arrivals(reader)


def _check_receiver(ctx: Context) -> None:
    if _around(ctx).receivers:
        return
    raise InvalidInput(
        "no receiver runs here, so nothing could arrive; nothing was done",
        why=f"none is known in {ctx.state}, where one writes down that it runs",
        next_step=f"start one in another terminal: {command_line(ctx, 'up')}"
        "\nor add --no-wait to do it all the same",
    )


def _around(ctx: Context) -> Around:
    return around_of(ctx.run_directory.running)


def _new_password() -> Secret:
    """Return a password that nobody will ever type, of every kind of character."""
    return Secret(f"{secrets.token_urlsafe(24)}aA1!")
