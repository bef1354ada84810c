"""The activities of a tunnel."""

from okhook.activity import Activity
from okhook.runtime.child import StreamName


class TunnelReady(Activity):
    """Hookdeck listens, at first or again. A guest's ``dashboard_url`` is the sign-up page."""

    type = "ready"
    webhook_url: str
    dashboard_url: str | None
    source: str
    forwards_to: str
    hookdeck_version: str
    guest: bool


class TunnelAttempt(Activity):
    """Hookdeck posted to the local app. ``status`` or ``error`` is set; ``at`` is a local time."""

    type = "attempt"
    json_fields = "status method url event_url duration_ms error"
    at: str
    status: int | None
    method: str
    url: str
    event_url: str | None = None
    duration_ms: int | None = None
    error: str | None = None


class TunnelReconnecting(Activity):
    """Hookdeck lost its connection and reconnects by itself."""

    type = "reconnecting"


class TunnelReconnected(Activity):
    """Hookdeck is connected again."""

    type = "reconnected"


class TunnelStalled(Activity):
    """Hookdeck's process does not run, although it has not ended. It restarts after a while."""

    type = "stalled"
    reason: str


class TunnelResumed(Activity):
    """The process runs again."""

    type = "resumed"


class TunnelRestarting(Activity):
    """Hookdeck ended, or okhook stopped it. It restarts after ``delay_s``."""

    type = "restarting"
    delay_s: float
    reason: str
    exit_code: int | None


class TunnelOutput(Activity):
    """A line from Hookdeck that okhook does not interpret, without escape sequences."""

    type = "output"
    stream: StreamName
    text: str


class TunnelStopped(Activity):
    """The tunnel ended. ``exit_code`` is Hookdeck's: negative for a signal, None if unknown."""

    type = "stopped"
    exit_code: int | None
