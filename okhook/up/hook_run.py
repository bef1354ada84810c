"""Register and verify the hook when a run begins; deactivate it when the run ends.

A killed run leaves its hook active and its run file behind. The next run finds that file and takes
the hook over.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio

from okhook.activity import Warned
from okhook.errors import ConfigurationError, OkhookError
from okhook.okta.activities import Registered
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import WantedHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.preflight import preflight
from okhook.okta.probe import ProbeTarget, probe
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.registration import Registration
from okhook.okta.verifying import verify_patiently
from okhook.runtime.ids import utc_now
from okhook.runtime.private_socket import remove_left_over
from okhook.runtime.run_files import RunFile, UpRun
from okhook.up.activities import PathLost, step
from okhook.up.config import UpConfig, UpParts
from okhook.up.hook_edits import EventsWanted, open_to_edits
from okhook.wire.org import Org

_DEACTIVATION_S = 5.0


@dataclass(slots=True)
class HookRun:
    """Registers the hook, and registers it again when the URL changes.

    ``taken_over`` is the hook of a killed run. ``url`` is the last verified URL.
    """

    config: UpConfig
    parts: UpParts
    org: Org
    registration: Registration
    run_file: RunFile
    run: UpRun
    taken_over: str | None
    hook_id: str | None = None
    url: str | None = None
    control_socket: Path | None = None

    @property
    def to_deactivate(self) -> str | None:
        """The hook that this run, or the killed run before it, created or activated."""
        if self.registration.to_deactivate is not None:
            return self.registration.to_deactivate
        return self.taken_over if self.taken_over == self.hook_id else None

    async def register(self, url: str) -> Registered:
        """Register the hook with ``url``, and have the org verify it.

        Raises ``NotVerified`` if the org could not verify it. A published probe explains why.
        """
        publish = self.parts.hub.publish
        wanted = replace(self.config.hook, url=url)
        if self.hook_id is not None:  # somebody may have edited the event types meanwhile
            wanted = replace(wanted, events=(), filters=(), keeps_events=True)
        wanted, warnings = preflight(wanted, self.org)
        for warning in warnings:
            publish(Warned(warning))
        registered = await self.registration.register(wanted, hook_id=self.config.hook_id)
        self.hook_id = registered.hook.id
        control_socket = None if self.control_socket is None else str(self.control_socket)
        self.run = replace(
            self.run,
            hook_id=self.to_deactivate,
            registered=self.hook_id,
            control_socket=control_socket,
            webhook_url=url,
        )
        self._note(registered)
        if not registered.hook.is_verified:
            target = ProbeTarget(registered.hook.url, wanted.headers, wanted.auth)
            registered = await verify_patiently(
                self.registration,
                registered,
                probe=partial(probe, self.parts.http, target, self.org),
                wait_s=self.config.wait_s,
                publish=publish,
            )
        self.url = url
        self._note(registered)
        publish(registered)
        return registered

    def _note(self, registered: Registered) -> None:
        hook = registered.hook
        self.run = replace(
            self.run,
            status=hook.status,
            verification=hook.verification_status,
            seen_at=utc_now(),
            fault=None,
            next_step=None,
        )
        self.run_file.write(self.run)

    def note_path(self, *, lost: PathLost | None = None) -> None:
        """Note in the run file, once there is one, that the path was proved just now, or lost."""
        if lost is None:
            changed = replace(self.run, proved_at=utc_now(), fault=None, next_step=None)
        else:
            changed = replace(self.run, fault=lost.reason, next_step=lost.next_step)
        self.run = changed
        if changed.registered is not None:
            # On a full disk the inspector does not know it, but everything else goes on.
            with suppress(ConfigurationError):
                self.run_file.write(changed)

    async def edit(self, wanted: EventsWanted) -> tuple[str, ...]:
        """Change the event types of the hook; return the names of the parts that changed."""
        name = self.config.hook.name
        existing = (await self.registration.find(name, hook_id=self.hook_id)).hook
        hook = WantedHook(
            name=existing.name,
            url=existing.url,
            events=wanted.events,
            description=wanted.description,
            headers=existing.headers,
            auth=self.config.hook.auth,
            filters=wanted.filters,
        )
        updated = await self.registration.update(existing, hook, allow=lambda _hook, _parts: None)
        return updated.changed


@asynccontextmanager
async def hook_run(config: UpConfig, parts: UpParts, client: OktaClient) -> AsyncIterator[HookRun]:
    """Yield a ``HookRun``. When the block ends, deactivate what it activated."""
    org, publish = client.org, parts.hub.publish
    which = config.hook_id or config.hook.name
    named = f"{org.url} {which}".encode("utf-8", "surrogateescape")  # a flag may have any byte
    name = UpRun.name(hashlib.sha256(named).hexdigest()[:16])
    left_over = parts.run_directory.read(UpRun, name)
    registered_here = RegisteredHere(parts.run_directory.state)
    registration = Registration(EventHooksApi(client), registered_here, publish=publish)
    with parts.run_directory.own(
        name,
        lambda owner: ConfigurationError(
            f"another okhook up uses this hook of {org.host} ({owner})",
            next_step="stop it, or use another hook with --name",
        ),
    ) as run_file:
        taken_over = None if left_over is None else left_over.hook_id
        run = HookRun(config, parts, org, registration, run_file, UpRun(org.url), taken_over)
        control_socket = parts.run_directory.path / f"{name}.sock"
        if left_over is not None and left_over.control_socket is not None:
            remove_left_over(Path(left_over.control_socket))
        try:
            async with open_to_edits(control_socket, run.edit, publish) as run.control_socket:
                yield run
        finally:
            if not config.keep and (hook_id := run.to_deactivate):
                await _deactivate(run, hook_id)


async def _deactivate(run: HookRun, hook_id: str) -> None:
    """Deactivate the hook, even after cancellation, or warn that it is still active."""
    failure, publish = f"no answer within {_DEACTIVATION_S:g} s", run.parts.hub.publish
    with anyio.CancelScope(shield=True), anyio.move_on_after(_DEACTIVATION_S):
        try:
            async with step("deactivate", publish) as current:
                await run.registration.leave(hook_id)
                current.detail = hook_id
            return
        except OkhookError as error:
            failure = error.what
    publish(
        Warned(
            f"could not deactivate the hook {hook_id} in {run.org.host}: {failure};"
            " the next okhook up uses it again"
        )
    )
