"""Choose the URL for a canary: one that is known to lead to this machine."""

from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.runtime.running_here import LocalEndpoint, RunningHere, local_endpoint


@dataclass(frozen=True, slots=True)
class WayIn:
    """A URL that leads to this machine, and why okhook thinks so.

    ``endpoint`` is where it ends on this machine, None if that is unknown.
    """

    url: str
    why: str
    endpoint: LocalEndpoint | None = None


def way_in(running: RunningHere, named: Setting[str] | None, hook_url: str | None) -> WayIn | None:
    """Return the URL for a canary; None if nothing leads here.

    In this order: the URL of a tunnel, preferably one that leads to a running receiver; the URL
    from the settings (``named``); the hook's URL if it is on this machine; the receiver's URL.
    """
    ports = {receiver.port for receiver in running.receivers}
    for tunnel in sorted(running.tunnels, key=lambda each: each.port not in ports):
        if tunnel.webhook_url is not None:
            end = LocalEndpoint(tunnel.port, tunnel.path)
            return WayIn(tunnel.webhook_url, "the tunnel's webhook URL", end)
    if named is not None:
        return WayIn(named.value, f"the URL from {named.origin}", local_endpoint(named.value))
    if hook_url is not None and (here := local_endpoint(hook_url)) is not None:
        return WayIn(hook_url, "the hook's URL, on this machine", here)
    for receiver in running.receivers:
        return WayIn(receiver.url, "the receiver's own URL", local_endpoint(receiver.url))
    return None
