"""What a tunnel is asked to be."""

from dataclasses import dataclass

DEFAULT_PORT = 1337
DEFAULT_PATH = "/okta-webhooks-endpoint"
DEFAULT_SOURCE = "okta"
DEFAULT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class TunnelConfig:
    """Where the tunnel leads, and through which Hookdeck source.

    ``hookdeck`` is the CLI's path or name where one was named, and ``hookdeck_origin`` the place
    that named it. ``timeout_s`` bounds the wait for a webhook URL. ``extra`` are the user's own
    arguments for ``hookdeck listen``; a key does not belong there.
    """

    port: int = DEFAULT_PORT
    path: str = DEFAULT_PATH
    source: str = DEFAULT_SOURCE
    timeout_s: float = DEFAULT_TIMEOUT_S
    hookdeck: str | None = None
    hookdeck_origin: str = "--hookdeck"
    extra: tuple[str, ...] = ()
