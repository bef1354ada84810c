"""All of it, in order: receiver, org, route, proof, hook; and back in the opposite order."""

from contextlib import AsyncExitStack

import anyio

from okhook.config.paths import uptime_directory
from okhook.okta.auth.access import OrgAccess
from okhook.okta.auth.credential import SswsCredential
from okhook.okta.client import OktaClient
from okhook.records.record import Record, RecordKind
from okhook.runtime.uptime import Uptime
from okhook.sandbox.running import SandboxConfig, running_sandbox
from okhook.secret import Secret
from okhook.serve.running import receiving
from okhook.up.activities import EventsAwaited
from okhook.up.arrivals import Arrivals
from okhook.up.catch_up import catch_up
from okhook.up.config import UpConfig, UpParts
from okhook.up.hook_run import hook_run
from okhook.up.path_watch import PathWatch
from okhook.up.route import open_route
from okhook.up.sandbox_user import TEST_USER_MAKES, create_sandbox_user
from okhook.up.steps import Steps
from okhook.wire.org import parse_org


async def run_up(config: UpConfig, parts: UpParts) -> None:
    """Bring everything up and stay until cancelled, or with ``once`` until the first event.

    ``shutdown.done`` is set when all is ready, or with ``once`` at that event.

    Raises:
        OkhookError: a part cannot come up, or can no longer work. What is up by then is taken
            down in order first.
    """
    steps, done = Steps(parts.hub.publish), parts.shutdown.done
    async with AsyncExitStack() as held:
        published = held.enter_context(parts.hub.subscribe())
        arrivals = Arrivals(parts.store, parts.hub)
        began_after = await arrivals.last_seq()
        receiver = receiving(
            config.serve,
            store=parts.store,
            publish=parts.hub.publish,
            now=parts.now,
            run_directory=parts.run_directory,
        )
        running = await steps.start("receiver", receiver, held, lambda it: it.url)
        org, token = await _opened_org(config, parts, held, steps)
        route = await open_route(config, parts, running, held, steps)
        client = OktaClient(
            org.org,
            org.credential,
            parts.http,
            publish=parts.hub.publish,
            secrets=config.hook.secrets,
        )
        watch = PathWatch(config, parts, steps, route, arrivals, sandbox_token=token)
        await watch.prove()
        hook = await held.enter_async_context(hook_run(config, parts, client, steps))
        registered = await watch.register(hook)
        if not config.once:
            done.set()
        uptime = Uptime(uptime_directory(parts.run_directory.state), now=parts.now)
        await held.enter_async_context(uptime.kept())
        if token is not None:
            await _make_an_event(config, parts, client, steps)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch.stay, published, hook)
            if config.catch_up_since is not None:
                await catch_up(
                    config.catch_up_since,
                    client=client,
                    hook=registered.hook,
                    receiver_url=running.url,
                    auth=config.hook.auth,
                    parts=parts,
                    steps=steps,
                )
            if config.once:
                await arrivals.first(began_after, _is_of_the_org)
                done.set()
                tasks.cancel_scope.cancel()


async def _opened_org(
    config: UpConfig, parts: UpParts, held: AsyncExitStack, steps: Steps
) -> tuple[OrgAccess, Secret | None]:
    """Return the org, and the token of a sandbox, which is started and ends with the run."""
    if not isinstance(config.org, SandboxConfig):
        return config.org, None
    sandbox = running_sandbox(
        config.org, publish=parts.hub.publish, run_directory=parts.run_directory
    )
    running = await steps.start("sandbox", sandbox, held, lambda it: it.url)
    credential = SswsCredential(running.token, "the sandbox")
    return OrgAccess(parse_org(running.url), "--sandbox", credential), running.token


async def _make_an_event(
    config: UpConfig, parts: UpParts, client: OktaClient, steps: Steps
) -> None:
    """Create the sandbox's test user, and name the event types that this does not bring about."""
    async with steps.step("test user") as step:
        step.detail = await create_sandbox_user(client)
    events = dict.fromkeys(config.hook.events)
    if awaited := tuple(each for each in events if each not in TEST_USER_MAKES):
        parts.hub.publish(EventsAwaited(awaited))


def _is_of_the_org(record: Record) -> bool:
    return record.kind is RecordKind.DELIVERY and not record.is_reconstructed
