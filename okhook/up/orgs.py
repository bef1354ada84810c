"""The org of a run: one that is there, or a sandbox that lives as long as the run."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from okhook.activity import Activity
from okhook.okta.auth.access import OrgAccess
from okhook.okta.auth.credential import Credential, SswsCredential
from okhook.runtime.run_files import RunDirectory
from okhook.sandbox.running import SandboxConfig, running_sandbox
from okhook.secret import Secret
from okhook.up.steps import Steps
from okhook.wire.org import Org, parse_org


@dataclass(frozen=True, slots=True)
class OrgInUse:
    """An org and what opens it. ``sandbox_token`` is None for one that outlives the run."""

    org: Org
    credential: Credential
    sandbox_token: Secret | None = None


OpenOrg = Callable[[Steps], AbstractAsyncContextManager[OrgInUse]]
"""Gives the org for the length of a run, and tells of it as a step where it has to be started."""


def existing_org(access: OrgAccess) -> OpenOrg:
    """Return what gives an org that is there whether we run or not."""

    @asynccontextmanager
    async def open_org(steps: Steps) -> AsyncIterator[OrgInUse]:
        del steps
        yield OrgInUse(access.org, access.credential)

    return open_org


def sandbox_org(
    config: SandboxConfig, publish: Callable[[Activity], None], run_directory: RunDirectory
) -> OpenOrg:
    """Return what starts a sandbox org for the length of a run."""

    @asynccontextmanager
    async def open_org(steps: Steps) -> AsyncIterator[OrgInUse]:
        async with AsyncExitStack() as held:
            async with steps.step("sandbox") as step:
                sandbox = await held.enter_async_context(
                    running_sandbox(config, publish=publish, run_directory=run_directory)
                )
                step.detail = sandbox.url
            credential = SswsCredential(sandbox.token, "the sandbox")
            yield OrgInUse(parse_org(sandbox.url), credential, sandbox.token)

    return open_org
