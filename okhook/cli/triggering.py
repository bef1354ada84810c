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
from okhook.cli.render.trigger import render_trigger
from okhook.cli.start import Start
from okhook.errors import AnswerIsNo, Interrupted, InvalidInput
from okhook.okta.access import org_access
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
from okhook.trigger.cleaning_up import clean_up
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


def trigger_and_show(begun: Start, scenario: Scenario, how: How) -> None:
    """Do what the scenario says, wait for its events, and remove what it made if that is wanted.

    Raises:
        InvalidInput: there is nothing to wait for, or nobody can be asked.
        NotArrived: an event did not arrive.
        Interrupted: Ctrl-C came before it was done; what was to be removed is removed.

    """
    org = _org(begun)
    if how.timeout_s is not None:
        _check_receiver(begun)
    if how.asks:
        agree_to_write(begun, org, f"make test users and groups in {org.host} ({scenario.name})")
    _until_signal(lambda: _trigger(begun, scenario, how))


def clean_up_and_show(begun: Start, how: How) -> None:
    """Remove what earlier runs left in the org.

    Raises:
        InvalidInput: nobody can be asked.
        AnswerIsNo: not all of it could be removed.

    """
    org = _org(begun)
    left = MadeThings(begun.state, org).all()
    if left and how.asks:
        named = ", ".join(made.name for made in left)
        agree_to_write(begun, org, f"remove what was made in {org.host} for tests: {named}")
    _until_signal(lambda: _clean_up(begun, left))


def _org(begun: Start) -> Org:
    return org_access(begun.settings, begun.environ, Path.home(), begun.run_directory).org


def _until_signal(work: Callable[[], Awaitable[None]]) -> None:
    is_done = False

    async def watched(shutdown: Shutdown) -> None:
        nonlocal is_done
        del shutdown
        await work()
        is_done = True

    anyio.run(run_until_signal, watched)
    if not is_done:
        raise Interrupted("interrupted before it was done")


async def _trigger(begun: Start, scenario: Scenario, how: How) -> None:
    with _arrivals(begun, how) as arrivals:
        async with opened_org(begun) as org:
            run = _Run(begun, org, how)
            acting = run.acting(scenario)
            waiting = await run.waiting(arrivals, scenario)
            try:
                await trigger(scenario, acting, waiting, org_url=org.org.url, publish=run.publish)
            finally:
                await run.leave(acting.made)


async def _clean_up(begun: Start, left: Sequence[Made]) -> None:
    async with opened_org(begun) as org:
        cleaned = await _cleaned_up(begun, org, left)
        publisher(begun.console, render_trigger)(cleaned)
    if cleaned.left:
        raise AnswerIsNo(f"{len(cleaned.left)} of {len(left)} are still in {org.org.host}")


async def _cleaned_up(begun: Start, org: OpenedOrg, made: Sequence[Made]) -> CleanedUp:
    return await clean_up(
        made,
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
        self._show = publisher(begun.console, render_trigger)

    def publish(self, activity: Activity) -> None:
        """Show an activity, and on a terminal that something is waited for."""
        self._begun.console.stop_waiting()
        self._show(activity)
        if isinstance(activity, StepDone) and self._how.timeout_s is not None:
            self._begun.console.wait_for(
                f"waiting for {activity.event_type} to arrive"
                if not activity.is_preparation
                else "preparing"
            )

    def acting(self, scenario: Scenario) -> Acting:
        """Return what does the steps, under names that no other run has."""
        return Acting(
            scenario,
            UsersApi(self._org.client),
            GroupsApi(self._org.client),
            MadeThings(self._begun.state, self._org.org),
            suffix=new_uuid()[:8],
            new_password=_new_password,
            now=utc_now,
        )

    async def waiting(self, arrivals: Arrivals | None, scenario: Scenario) -> Waiting | None:
        """Return what waits for events; event types that no hook has are told before."""
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
            command=lambda *words: command_line(self._begun, *words),
        )

    async def leave(self, made: Sequence[Made]) -> None:
        """Remove what was made, or say that it stays."""
        self._begun.console.stop_waiting()
        if made and self._how.cleans_up:
            self._show(await _cleaned_up(self._begun, self._org, made))
        elif made:
            self._show(LeftInOrg(self._org.org.url, tuple(made), _removing(self._begun)))

    async def _warn_of_missing(self, lookout: Lookout, scenario: Scenario) -> None:
        hooks = await lookout.hooks()
        if isinstance(hooks, NotTold):
            return
        subscribed = {event_type for hook in hooks for event_type in hook.events}
        missing = [each for each in scenario.event_types if each not in subscribed]
        if missing:
            self._show(Warned(f"no event hook of the org has {', '.join(missing)}"))


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
        next_step="start one in another terminal: okhook up"
        "\nor add --no-wait to do it all the same",
    )


def _around(begun: Start) -> Around:
    running = begun.run_directory.running
    return around_of(running("receiver-"), running("tunnel-"))


def _removing(begun: Start) -> str:
    return command_line(begun, "trigger", "--cleanup-only")


def _new_password() -> Secret:
    """Return a password that nobody will ever type, of every kind of character."""
    return Secret(f"{secrets.token_urlsafe(24)}aA1!")
