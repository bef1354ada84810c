"""The receiver that is checked, and what a case can count on there."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from okhook.check.case import Case, Need
from okhook.check.observing import Observe
from okhook.check.sending import Restarting
from okhook.check.traffic import Traffic
from okhook.wire.hook_call import Client
from okhook.wire.org import is_loopback

OBSERVE_WAIT_S = 5.0

_LACKING = {
    Need.SOCKET: "needs a socket",
    Need.REMOTE: "a receiver on this machine needs no HTTPS",
    Need.TLS: "the URL does not use HTTPS",
    Need.SECRET: "needs the secret: set OKHOOK_AUTH_SECRET",
    Need.BASIC: "the secret is not one of HTTP Basic",
    Need.CUSTOM_HEADER: "the secret is in the Authorization header",
    Need.RESTART: "needs --restart, a command that restarts the app",
    Need.CLASSIC: "the org runs Identity Engine",
    Need.IDENTITY: "the org runs Classic Engine",
}
_PROXIED = "needs a socket, and a proxy is in between"


@dataclass(frozen=True, slots=True)
class Target:
    """The receiver that is checked.

    ``client`` sends instead of the network. ``observe`` counts what the app did with an event,
    for up to ``observe_wait_s``. ``engine`` is ``classic`` or ``identity``, None for both.
    ``proxied`` says that a proxy is in between, so that no socket leads to the receiver.
    """

    url: str
    traffic: Traffic = field(default_factory=Traffic)
    client: Client | None = None
    observe: Observe | None = None
    observe_wait_s: float = OBSERVE_WAIT_S
    restart: Restarting | None = None
    engine: str | None = None
    proxied: bool = False

    def lacks(self, case: Case) -> str | None:
        """Return why the case cannot run here; None if it can."""
        missing = [need for need in Need if need in case.needs and not self.has(need)]
        if not missing:
            return None
        return _PROXIED if missing[0] is Need.SOCKET and self.proxied else _LACKING[missing[0]]

    def has(self, need: Need) -> bool:
        """Return whether a case that needs it can run here."""
        auth = self.traffic.auth
        match need:
            case Need.SOCKET:
                return self.client is None and not self.proxied
            case Need.REMOTE:
                return self.client is None and not is_loopback(urlsplit(self.url).hostname or "")
            case Need.TLS:
                return self.client is None and self.url.startswith("https:")
            case Need.SECRET:
                return auth is not None
            case Need.BASIC:
                return auth is not None and auth.secret.reveal().startswith("Basic ")
            case Need.CUSTOM_HEADER:
                return auth is not None and auth.field.lower() != "authorization"
            case Need.OBSERVE:  # such a case runs without it, but does not pass
                return True
            case Need.RESTART:
                return self.restart is not None
            case Need.CLASSIC | Need.IDENTITY:
                return self.engine in (None, need.value)
