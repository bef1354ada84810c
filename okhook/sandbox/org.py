"""The org as a whole: its state, what works behind the API, and the API."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import final

import anyio
from anyio.abc import TaskStatus

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.app import SandboxApp
from okhook.sandbox.callers import Callers
from okhook.sandbox.dispatcher import Dispatcher, Pace
from okhook.sandbox.fault_injection import FaultInjection
from okhook.sandbox.group_operations import GroupOperations
from okhook.sandbox.group_state import GroupState
from okhook.sandbox.hook_operations import HookOperations
from okhook.sandbox.hooks import EventHook
from okhook.sandbox.injected_faults import Faults
from okhook.sandbox.keeper import Keeper
from okhook.sandbox.oauth import OAuthServer
from okhook.sandbox.rate_limit import RateLimit, RateMeter
from okhook.sandbox.recorder import OutgoingEvent, Recorder
from okhook.sandbox.routes_groups import GroupRoutes
from okhook.sandbox.routes_hooks import HookRoutes
from okhook.sandbox.routes_logs import LogRoutes
from okhook.sandbox.routes_oauth import OAuthRoutes
from okhook.sandbox.routes_users import UserRoutes
from okhook.sandbox.saved_org import SavedOrg, read_org
from okhook.sandbox.service_apps import ServiceApp
from okhook.sandbox.state import OrgState
from okhook.sandbox.surroundings import Surroundings
from okhook.sandbox.system_log import SystemLog
from okhook.sandbox.times import epoch_ms
from okhook.sandbox.tokens import Tokens
from okhook.sandbox.user_operations import UserOperations
from okhook.sandbox.users import User, UserDraft, UserStatus


@final
class SandboxOrg:
    """An org at ``url``. ``app`` is its API; :meth:`run` delivers its events and keeps its file."""

    def __init__(
        self,
        *,
        url: str,
        state: OrgState,
        log: SystemLog,
        tokens: Tokens,
        service_apps: Sequence[ServiceApp],
        pace: Pace,
        rate_limit: RateLimit,
        faults: Faults,
        data: Path | None,
        around: Surroundings,
    ) -> None:
        self._at_work = anyio.CancelScope(shield=True)
        self._keeper = None if data is None else Keeper(data, state, log)
        outgoing, queue = anyio.create_memory_object_stream[OutgoingEvent](math.inf)
        self._outgoing = outgoing
        recorder = Recorder(
            state=state,
            log=log,
            send=outgoing.send_nowait,
            changed=_nothing if self._keeper is None else self._keeper.changed,
            around=around,
        )
        self._dispatcher = Dispatcher(
            events=queue,
            state=state,
            org_url=url,
            pace=pace,
            record=recorder.record,
            around=around,
        )
        hooks = HookOperations(state=state, recorder=recorder, around=around)
        users = UserOperations(state=state, recorder=recorder, around=around)
        groups = GroupOperations(state=state, recorder=recorder, around=around)
        oauth = OAuthServer(service_apps, around.now)
        self.app = SandboxApp(
            routes=[
                *HookRoutes(hooks, url).routes(),
                *UserRoutes(users, url, state.user_type_id).routes(),
                *GroupRoutes(groups, url, state.user_type_id).routes(),
                *LogRoutes(log, url, around.now).routes(),
                *OAuthRoutes(oauth).routes(),
            ],
            callers=Callers(tokens, around.ids.okta("00T"), oauth),
            meter=RateMeter(rate_limit),
            faults=FaultInjection(faults, around),
            around=around,
        )

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Deliver and keep until :meth:`stop`; started once the file is known to be writable.

        A cancellation from outside does not end it: calls that the server still answers then need
        what works behind them.

        Raises:
            ConfigurationError: the file cannot be written.

        """
        if self._keeper is not None:
            await self._keeper.write()
        with self._outgoing, self._at_work:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._dispatcher.run)
                if self._keeper is not None:
                    tasks.start_soon(self._keeper.run)
                task_status.started()

    def stop(self) -> None:
        """End the work; what changed last is still written, deliveries that wait are dropped."""
        self._at_work.cancel()


def load_org(data: Path | None, now: datetime) -> tuple[OrgState, SystemLog]:
    """Return the org in the file, or one that nobody has used yet.

    Raises:
        ConfigurationError: the file cannot be read, or holds something else.

    """
    saved = None if data is None else read_org(data)
    return _fresh(now) if saved is None else _restored(saved, now)


def _fresh(now: datetime) -> tuple[OrgState, SystemLog]:
    """Return an org that nobody has used yet."""
    profile = {
        "login": "admin@sandbox.example",
        "email": "admin@sandbox.example",
        "firstName": "Sandbox",
        "lastName": "Admin",
    }
    admin = User(
        id=new_okta_id("00u"),
        draft=UserDraft(profile, has_password=True, recovery_question=None),
        status=UserStatus.ACTIVE,
        created=now,
        activated=now,
        status_changed=now,
        last_updated=now,
    )
    return OrgState(admin, new_okta_id("oty")), SystemLog(epoch_ms(now))


def _restored(saved: SavedOrg, now: datetime) -> tuple[OrgState, SystemLog]:
    state = OrgState(
        saved.admin,
        saved.user_type_id,
        users=saved.users,
        hooks=[_without_secret(hook, now) if hook.lacks_secret else hook for hook in saved.hooks],
        groups=GroupState(saved.groups, saved.members),
    )
    return state, SystemLog(epoch_ms(now), saved.entries)


def _without_secret(hook: EventHook, now: datetime) -> EventHook:
    """Return a hook as the restart left it: taking its secret has changed it.

    Who wrote the secret knows by that time whether the hook still has it, and the API tells whole
    seconds, so a restart within one second counts as one later.
    """
    return replace(hook, last_updated=max(now, hook.last_updated + timedelta(seconds=1)))


def _nothing() -> None:
    """There is no file to keep."""
