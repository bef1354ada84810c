"""Trigger and show: what ``trigger`` does, from the question to what is left."""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

import anyio

from okhook.activity import Activity, Warned
from okhook.cli.agreeing import agree_to_write
from okhook.cli.opening import OpenedOrg, command_line, opened_org, publisher
from okhook.cli.render.trigger import TriggerRenderer
from okhook.cli.start import Start
from okhook.errors import AnswerIsNo, Interrupted, InvalidInput
from okhook.okta.access import org_access
from okhook.okta.client import Publish
from okhook.okta.groups_api import GroupsApi
from okhook.okta.system_log import SystemLogApi
from okhook.okta.users_api import UsersApi
from okhook.org import Org
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.shutdown import Shutdown, run_until_signal
from okhook.secret import Secret
from okhook.store.reading import open_reader
from okhook.trigger.acting import Acting
from okhook.trigger.activities import CleanedUp, LeftInOrg, StepDone
from okhook.trigger.around import Around, around_of
from okhook.trigger.arrival import Arrivals
from okhook.trigger.at_work import at_work, left_by_ended_runs
from okhook.trigger.cleaning_up import CleaningUp, clean_up_after_run
from okhook.trigger.made import Made, MadeThings
from okhook.trigger.outlook import Lookout, NotTold
from okhook.trigger.running import Waiting, trigger
from okhook.trigger.scenario import Scenario

_NAMED = 3
"""How many of what is to be removed a question names."""


@dataclass(frozen=True, slots=True)
class How:
    """How it is done. ``timeout_s`` None waits for nothing."""

    timeout_s: float | None
    cleans_up: bool
    asks: bool


def trigger_and_show(begun: Start, scenario: Scenario, how: How) -> None:
    """Do what the scenario says, wait for its events, and remove what it made if that is wanted.

    Raises:
        InvalidInput: there is nothing to wait for, or nobody can be asked.
        NotArrived: an event did not arrive.
        AnswerIsNo: all arrived, and not all that was to be removed could be.
        Interrupted: Ctrl-C came before it was done; what was to be removed is removed.

    """
    org = _org(begun)
    if how.timeout_s is not None:
        _check_receiver(begun)
    if how.asks:
        agree_to_write(begun, org, f"make {_made_by(scenario)} in {org.host}")
    _until_signal(lambda shutdown: _trigger(begun, scenario, how, shutdown))


