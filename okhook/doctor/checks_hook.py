"""Checks of the hook: whether the org delivers to it, and whether its URL leads here."""

from okhook.doctor.check import NO_HOOK, Check, Finding, Outcome, failed, ok
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.facts import Facts
from okhook.doctor.setup import Setup
from okhook.okta.event_hooks import EventHook
from okhook.runtime.running_here import local_endpoint
from okhook.tunnel.url_history import UrlHistory


async def check_hook(facts: Facts) -> Finding:
    """Check that the hook is active and verified: the org delivers to no other hook."""
    hook, commands = await facts.hook.get(), facts.setup.commands
    named = f"{hook.name} ({hook.id})"
    if not hook.is_active:
        return failed(
            f"{named} is {hook.status}: the org delivers nothing to it",
            remedy=commands.for_org("hooks", "activate", hook.id),
        )
    if not hook.is_verified:
        verify = commands.for_org("hooks", "verify", hook.id)
        broken = await _broken_beneath(facts)
        first = f"mend what is beneath first: {', '.join(broken)}; then\n" if broken else ""
        return failed(
            f"{named} is ACTIVE but {hook.verification_status}: it receives nothing",
            remedy=f"{first}{verify}",
        )
    count = len(hook.events)
    return ok(f"{named}, ACTIVE and VERIFIED, {count} event type{'' if count == 1 else 's'}")


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
        return ok(f"{hook.url} is the running tunnel's")
    if named is not None and hook.url == named.value:
        return ok(f"{hook.url} is the one from {named.origin}")
    if hook.url in running.receiver_urls:
        return ok(f"{hook.url} is the receiver's own")
    leading_here = (*running.webhook_urls, *([named.value] if named else setup.reachable_urls))
    if not leading_here:
        return _leads_nowhere(hook, setup)
    edit = ("hooks", "edit", hook.id, "--url", leading_here[0])
    return failed(
        f"the hook's URL is {hook.url}",
        f"what leads here is {leading_here[0]}",
        remedy=commands.for_org(*edit) if hook.auth_field is None else commands.with_secret(*edit),
    )


def _leads_nowhere(hook: EventHook, setup: Setup) -> Finding:
    commands, endpoint = setup.commands, local_endpoint(hook.url)
    if endpoint is not None:
        return failed(
            f"{hook.url} leads to nothing that runs here", remedy=commands.serve(endpoint)
        )
    if any(hook.url == past.url for past in UrlHistory(setup.run_directory).all()):
        return failed(
            f"{hook.url} leads to a tunnel that is gone",
            remedy=f"okhook tunnel\nor all of it at once:\n{commands.for_org('up')}",
        )
    return failed(
        f"{hook.url} leads to nothing that is known here",
        remedy=f"{commands.for_org('up')}\nor, if that URL is yours and leads here:"
        f"\n{commands.for_org('doctor', '--url', hook.url)}",
    )


CHECKS = (
    Check("hook", check_hook, needs="credential"),
    Check("url", check_url, needs="credential"),
)
