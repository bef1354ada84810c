"""What happens to a tunnel that a person or a script may want to see."""

from dataclasses import dataclass

from okhook.activity import Activity
from okhook.runtime.child import StreamName


@dataclass(frozen=True, slots=True)
class TunnelReady(Activity):
    """Hookdeck listens. ``dashboard_url`` is the sign-up page where the account is a guest's.

    It comes again after each restart; ``webhook_url`` may differ then.
    """

    type = "ready"
    webhook_url: str
    dashboard_url: str | None
    source: str
    forwards_to: str
    hookdeck_version: str
    guest: bool


@dataclass(frozen=True, slots=True)
class TunnelAttempt(Activity):
    """Hookdeck posted to the local application. Without ``status`` it failed: ``error`` says why.

    ``at`` is the local time as Hookdeck wrote it.
    """

    type = "attempt"
    json_fields = "status method url event_url duration_ms error"
    at: str
    status: int | None
    method: str
    url: str
    event_url: str | None = None
    duration_ms: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TunnelReconnecting(Activity):
    """Hookdeck lost its connection and makes a new one by itself."""

    type = "reconnecting"


@dataclass(frozen=True, slots=True)
class TunnelRestarting(Activity):
    """The child ended or was ended, and is started again after ``delay_s`` seconds."""

    type = "restarting"
    delay_s: float
    reason: str
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class TunnelOutput(Activity):
    """A line of the child that means nothing to us, without its escape sequences."""

    type = "output"
    stream: StreamName
    text: str


@dataclass(frozen=True, slots=True)
class TunnelStopped(Activity):
    """The tunnel ended. ``exit_code`` is Hookdeck's, negative for a signal; None if it had none."""

    type = "stopped"
    exit_code: int | None
