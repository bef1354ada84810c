"""The hook for the length of a run: registered and verified at its start, deactivated at its end.

A run that was killed leaves its hook active. The next run takes it over: the run file says which
hook that is, and the lock beside the file that its owner is gone.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from typing import final

import anyio

from okhook.activity import Warned
from okhook.errors import ConfigurationError, OkhookError
from okhook.okta.activities import Registered
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.preflight import preflight
from okhook.okta.probe import ProbeTarget, probe
from okhook.okta.registration import Registration
from okhook.okta.remembered import RememberedHooks
from okhook.okta.verifying import verify_patiently
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, RunFile
from okhook.runtime.runs import UpRun
from okhook.up.config import UpConfig, UpParts
from okhook.up.steps import Steps
from okhook.wire.org import Org

_LEAVING_S = 5.0
"""How long the deactivation may take when everything ends."""


@final
class HookRun:
    """Registers the hook at a URL, again when the URL changes; made by :func:`hook_run`.

    ``url`` is where it was registered and verified last.
    """

    def __init__(
        self,
        config: UpConfig,
        parts: UpParts,
        client: OktaClient,
        run_file: RunFile,
        *,
        taken_over: str | None,
    ) -> None:
        self.url: str | None = None
        self.org = client.org
        self.registration = Registration(
            EventHooksApi(client),
            RememberedHooks(parts.run_directory.state),
            publish=parts.hub.publish,
        )
        self._config = config
        self._http = parts.http
        self._publish = parts.hub.publish
        self._run_file = run_file
        self._taken_over = taken_over
        self._hook_id: str | None = None

    @property
    def to_deactivate(self) -> str | None:
        """The hook that this run, or the killed one before it, made or activated."""
        if self.registration.to_deactivate is not None:
            return self.registration.to_deactivate
        return self._taken_over if self._taken_over == self._hook_id else None

    async def register(self, url: str) -> Registered:
        """Bring the hook to ``url`` and have it verified.

        Raises:
            InvalidInput, CredentialsError, OktaRefused, Unavailable: it cannot be registered.
            NotVerified: the org could not verify it; why is published as a probe.
        """
        wanted, warnings = preflight(replace(self._config.hook, url=url), self.org)
        for warning in warnings:
            self._publish(Warned(warning))
        registered = await self.registration.register(wanted, hook_id=self._config.hook_id)
        self._hook_id = registered.hook.id
        self._run_file.write(UpRun(self.org.url, self.to_deactivate))
        if not registered.verified:
            registered = await self._verified(registered)
        self.url = url
        self._publish(registered)
        return registered

    async def _verified(self, registered: Registered) -> Registered:
        hook = self._config.hook
        target = ProbeTarget(registered.hook.url, hook.headers, hook.auth)
        return await verify_patiently(
            self.registration,
            registered,
            probe=partial(probe, self._http, target, self.org),
            wait_s=self._config.wait_s,
            publish=self._publish,
        )


@asynccontextmanager
async def hook_run(
    config: UpConfig, parts: UpParts, client: OktaClient, steps: Steps
) -> AsyncIterator[HookRun]:
    """Own the hook for as long as the block lasts; what the run made active is made inactive.

    Raises:
        ConfigurationError: another okhook runs with the same hook.
    """
    which = config.hook_id or config.hook.name
    name = UpRun.name(hashlib.sha256(f"{client.org.url} {which}".encode()).hexdigest()[:16])
    left_over = parts.run_directory.read(UpRun, name)
    with _owned(parts.run_directory, name, client.org) as run_file:
        run = HookRun(
            config,
            parts,
            client,
            run_file,
            taken_over=None if left_over is None else left_over.hook_id,
        )
        try:
            yield run
        finally:
            if not config.keep and (hook_id := run.to_deactivate):
                failure = await _deactivated(run.registration, hook_id, steps)
                if failure is not None:
                    parts.hub.publish(
                        Warned(
                            f"the hook {hook_id} in {client.org.host} is still active: {failure};"
                            " `okhook up` takes it over"
                        )
                    )


async def _deactivated(registration: Registration, hook_id: str, steps: Steps) -> str | None:
    """Deactivate the hook, also while everything is cancelled; return why it failed, if it did."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(_LEAVING_S):
        try:
            async with steps.step("deactivate") as step:
                await registration.leave(hook_id)
                step.detail = hook_id
        except OkhookError as error:
            return error.what
        return None
    return f"no answer within {_LEAVING_S:g} s"


@contextmanager
def _owned(run_directory: RunDirectory, name: str, org: Org) -> Iterator[RunFile]:
    with ExitStack() as held:
        try:
            run_file = held.enter_context(run_directory.own(name))
        except AlreadyRunning as error:
            raise ConfigurationError(
                f"another okhook is up with this hook of {org.host}"
                + (f" (process {error.pid})" if error.pid else ""),
                next_step="end it, or give this one a hook of its own with --name",
            ) from error
        yield run_file
