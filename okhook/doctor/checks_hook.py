"""Whether the org delivers to the hook, and the hook's URL leads here."""

from collections.abc import Sequence
from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.doctor.check import Finding, failed, ok, skipped
from okhook.doctor.commands import Commands
from okhook.doctor.place import Place, place_of
from okhook.okta.event_hooks import EventHook

NO_HOOK = "there is no hook to look at"


async def check_hook(hook: EventHook, broken: Sequence[str], commands: Commands) -> Finding:
    """Say whether the org delivers to the hook: active and verified.

    ``broken`` names what must be mended before the org can verify it.
    """
    named = f"{hook.name} ({hook.id})"
    if not hook.is_active:
        return failed(
            f"{named} is {hook.status}: the org delivers nothing to it",
            remedy=commands.for_org("hooks", "activate", hook.id),
        )
    if not hook.is_verified:
        verify = commands.for_org("hooks", "verify", hook.id)
        first = f"mend what is beneath first: {', '.join(broken)}; then\n" if broken else ""
        return failed(
            f"{named} is ACTIVE but {hook.verification_status}: it receives nothing",
            remedy=f"{first}{verify}",
        )
    count = len(hook.events)
    return ok(f"{named}, ACTIVE and VERIFIED, {count} event type{'' if count == 1 else 's'}")


@dataclass(frozen=True, slots=True)
class UrlsHere:
    """The URLs that lead to this machine: of tunnels and receivers, the one that is set, past.

    ``reachable`` are those of receivers that the org can call: where it is on this machine too.
    """

    tunnels: tuple[str, ...] = ()
    named: Setting[str] | None = None
    receivers: tuple[str, ...] = ()
    reachable: tuple[str, ...] = ()
    past: frozenset[str] = frozenset()


def making_a_hook(here: UrlsHere, place: Place | None, commands: Commands) -> str:
    """Return the commands that make a hook which leads here.

    ``place`` is where a receiver would listen that the org can call; None where it can call none.
    """
    if here.tunnels or (here.named is not None and not here.named.from_flag):
        return commands.with_secret("register")
    if here.named is not None:
        return commands.with_secret("register", "--url", here.named.value)
    if here.reachable:
        return commands.with_secret("register", "--url", here.reachable[0])
    if place is None:
        return commands.for_org("up")
    register = commands.with_secret("register", "--url", place.url)
    return f"{commands.serve(place)}\nand in another terminal:\n{register}"


async def check_url(hook: EventHook | None, here: UrlsHere, commands: Commands) -> Finding:
    """Hold the hook's URL against those that lead here."""
    if hook is None:
        return skipped(NO_HOOK)
    if hook.url in here.tunnels:
        return ok(f"{hook.url} is the running tunnel's")
    if here.named is not None and hook.url == here.named.value:
        return ok(f"{hook.url} is the one from {here.named.origin}")
    if hook.url in here.receivers:
        return ok(f"{hook.url} is the receiver's own")
    named = () if here.named is None else (here.named.value,)
    leading_here = here.tunnels or named or here.reachable
    if not leading_here:
        return _leads_nowhere(hook, here, commands)
    return failed(
        f"the hook's URL is {hook.url}",
        f"what leads here is {leading_here[0]}",
        remedy=_edit(hook, leading_here[0], commands),
    )


def _leads_nowhere(hook: EventHook, here: UrlsHere, commands: Commands) -> Finding:
    place = place_of(hook.url)
    if place is not None:
        return failed(f"{hook.url} leads to nothing that runs here", remedy=commands.serve(place))
    if hook.url in here.past:
        return failed(
            f"{hook.url} leads to a tunnel that is gone",
            remedy=f"okhook tunnel\nor all of it at once:\n{commands.for_org('up')}",
        )
    return failed(
        f"{hook.url} leads to nothing that is known here",
        remedy=f"{commands.for_org('up')}\nor, if that URL is yours and leads here:"
        f"\n{commands.for_org('doctor', '--url', hook.url)}",
    )


def _edit(hook: EventHook, url: str, commands: Commands) -> str:
    words = ("hooks", "edit", hook.id, "--url", url)
    return commands.for_org(*words) if hook.auth_field is None else commands.with_secret(*words)