def clean_up_and_show(begun: Start, *, asks: bool) -> None:
    """Remove what earlier runs left in the org.

    Raises:
        InvalidInput: nobody can be asked.
        AnswerIsNo: not all of it could be removed.
        Interrupted: Ctrl-C came before it was done.

    """
    org = _org(begun)
    made = MadeThings(begun.state, org).all()
    left = left_by_ended_runs(made, begun.run_directory)
    if len(left) < len(made):
        begun.console.note(
            f"{len(made) - len(left)} of {len(made)} are left alone:"
            " the okhook trigger that made them still runs"
        )
    if left and asks:
        named = ", ".join(each.name for each in left[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        agree_to_write(begun, org, f"remove what was made in {org.host} for tests: {named}{more}")
    _until_signal(lambda _: _clean_up(begun, left))


def _org(begun: Start) -> Org:
    return org_access(begun.settings, begun.environ, Path.home(), begun.run_directory).org


def _made_by(scenario: Scenario) -> str:
    counted = (
        (len({step.user for step in scenario.steps}), "test user"),
        (len({step.group for step in scenario.steps if step.group is not None}), "test group"),
    )
    return " and ".join(f"{n} {noun}{'s' * (n > 1)}" for n, noun in counted if n)


def _until_signal(work: Callable[[Shutdown], Awaitable[None]]) -> None:
    is_done = False

    async def watched(shutdown: Shutdown) -> None:
        nonlocal is_done
        await work(shutdown)
        is_done = True

    anyio.run(run_until_signal, watched)
    if not is_done:
        raise Interrupted("interrupted before it was done")


async def _trigger(begun: Start, scenario: Scenario, how: How, shutdown: Shutdown) -> None:
    suffix = new_uuid()[:8]
    with at_work(begun.run_directory, suffix), _arrivals(begun, how) as arrivals:
        async with opened_org(begun) as org:
            run = _Run(begun, org, how)
            acting = run.acting(scenario, suffix)
            with shutdown.before_hard_exit(lambda: run.left_by_force(acting.made)):
                try:
                    waiting = await run.waiting(arrivals, scenario)
                    await trigger(
                        scenario, acting, waiting, org_url=org.org.url, publish=run.publish
                    )
                finally:
                    cleaned = await run.leave(acting.made)
    _check_all_removed(cleaned)


async def _clean_up(begun: Start, left: Sequence[Made]) -> None:
    async with opened_org(begun) as org:
        cleaning_up = _cleaning_up(begun, org, left, in_doubt=frozenset())
        begun.console.wait_for(_removing_from(org, left))
        try:
            await cleaning_up.finish()
        finally:
            begun.console.stop_waiting()
            cleaned = cleaning_up.outcome("interrupted before it was removed")
            _publisher(begun)(cleaned)
    _check_all_removed(cleaned)


def _check_all_removed(cleaned: CleanedUp | None) -> None:
    if cleaned is not None and cleaned.left:
        named = "1 thing" if len(cleaned.left) == 1 else f"{len(cleaned.left)} things"
        raise AnswerIsNo(f"{named} could not be removed")


def _cleaning_up(
    begun: Start, org: OpenedOrg, made: Sequence[Made], in_doubt: frozenset[Made]
) -> CleaningUp:
    return CleaningUp(
        made,
        in_doubt=in_doubt,
        org=org.org,
        users=UsersApi(org.client),
        groups=GroupsApi(org.client),
        things=MadeThings(begun.state, org.org),
        removing=_removing(begun),
    )


@final
class _Run:
    """One run in an org that is open."""

    def __init__(self, begun: Start, org: OpenedOrg, how: How) -> None:
        self._begun = begun
        self._org = org
        self._how = how
        self._show = _publisher(begun)
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
            console.wait_for(_removing_from(self._org, made))
            in_doubt = frozenset(each for each in made if each.id is None)
            cleaning_up = _cleaning_up(self._begun, self._org, made, in_doubt)
            cleaned = await clean_up_after_run(cleaning_up)
            console.stop_waiting()
            self._show(cleaned)
            return cleaned
        if made:
            self._show(LeftInOrg(self._org.org.url, tuple(made), _removing(self._begun)))
        return None

    def left_by_force(self, made: Sequence[Made]) -> None:
        """Say, before a second Ctrl-C ends it all, how what may be left is removed."""
        self._begun.console.stop_waiting()
        if made:
            self._begun.console.warn(
                f"ended at once: what is left in {self._org.org.host} is removed by"
                f" {_removing(self._begun)}"
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
def _arrivals(begun: Start, how: How) -> Iterator[Arrivals | None]:
    """Open the store where something is waited for."""
    if how.timeout_s is None:
        yield None
        return
    with open_reader(begun.store_file) as reader:
        yield Arrivals(reader)


def _check_receiver(begun: Start) -> None:
    if _around(begun).receivers:
        return
    raise InvalidInput(
        "no receiver runs here, so nothing could arrive; nothing was done",
        why=f"none is known in {begun.state}, where one writes down that it runs",
        next_step=f"start one in another terminal: {command_line(begun, 'up')}"
        "\nor add --no-wait to do it all the same",
    )


def _publisher(begun: Start) -> Publish:
    width = begun.console.out.width if begun.console.is_live else None
    return publisher(begun.console, TriggerRenderer(width))


def _around(begun: Start) -> Around:
    return around_of(begun.run_directory.running)


def _removing(begun: Start) -> str:
    return command_line(begun, "trigger", "--cleanup-only")


def _removing_from(org: OpenedOrg, made: Sequence[Made]) -> str:
    return f"removing {len(made)} {'thing' if len(made) == 1 else 'things'} from {org.org.host}"


def _new_password() -> Secret:
    """Return a password that nobody will ever type, of every kind of character."""
    return Secret(f"{secrets.token_urlsafe(24)}aA1!")
