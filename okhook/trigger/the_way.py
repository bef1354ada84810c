"""The way from a hook's URL to this machine, as far as it can be seen from here. Pure."""

from collections.abc import Callable, Iterable, Sequence

from okhook.okta.hook_url import is_hookdeck_url
from okhook.trigger.activities import Finding
from okhook.trigger.around import is_same_url
from okhook.trigger.outlook import NotTold
from okhook.trigger.situation import Situation

Command = Callable[..., str]
"""Makes a command of ours to paste out of its words, for the same org."""

_SHOWN = 3
_DASHBOARD = "https://dashboard.hookdeck.com/events"


def tunnel_finding(situation: Situation, wanted_types: Sequence[str], command: Command) -> Finding:
    """Tell whether what a hook calls leads here: a tunnel of ours, or the receiver itself."""
    question, asked = "tunnel", "does a hook's URL lead here?"
    around = situation.around
    if situation.ours:
        hook = situation.of_interest[0]
        if any(is_same_url(hook.url, url) for url in around.receivers):
            return Finding(question, asked, "yes", f"{hook.id} calls the receiver itself")
        return Finding(question, asked, "yes", f"{hook.id} calls the tunnel that runs here")
    if isinstance(situation.outlook.hooks, NotTold):
        return Finding(question, asked, "unknown", situation.outlook.hooks.why)
    if not situation.hooks:
        return Finding(question, asked, "no", "the org has no event hooks")
    named = "; ".join(f"{hook.id} calls {hook.url}" for hook in situation.of_interest[:_SHOWN])
    if around.tunnels:
        evidence = f"the tunnel here is {around.tunnels[0].webhook_url}, and {named}"
        mend = command("register", *each_with("--event", wanted_types))
        return Finding(question, asked, "no", evidence, mend)
    evidence = f"{named}, and no tunnel of ours runs here"
    if is_hookdeck_url(situation.of_interest[0].url):
        return Finding(question, asked, "no", evidence, "okhook tunnel")
    return Finding(question, asked, "unknown", evidence)


def each_with(flag: str, values: Iterable[str]) -> list[str]:
    """Return the words of a command that give a flag once for each value."""
    return [word for value in values for word in (flag, value)]


def hookdeck_finding(situation: Situation) -> list[Finding]:
    """Say where Hookdeck's own record can be seen, where the event goes through it.

    Hookdeck answers Okta before it sends anything on, so what it did is known to it alone.
    """
    urls = [hook.url for hook in situation.subscribed]
    tunnels = [
        tunnel
        for tunnel in situation.around.tunnels
        if any(is_same_url(url, tunnel.webhook_url) for url in urls)
    ]
    if not tunnels and not any(is_hookdeck_url(url) for url in urls):
        return []
    dashboards = [tunnel.dashboard_url for tunnel in tunnels if tunnel.dashboard_url]
    return [
        Finding(
            "hookdeck",
            "did Hookdeck take it?",
            "unknown",
            "Hookdeck alone knows, and shows it in its dashboard",
            dashboards[0] if dashboards else _DASHBOARD,
        )
    ]
