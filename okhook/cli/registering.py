"""Register and show: what ``register`` does, from settings to the last line."""

from collections.abc import Sequence
from enum import Enum, auto

from okhook.activity import Warned
from okhook.cli.opening import OpenedOrg, opened_org, wait_of
from okhook.cli.start import Start
from okhook.event_types import DEFAULT_EVENT_TYPE
from okhook.okta.activities import Registered
from okhook.okta.event_hooks import WantedHook
from okhook.okta.hook_url import the_tunnels_url, tunnel_urls
from okhook.okta.preflight import preflight
from okhook.okta.probe import ProbeTarget
from okhook.okta.spelling import filters_of, headers_of, own_hook_name
from okhook.okta.who_answered import is_hookdeck_url
from okhook.secret import HookAuth


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
    auth = begun.hook_auth()
    wait_s = wait_of(begun)
    async with opened_org(begun, auth) as org:
        if how is HowToRegister.VERIFY_ONLY:
            name = begun.settings.text_or("name", own_hook_name()).value
            registered = await org.registration.find(name, hook_id=hook_id)
            target = org.target_of(registered.hook, auth)
        else:
            wanted = _wanted(org, auth, headers, filters)
            registered = await org.registration.register(wanted, hook_id=hook_id)
            target = ProbeTarget(wanted.url, wanted.headers, auth)
        if how is HowToRegister.VERIFY_ONLY or (
            how is HowToRegister.AND_VERIFY and not registered.verified
        ):
            registered = await org.verified(registered, target, wait_s=wait_s, tell=org.publish)
        org.publish(registered)
    say_what_verified_means(begun, registered)


def say_what_verified_means(begun: Start, registered: Registered) -> None:
    """Say where a verified hook proves nothing about this machine."""
    tunnels = tunnel_urls(begun.run_directory.running("tunnel-"))
    url = registered.hook.url
    if registered.verified and (url in tunnels or is_hookdeck_url(url)):
        begun.console.note(
            "Hookdeck answers the verification challenge itself: VERIFIED does not prove that"
            " deliveries arrive here"
        )


def _wanted(
    opened: OpenedOrg, auth: HookAuth | None, headers: Sequence[str], filters: Sequence[str]
) -> WantedHook:
    settings = opened.begun.settings
    url = settings.text("url")
    description = settings.text("description")
    events = settings.texts("event")
    tunnels = opened.begun.run_directory.running("tunnel-")
    wanted = WantedHook(
        name=settings.text_or("name", own_hook_name()).value,
        url=url.value if url else the_tunnels_url(tunnels),
        events=events.value if events else (DEFAULT_EVENT_TYPE,),
        description=description.value if description else None,
        headers=headers_of(headers),
        auth=auth,
        filters=filters_of(filters),
    )
    checked, warnings = preflight(wanted, opened.org)
    for warning in warnings:
        opened.publish(Warned(warning))
    return checked
