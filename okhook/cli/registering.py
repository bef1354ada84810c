"""Register and show: what ``register`` does, from settings to the last line."""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from pathlib import Path

from okhook.activity import Activity, Warned
from okhook.cli.console import Console
from okhook.cli.render.registration import render_registration
from okhook.cli.start import Start
from okhook.event_types import DEFAULT_EVENT_TYPE
from okhook.http import HttpClient
from okhook.okta.access import OrgAccess, org_access
from okhook.okta.activities import (
    CallRetried,
    Probed,
    RateLimited,
    Registered,
    VerifyingAgain,
)
from okhook.okta.client import OktaClient, Publish
from okhook.okta.event_hooks import WantedHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.hook_url import the_tunnels_url, tunnel_urls
from okhook.okta.preflight import preflight
from okhook.okta.probe import ProbeTarget, probe
from okhook.okta.probe_report import ProbeReport
from okhook.okta.registration import Registration
from okhook.okta.remembered import RememberedHooks
from okhook.okta.spelling import filters_of, headers_of, own_hook_name
from okhook.okta.verifying import HookNotVerified, verify_patiently
from okhook.okta.who_answered import is_hookdeck_url
from okhook.org import Org
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.version import __version__

DEFAULT_WAIT_S = 30.0


class HowToRegister(Enum):
    """What of a registration is done."""

    AND_VERIFY = auto()
    WITHOUT_VERIFYING = auto()
    VERIFY_ONLY = auto()


async def register_and_show(
    begun: Start,
    how: HowToRegister,
    hook_id: str | None,
    headers: Sequence[str],
    filters: Sequence[str],
) -> None:
    """Register the hook that the settings describe, and show what became of it."""
    access = org_access(begun.settings, begun.environ, Path.home(), begun.run_directory)
    _say_what_was_normalised(begun, access)
    auth = begun.hook_auth()
    wait_s = begun.settings.seconds_or("wait", DEFAULT_WAIT_S).value
    publish = _publisher(begun.console)
    async with HttpClient(user_agent=f"okhook/{__version__}") as http:
        client = OktaClient(
            access.org,
            access.credential,
            http,
            publish=publish,
            secrets=(auth.secret,) if auth else (),
        )
        registration = Registration(
            EventHooksApi(client), RememberedHooks(begun.state), publish=publish
        )
        if how is HowToRegister.VERIFY_ONLY:
            name = begun.settings.text_or("name", own_hook_name()).value
            registered = await registration.find(name, hook_id=hook_id)
            target = _target_of_existing(begun, registered, auth, headers)
        else:
            wanted = _wanted(begun, access.org, auth, headers, filters)
            registered = await registration.register(wanted, hook_id=hook_id)
            target = ProbeTarget(wanted.url, wanted.headers, auth)
        if how is HowToRegister.VERIFY_ONLY or (
            how is HowToRegister.AND_VERIFY and not registered.verified
        ):
            probe_once = probing(http, target, access.org)
            registered = await _verified(registration, registered, probe_once, wait_s, publish)
        publish(registered)
    _say_what_verified_means(begun, registered)


def probing(
    http: HttpClient, target: ProbeTarget, org: Org
) -> Callable[[], Awaitable[ProbeReport]]:
    """Return the probe of ``target`` as a call without arguments, fresh each time."""

    async def once() -> ProbeReport:
        return await probe(http, target, org=org, challenge=new_uuid(), request_id=new_uuid())

    return once


async def _verified(
    registration: Registration,
    registered: Registered,
    probe_once: Callable[[], Awaitable[ProbeReport]],
    wait_s: float,
    publish: Publish,
) -> Registered:
    try:
        return await verify_patiently(
            registration, registered, probe=probe_once, wait_s=wait_s, publish=publish
        )
    except HookNotVerified as outcome:
        publish(outcome.registered)
        publish(Probed(outcome.report))
        raise


def _wanted(
    begun: Start,
    org: Org,
    auth: HookAuth | None,
    headers: Sequence[str],
    filters: Sequence[str],
) -> WantedHook:
    settings = begun.settings
    url = settings.text("url")
    description = settings.text("description")
    events = settings.texts("event")
    wanted = WantedHook(
        name=settings.text_or("name", own_hook_name()).value,
        url=url.value if url else the_tunnels_url(begun.run_directory.running("tunnel-")),
        events=events.value if events else (DEFAULT_EVENT_TYPE,),
        description=description.value if description else None,
        headers=headers_of(headers),
        auth=auth,
        filters=filters_of(filters),
    )
    checked, warnings = preflight(wanted, org)
    for warning in warnings:
        _publisher(begun.console)(Warned(warning))
    return checked


def _target_of_existing(
    begun: Start, registered: Registered, auth: HookAuth | None, headers: Sequence[str]
) -> ProbeTarget:
    """Probe the hook's URL as the org has it; the secret goes there only if it is ours."""
    known = tunnel_urls(begun.run_directory.running("tunnel-"))
    if named := begun.settings.text("url"):
        known.append(named.value)
    is_ours = registered.hook.url in known
    return ProbeTarget(
        registered.hook.url,
        headers_of(headers) if is_ours else (),
        auth if is_ours else None,
    )


def _publisher(console: Console) -> Publish:
    """Return what shows an activity: results on stdout, what happens on the way on stderr."""

    def publish(activity: Activity) -> None:
        if isinstance(activity, Warned):
            console.warn(activity.text)
        if console.is_json:
            console.write_json(activity.to_json())
        elif isinstance(activity, RateLimited | CallRetried | VerifyingAgain):
            for line in render_registration(activity):
                console.note(line.plain)
        else:
            console.show(activity, render_registration)

    return publish


def _say_what_was_normalised(begun: Start, access: OrgAccess) -> None:
    asked = begun.settings.text("org")
    if asked is not None and "-admin." in asked.value and "-admin." not in access.org.host:
        begun.console.note(
            f"{asked.value} is the Admin Console's address; the org's own is {access.org.url}"
        )


def _say_what_verified_means(begun: Start, registered: Registered) -> None:
    tunnels = tunnel_urls(begun.run_directory.running("tunnel-"))
    url = registered.hook.url
    if registered.verified and (url in tunnels or is_hookdeck_url(url)):
        begun.console.note(
            "Hookdeck answers the verification challenge itself: VERIFIED does not prove that"
            " deliveries arrive here"
        )
