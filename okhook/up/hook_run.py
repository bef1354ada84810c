"""The hook for the length of a run: registered and verified at its start, deactivated at its end.

What a run that was killed left active is taken over by the next one: its run file says which hook
that is, and the lock beside it that nobody is there any more.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import final

import anyio

from okhook.activity import Activity, Warned
from okhook.errors import ConfigurationError, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.activities import Probed, Registered
from okhook.okta.preflight import preflight
from okhook.okta.probe import ProbeTarget, probe
from okhook.okta.probe_report import ProbeReport
from okhook.okta.registration import Registration
from okhook.okta.verifying import HookNotVerified, verify_patiently
from okhook.runtime.ids import new_uuid
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, RunFile
from okhook.up.config import WantedRegistration
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
        org: Org,
        wanted: WantedRegistration,
        registration: Registration,
        http: HttpClient,
        run_file: RunFile,
        *,
        taken_over: str | None,
        wait_s: float,
        publish: Callable[[Activity], None],
    ) -> None:
        self.org = org
        self.url: str | None = None
        self._wanted = wanted
        self._registration = registration
        self._http = http
        self._run_file = run_file
        self._taken_over = taken_over
        self._wait_s = wait_s
        self._publish = publish
        self._hook_id: str | None = None

    @property
    def to_deactivate(self) -> str | None:
        """The hook that this run, or the killed one before it, made or activated."""
        if self._registration.to_deactivate is not None:
            return self._registration.to_deactivate
        return self._taken_over if self._taken_over == self._hook_id else None

    async def register(self, url: str) -> Registered:
        """Bring the hook to ``url`` and have it verified.

        Raises:
            InvalidInput, CredentialsError, OktaRefused, Unavailable: it cannot be registered.
            NotVerified: the org could not verify it; why is told as a probe.

        """
        wanted, warnings = preflight(self._wanted.at(url), self.org)
        for warning in warnings:
            self._publish(Warned(warning))
        registered = await self._registration.register(wanted, hook_id=self._wanted.hook_id)
        self._hook_id = registered.hook.id
        self._run_file.write({"org": self.org.url, "hook_id": self.to_deactivate})
        if not registered.verified:
            registered = await self._verified(registered)
        self.url = url
        self._publish(registered)
        return registered

    async def deactivate(self, hook_id: str) -> None:
        """Let the org deliver nothing more to the hook."""
        await self._registration.deactivate(hook_id)

    async def _verified(self, registered: Registered) -> Registered:
        target = ProbeTarget(registered.hook.url, self._wanted.headers, self._wanted.auth)

        async def probe_once() -> ProbeReport:
            return await probe(
                self._http, target, org=self.org, challenge=new_uuid(), request_id=new_uuid()
            )

        try:
            return await verify_patiently(
                self._registration,
                registered,
                probe=probe_once,
                wait_s=self._wait_s,
                publish=self._publish,
            )
        except HookNotVerified as outcome:
            self._publish(Probed(outcome.report))
            raise


@asynccontextmanager
async def hook_run(
    org: Org,
    wanted: WantedRegistration,
    registration: Registration,
    http: HttpClient,
    *,
    run_directory: RunDirectory,
    keep: bool,
    wait_s: float,
    steps: Steps,
    publish: Callable[[Activity], None],
) -> AsyncIterator[HookRun]:
    """Own the hook for as long as the block lasts; what the run made active is made inactive.

    Raises:
        ConfigurationError: another okhook runs with the same hook.

    """
    name = _run_name(org, wanted)
    left_over = run_directory.read(name)
    with _owned(run_directory, name, org, wanted) as run_file:
        taken_over = None if left_over is None else left_over.facts.get("hook_id")
        run = HookRun(
            org,
            wanted,
            registration,
            http,
            run_file,
            taken_over=taken_over if isinstance(taken_over, str) else None,
            wait_s=wait_s,
            publish=publish,
        )
        try:
            yield run
        finally:
            if not keep and (hook_id := run.to_deactivate):
                await _leave(run, hook_id, org, steps, publish)


async def _leave(
    run: HookRun, hook_id: str, org: Org, steps: Steps, publish: Callable[[Activity], None]
) -> None:
    """Deactivate the hook, also while everything is cancelled; what fails is said, and ends."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(_LEAVING_S) as limit:
        try:
            async with steps.step("deactivate") as step:
                await run.deactivate(hook_id)
                step.detail = hook_id
        except OkhookError as error:
            publish(Warned(_still_active(org, hook_id, error.what)))
    if limit.cancelled_caught:
        publish(Warned(_still_active(org, hook_id, f"no answer within {_LEAVING_S:g} s")))


def _still_active(org: Org, hook_id: str, reason: str) -> str:
    return f"the hook {hook_id} in {org.host} is still active: {reason}; `okhook up` takes it over"


def _run_name(org: Org, wanted: WantedRegistration) -> str:
    which = wanted.hook_id or wanted.name
    return f"up-{hashlib.sha256(f'{org.url} {which}'.encode()).hexdigest()[:16]}"


@contextmanager
def _owned(
    run_directory: RunDirectory, name: str, org: Org, wanted: WantedRegistration
) -> Iterator[RunFile]:
    with ExitStack() as held:
        try:
            run_file = held.enter_context(run_directory.own(name))
        except AlreadyRunning as error:
            process = (error.facts or {}).get("pid")
            raise ConfigurationError(
                f"another okhook is up with this hook of {org.host}"
                + (f" (process {process})" if process else ""),
                next_step="end it, or give this one a hook of its own with --name",
            ) from error
        yield run_file
