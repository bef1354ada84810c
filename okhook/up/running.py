"""Bring up receiver, org, tunnel and hook, in this order; take them down in the opposite order."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final

import anyio

from okhook.activity import Activity, Published
from okhook.config.paths import uptime_directory
from okhook.errors import Unavailable
from okhook.okta.auth.access import OrgAccess
from okhook.okta.auth.credential import SswsCredential
from okhook.okta.client import Call, OktaClient
from okhook.okta.refusals import ValidationFailed
from okhook.okta.users_and_groups import USERS_PATH
from okhook.records.record import Record, RecordKind
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.uptime import Uptime
from okhook.sandbox.running import SandboxConfig, running_sandbox
from okhook.secret import Secret
from okhook.serve.running import receiving
from okhook.text import plain
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from okhook.up.acceptance import Awaited, attempt_given_up, not_accepted, not_accepted_in_time
from okhook.up.activities import EventsAwaited, Ready, StepChanged, TunnelCameBack, start, step
from okhook.up.catch_up import catch_up
from okhook.up.config import UpConfig, UpParts
from okhook.up.hook_run import hook_run
from okhook.up.path_proof import Arrivals
from okhook.up.path_watch import PathWatch
from okhook.wire.org import parse_org

_NAMED = 3
"""How many event types an error names."""


async def run_up(config: UpConfig, parts: UpParts) -> None:
    """Bring everything up, and run until cancelled or, with ``once``, until the first event.

    Sets ``shutdown.done`` when all is ready or, with ``once``, at that event. With ``within_s``,
    the apps have accepted it then.

    Raises:
        AnswerIsNo: an app did not accept it, and okhook does not send it again.
        Unavailable: that took longer than ``within_s``.
    """
    awaited = Awaited()
    with parts.hub.subscribe() as published:
        with anyio.move_on_after(config.within_s) as limit:
            await _bring_up(config, parts, awaited)
        if limit.cancelled_caught:
            published.end()
            raise _too_late(config, await published.batch(), awaited)


async def _bring_up(config: UpConfig, parts: UpParts, awaited: Awaited) -> None:
    publish, done = parts.hub.publish, parts.shutdown.done
    async with AsyncExitStack() as stack:
        published = stack.enter_context(parts.hub.subscribe())
        arrivals = Arrivals(parts.store, parts.hub)
        began_after = await arrivals.last_seq()
        receiver = receiving(
            config.serve,
            store=parts.store,
            publish=publish,
            now=utc_now,
            run_directory=parts.run_directory,
            counters=parts.counters,
            grace_s=parts.shutdown.grace_s,
        )
        running = await start("receiver", receiver, stack, publish, detail=lambda it: it.url)
        access, sandbox_token = await _open_org(config, parts, stack)
        tunnel = None
        if config.tunnel is not None:
            tunnel = await _open_tunnel(config.tunnel, running.port, parts, stack)
        org, credential, secrets = access.org, access.credential, config.hook.secrets
        client = OktaClient(org, credential, parts.http, publish=publish, secrets=secrets)
        watch = PathWatch(config, parts, running, tunnel, arrivals, sandbox_token)
        await watch.prove()
        hook = await stack.enter_async_context(hook_run(config, parts, client))
        hook.note_path()
        registered = await watch.register(hook)
        refused = None
        tried = stack.enter_context(parts.hub.subscribe())
        if not config.once:
            done.set()
        uptime = Uptime(uptime_directory(parts.run_directory.state), now=utc_now)
        await stack.enter_async_context(uptime.kept())
        if sandbox_token is not None:
            await _cause_events(config, parts, client)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch.stay, published, hook)
            if (since := config.catch_up_since) is not None:
                await catch_up(since, config, parts, client, registered.hook, running.url)
            if config.once:
                first = await arrivals.first(began_after, _is_sent_by_org)
                awaited.seq = first.seq
                if config.within_s is not None and config.serve.forward is not None:
                    targets = config.serve.forward.targets
                    refused = await attempt_given_up(first.seq, targets, tried)
                done.set()
                tasks.cancel_scope.cancel()
        if refused is not None:
            raise not_accepted(refused)


def _too_late(config: UpConfig, published: Sequence[Published], awaited: Awaited) -> Unavailable:
    within = f"within {config.within_s:g} s"
    ready = next((p for p in published if isinstance(p, Ready)), None)
    if ready is None:
        failed = (p.step for p in published if isinstance(p, StepChanged) and p.state == "failed")
        step_cut = next(failed, "store")
        return Unavailable(
            f"okhook up was not ready {within}: the step '{step_cut}' took too long",
            next_step="allow more time with --within",
        )
    if awaited.seq is not None:
        return not_accepted_in_time(awaited.seq, published, within)
    named = sorted(ready.event_types)[:_NAMED]
    more = len(ready.event_types) - len(named)
    types = " or ".join((*named, *([f"{more} more types"] if more else [])))
    return Unavailable(
        f"no delivery of {plain(types)} arrived {within}",
        next_step="allow more time with --within, and cause an event while okhook waits",
    )


async def _open_org(
    config: UpConfig, parts: UpParts, stack: AsyncExitStack
) -> tuple[OrgAccess, Secret | None]:
    """Return access to the org. Start a sandbox org if there is none; return its token too."""
    if not isinstance(config.org, SandboxConfig):
        return config.org, None
    publish = parts.hub.publish
    sandbox = running_sandbox(config.org, publish=publish, run_directory=parts.run_directory)
    running = await start("sandbox", sandbox, stack, publish, detail=lambda it: it.url)
    credential = SswsCredential(running.token, "the sandbox")
    return OrgAccess(parse_org(running.url), "--sandbox", credential), running.token


async def _open_tunnel(
    config: HookdeckConfig, port: int, parts: UpParts, stack: AsyncExitStack
) -> RunningTunnel:
    """Run a tunnel to ``port`` until ``stack`` closes.

    Its first ``TunnelReady`` is not published: the path is not proved yet. Later ones are published
    as :class:`TunnelCameBack`.
    """
    came_up = False

    def publish(activity: Activity) -> None:
        nonlocal came_up
        if not isinstance(activity, TunnelReady):
            parts.hub.publish(activity)
        elif came_up:
            parts.hub.publish(TunnelCameBack(activity.webhook_url))
        else:
            came_up = True

    tunnel = running_tunnel(
        replace(config, port=port),
        environ=parts.environ,
        publish=publish,
        run_directory=parts.run_directory,
        before_hard_exit=parts.shutdown.before_hard_exit,
    )
    return await start(
        "tunnel", tunnel, stack, parts.hub.publish, detail=lambda it: it.ready.webhook_url
    )


async def _cause_events(config: UpConfig, parts: UpParts, client: OktaClient) -> None:
    async with step("test user", parts.hub.publish) as current:
        current.detail = await create_sandbox_user(client)
    if config.hook.keeps_events:
        return
    events = dict.fromkeys(config.hook.events)
    if awaited := tuple(each for each in events if each not in TEST_USER_CAUSES):
        parts.hub.publish(EventsAwaited(awaited))


def _is_sent_by_org(record: Record) -> bool:
    return record.kind is RecordKind.DELIVERY and not record.is_reconstructed


TEST_USER_CAUSES: Final = frozenset({"user.lifecycle.create", "user.lifecycle.activate"})
"""The event types that the creation of an active user causes."""


async def create_sandbox_user(client: OktaClient) -> str:
    """Create Jane Doe, an active user, and return her name, login and id."""
    try:
        return await _create(client, "jane.doe@hookdeckexample.com")
    except ValidationFailed:  # an org that is kept in a file may already have her
        return await _create(client, f"jane.doe+{new_uuid()[:8]}@hookdeckexample.com")


async def _create(client: OktaClient, login: str) -> str:
    profile = {"firstName": "Jane", "lastName": "Doe", "email": login, "login": login}
    call = Call("POST", f"{USERS_PATH}?activate=true", {"profile": profile}, once=True)
    user = await client.object(call, "the user")
    return f"Jane Doe ({login}, {user.get('id')})"
