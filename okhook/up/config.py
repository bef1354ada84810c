"""What ``okhook up`` is asked for."""

from dataclasses import dataclass
from datetime import datetime

from okhook.forward.running import ForwardConfig
from okhook.okta.event_hooks import WantedHook
from okhook.receiver.running import ReceiverConfig
from okhook.secret import HookAuth
from okhook.tunnel.config import TunnelConfig


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """A URL of the user's own that leads to the receiver: another tunnel, or a deployed host."""

    url: str


@dataclass(frozen=True, slots=True)
class Direct:
    """No way from outside: a sandbox org on this machine calls the receiver itself."""


Route = TunnelConfig | PublicUrl | Direct
"""How deliveries come to the receiver."""


@dataclass(frozen=True, slots=True)
class WantedRegistration:
    """The hook to register, all but its URL, which is known once the route is there."""

    name: str
    events: tuple[str, ...]
    description: str | None
    headers: tuple[tuple[str, str], ...]
    auth: HookAuth
    filters: tuple[tuple[str, str], ...]
    hook_id: str | None

    def at(self, url: str) -> WantedHook:
        """Return the hook as it is wanted at ``url``."""
        return WantedHook(
            name=self.name,
            url=url,
            events=self.events,
            description=self.description,
            headers=self.headers,
            auth=self.auth,
            filters=self.filters,
        )


@dataclass(frozen=True, slots=True)
class UpConfig:
    """All of it. ``path_timeout_s`` bounds the wait for a canary, ``wait_s`` the verification.

    ``once`` ends with the first event of the org; ``keep`` leaves the hook active at the end.
    ``catch_up_since`` is from when on the org's events are fetched that no receiver was there for.
    """

    receiver: ReceiverConfig
    forward: ForwardConfig | None
    route: Route
    registration: WantedRegistration
    once: bool
    keep: bool
    catch_up_since: datetime | None = None
    wait_s: float = 30.0
    path_timeout_s: float = 30.0
