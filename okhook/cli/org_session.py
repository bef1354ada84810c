"""Open the org that a command works in: its credential, its client, and how a person sees it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from okhook.activity import Activity, Warned
from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.org_access import access_of, command_to_paste
from okhook.cli.views.lines import Renderer
from okhook.cli.views.org import render_org
from okhook.errors import NotVerified
from okhook.http.client import HttpClient
from okhook.okta.activities import Registered, VerifyingAgain
from okhook.okta.client import OktaClient, Publish
from okhook.okta.event_hooks import EventHook, WantedHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.hook_choice import chosen, holder_of
from okhook.okta.preflight import preflight
from okhook.okta.probe import ProbeTarget, probe, target_of
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.registration import Registration
from okhook.okta.retry import CallRetried, RateLimited
from okhook.okta.verifying import verify_patiently
from okhook.runtime.run_files import UpRun
from okhook.runtime.running_here import running_here
from okhook.secret import HookAuth, Secret
from okhook.wire.org import Org
from okhook.wire.webhook_url import is_hookdeck_url


@dataclass(frozen=True, slots=True)
class OrgSession:
    """What a command needs to work in one org. ``publish`` shows an activity at once."""

    org: Org
    http: HttpClient
    client: OktaClient
    api: EventHooksApi
    registered_here: RegisteredHere
    registration: Registration
    publish: Publish
    ctx: Context

    async def hook(self, named: str) -> EventHook:
        """Return the hook with that id or name."""
        return chosen(named, await self.api.all(), self.org, self.api.client.redact)

    def holder_of(self, hook: EventHook) -> UpRun | None:
        """Return the ``okhook up`` on this machine that manages a hook, if one does."""
        return holder_of(hook, self.org, running_here(self.ctx.run_directory))

    def checked(self, wanted: WantedHook, odd: Iterable[str] = ()) -> WantedHook:
        """Check a hook before it is sent to the org, and publish warnings, also those of ``odd``.

        Raises InvalidInput with every reason why it cannot work.
        """
        checked, warnings = preflight(wanted, self.org)
        for warning in (*odd, *warnings):
            self.publish(Warned(warning))
        return checked

    def target_of(self, hook: EventHook, auth: HookAuth | None) -> ProbeTarget:
        """Return the target of the org's calls for an existing hook.

        It has the secret only if the hook's URL is ours: a running tunnel's, the setting ``url``,
        or one that this machine registered with this secret.
        """
        known = running_here(self.ctx.run_directory).webhook_urls
        if named := self.ctx.settings.url:
            known += (named.value,)
        wrote = auth and self.registered_here.wrote(self.org, hook, auth.secret)
        return target_of(hook, auth, is_ours=hook.url in known or bool(wrote))

    async def verified(
        self,
        registered: Registered,
        target: ProbeTarget,
        *,
        wait_s: float,
        tell: Callable[[Registered], None] = lambda _: None,
    ) -> Registered:
        """Ask the org to verify the hook, again and again for up to ``wait_s`` seconds.

        If that fails, calls ``tell`` with the hook, probes ``target``, publishes the result and
        raises NotVerified with the cause.
        """
        try:
            return await verify_patiently(
                self.registration,
                registered,
                probe=partial(probe, self.http, target, self.org),
                wait_s=wait_s,
                publish=self.publish,
                tell=tell,
            )
        except NotVerified as outcome:
            again = self.verify_command(registered.hook)
            outcome.next_step = f"{outcome.next_step}\nthen: {again}"
            raise

    def verify_command(self, hook: EventHook) -> str:
        """Return the command that has the org verify a hook."""
        return command_to_paste(self.ctx, "hooks", "verify", hook.id)

    def note_unverified(self, hook: EventHook) -> None:
        """Show the command that verifies an active hook, if it is unverified."""
        if hook.is_active and not hook.is_verified:
            self.ctx.console.note(f"to verify the hook, run {self.verify_command(hook)}")

    def note_what_verified_proves(self, hook: EventHook) -> None:
        """Show a note if VERIFIED proves nothing about this machine."""
        tunnels = running_here(self.ctx.run_directory).webhook_urls
        if hook.is_verified and (hook.url in tunnels or is_hookdeck_url(hook.url)):
            self.ctx.console.note_once(
                "Hookdeck answers the verification challenge itself: VERIFIED does not prove that"
                " deliveries reach this machine"
            )


@asynccontextmanager
async def opened_org(
    ctx: Context, auth: HookAuth | None = None, *, secrets: tuple[Secret, ...] = ()
) -> AsyncIterator[OrgSession]:
    """Open the org that the settings name; redact ``auth``, a hook's secret, and ``secrets``."""
    access, asked = access_of(ctx), ctx.settings.org
    if asked is not None and "-admin." in asked.value and "-admin." not in access.org.host:
        ctx.console.note(
            f"{asked.value} is the Admin Console's address; using the org's address,"
            f" {access.org.url}"
        )
    publish = publisher(ctx.console, render_org)
    secrets += (auth.secret,) if auth else ()
    async with HttpClient() as http:
        client = OktaClient(access.org, access.credential, http, publish=publish, secrets=secrets)
        api, registered_here = EventHooksApi(client), RegisteredHere(ctx.state)
        registration = Registration(api, registered_here, publish=publish)
        yield OrgSession(
            access.org, http, client, api, registered_here, registration, publish=publish, ctx=ctx
        )


def publisher(console: Console, render: Renderer) -> Publish:
    """Return a function that shows activities: results on stdout, progress on stderr."""

    def publish(activity: Activity) -> None:
        if isinstance(activity, Warned):
            console.warn(activity.text)
        is_progress = isinstance(activity, RateLimited | CallRetried | VerifyingAgain)
        if is_progress and not console.is_json:
            for line in render(activity):
                console.note(line.plain)
        else:
            console.show(activity, render)

    return publish
