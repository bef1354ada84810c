"""Checks of hooks: whether the org delivers to ours, where it leads, and which are orphans.

An orphan is an active hook that still calls a former tunnel of this machine.
"""

from dataclasses import dataclass

from okhook.doctor.check import NO_HOOK, Finding, Outcome, failed, ok, warning
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.facts import Facts
from okhook.doctor.setup import Setup
from okhook.okta.event_hooks import EventHook
from okhook.runtime.running_here import local_endpoint
from okhook.text import counted
from okhook.tunnel.past_tunnels import past_urls


async def check_hook(facts: Facts) -> Finding:
    """Check that the hook is active and verified: the org delivers to no other hook."""
    hook, commands = await facts.hook.get(), facts.setup.commands
    named = f"{hook.name} ({hook.id})"
    if not hook.is_active:
        return failed(
            f"{named} is {hook.status}: Okta sends nothing to it",
            remedy=commands.for_org("hooks", "activate", hook.id),
        )
    if not hook.is_verified:
        verify = commands.for_org("hooks", "verify", hook.id)
        broken = await _broken_beneath(facts)
        first = f"fix these first: {', '.join(broken)}; then\n" if broken else ""
        return failed(
            f"{named} is ACTIVE but {hook.verification_status}: Okta sends nothing to it",
            remedy=f"{first}{verify}",
        )
    return ok(f"{named}, ACTIVE and VERIFIED, {counted(len(hook.events), 'event type')}")


async def _broken_beneath(facts: Facts) -> list[str]:
    """Return the names of failed checks that keep the org from verifying the hook."""
    checks = (("url", check_url), ("secret", check_secret))
    return [name for name, check in checks if (await check(facts)).outcome is Outcome.FAILED]


async def check_url(facts: Facts) -> Finding:
    """Check that the hook's URL leads to this machine."""
    hook = await facts.hook.get_or_none()
    if hook is None:
        return NO_HOOK
    setup = facts.setup
    running, named, commands = setup.running, setup.url, setup.commands
    if hook.url in running.webhook_urls:
        return ok(f"{hook.shown_url} is the URL of the running tunnel")
    if named is not None and hook.url == named.value:
        return ok(f"{hook.shown_url} is the URL from {named.origin}")
    if hook.url in running.receiver_urls:
        return ok(f"{hook.shown_url} is the URL of the receiver")
    leading_here = (*running.webhook_urls, *([named.value] if named else setup.reachable_urls))
    if not leading_here:
        return _leads_nowhere(hook, setup)
    edit = ("hooks", "edit", hook.id, "--url", leading_here[0])
    return failed(
        f"the hook's URL is {hook.shown_url}",
        f"the URL that reaches this machine is {leading_here[0]}",
        remedy=commands.for_org(*edit) if hook.auth_field is None else commands.with_secret(*edit),
    )


def _leads_nowhere(hook: EventHook, setup: Setup) -> Finding:
    commands, endpoint = setup.commands, local_endpoint(hook.url)
    if endpoint is not None:
        return failed(
            f"{hook.shown_url} points to a port on which nothing runs",
            remedy=commands.serve(endpoint),
        )
    if any(hook.url == past.url for past in past_urls(setup.run_directory)):
        return failed(
            f"{hook.shown_url} points to a tunnel that no longer runs",
            remedy=f"{commands.for_org('tunnel')}\nor, to start everything at once:"
            f"\n{commands.for_org('up')}",
        )
    return failed(
        f"okhook does not know which machine {hook.shown_url} calls",
        remedy=f"{commands.for_org('up')}\nor, if that URL is yours and calls this machine:"
        f"\n{commands.for_org('doctor', '--url', hook.url)}",
    )


@dataclass(frozen=True, slots=True)
class OrphanedHook:
    """An active hook that calls a former tunnel. ``is_ours`` if this machine registered it.

    Other hooks are only reported: several people may share a source, and so its URL.
    """

    hook: EventHook
    last_up: str
    is_ours: bool


async def orphans_of(facts: Facts) -> list[OrphanedHook]:
    """Return the active hooks whose URL a past tunnel had and no running one has."""
    setup = facts.setup
    running = setup.running.webhook_urls
    past = past_urls(setup.run_directory)
    last_up = {each.url: each.last_up for each in past if each.url not in running}
    ours = {hook_id for _, hook_id in setup.registered_here.names_and_ids()}
    return [
        OrphanedHook(hook, last_up[hook.url], hook.id in ours)
        for hook in await facts.hooks.get()
        if hook.is_active and hook.url in last_up
    ]


async def check_orphans(facts: Facts) -> Finding:
    """Warn of orphans: what the org delivers to them is lost."""
    orphans, commands = await orphans_of(facts), facts.setup.commands
    if not orphans:
        return ok("no active hook points to an old tunnel of this machine")
    lines = [
        f"{hook.name} ({hook.id}) → {hook.shown_url}, a tunnel that last started {each.last_up}"
        for each in orphans
        for hook in [each.hook]
    ]
    fix = [("doctor", "--fix")] if any(each.is_ours for each in orphans) else []
    by_hand = [("hooks", "deactivate", each.hook.id) for each in orphans if not each.is_ours]
    remedies = [commands.for_org(*words) for words in (*fix, *by_hand)]
    call = counted(len(orphans), "active hook calls", "active hooks call")
    return warning(f"{call} an old tunnel of this machine", *lines, remedy="\n".join(remedies))
