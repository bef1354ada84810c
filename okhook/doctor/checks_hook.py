"""Whether the org delivers to the hook, and the hook's URL leads here."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from okhook.config.settings import Setting
from okhook.doctor.check import Finding, failed, ok, skipped
from okhook.okta.event_hooks import EventHook
from okhook.org import is_loopback

Command = Callable[..., str]
"""Returns a command of okhook's to paste, for the same org."""

NO_HOOK = "there is no hook to look at"


async def check_hook(hook: EventHook, command: Command) -> Finding:
    """Say whether the org delivers to the hook: active and verified."""
    named = f"{hook.name} ({hook.id})"
    if not hook.is_active:
        return failed(
            f"{named} is {hook.status}: the org delivers nothing to it",
            remedy=command("hooks", "activate", hook.id),
        )
    if not hook.is_verified:
        return failed(
            f"{named} is ACTIVE but {hook.verification_status}: it receives nothing",
            remedy=command("hooks", "verify", hook.id),
        )
    count = len(hook.events)
    return ok(f"{named}, ACTIVE and VERIFIED, {count} event type{'' if count == 1 else 's'}")


@dataclass(frozen=True, slots=True)
class UrlsHere:
    """The URLs that lead to this machine: of tunnels and receivers, the one that is set, past."""

    tunnels: tuple[str, ...]
    named: Setting[str] | None
    receivers: tuple[str, ...]
    past: frozenset[str]


async def check_url(hook: EventHook | None, here: UrlsHere, command: Command) -> Finding:
    """Hold the hook's URL against those that lead here."""
    if hook is None:
        return skipped(NO_HOOK)
    if hook.url in here.tunnels:
        return ok(f"{hook.url} is the running tunnel's")
    if here.named is not None and hook.url == here.named.value:
        return ok(f"{hook.url} is the one from {here.named.origin}")
    if hook.url in here.receivers:
        return ok(f"{hook.url} is the receiver's own")
    return _leads_elsewhere(hook, here, command)


def _leads_elsewhere(hook: EventHook, here: UrlsHere, command: Command) -> Finding:
    is_local = is_loopback(urlsplit(hook.url).hostname or "")
    named = () if here.named is None else (here.named.value,)
    right = here.tunnels or named or here.receivers
    if not right:
        past = "a tunnel that is gone" if hook.url in here.past else "nothing that runs here"
        begin = "okhook serve" if is_local else "okhook tunnel"
        return failed(f"{hook.url} leads to {past}", remedy=f"start it: {begin}, or okhook up")
    edit = command("hooks", "edit", hook.id, "--url", right[0])
    return failed(f"the hook's URL is {hook.url}", f"what leads here is {right[0]}", remedy=edit)
