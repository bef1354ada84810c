"""The receiver that is checked, and what a case can count on there."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from okhook.check.case import Case, Need
from okhook.check.observing import Observe
from okhook.check.sending import Restarting
from okhook.check.traffic import Traffic
from okhook.wire.hook_call import Client
from okhook.wire.org import is_loopback


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
    observe_wait_s: float = 5.0
    restart: Restarting | None = None
    engine: str | None = None
    proxied: bool = False

    def lacks(self, case: Case) -> str | None:
        """Return why the case cannot run here; None if it can."""
        return next((reason for need, reason in self.lacking().items() if need in case.needs), None)

    def lacking(self) -> dict[Need, str]:
        """Return what no case can count on here, and why. ``Need.OBSERVE`` is never among it.

        A case that needs to observe runs without it, but does not pass.
        """
        auth = self.traffic.auth
        on_network = self.client is None
        is_remote = not is_loopback(urlsplit(self.url).hostname or "")
        socket = "needs a socket, and a proxy is in between" if self.proxied else "needs a socket"
        needs = (
            (Need.SOCKET, on_network and not self.proxied, socket),
            (Need.REMOTE, on_network and is_remote, "a receiver on this machine needs no HTTPS"),
            (Need.TLS, on_network and self.url.startswith("https:"), "the URL does not use HTTPS"),
            (Need.SECRET, auth, "needs the secret: set OKHOOK_AUTH_SECRET"),
            (
                Need.BASIC,
                auth and auth.secret.reveal().startswith("Basic "),
                "the secret is not one of HTTP Basic",
            ),
            (
                Need.CUSTOM_HEADER,
                auth and auth.field.lower() != "authorization",
                "the secret is in the Authorization header",
            ),
            (Need.RESTART, self.restart, "needs --restart, a command that restarts the app"),
            (Need.CLASSIC, self.engine != "identity", "the org runs Identity Engine"),
            (Need.IDENTITY, self.engine != "classic", "the org runs Classic Engine"),
        )
        return {need: reason for need, is_met, reason in needs if not is_met}
