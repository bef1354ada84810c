"""What a tunnel is asked to be."""

from dataclasses import dataclass

from okhook.config.settings import Settings


@dataclass(frozen=True, slots=True)
class TunnelConfig:
    """Where the tunnel leads, and through which Hookdeck source.

    ``hookdeck`` is the CLI's path or name where one was named, and ``hookdeck_origin`` the place
    that named it. ``timeout_s`` bounds the wait for a webhook URL. ``extra`` are the user's own
    arguments for ``hookdeck listen``; a key does not belong there.
    """

    port: int = Settings.port.default
    path: str = Settings.path.default
    source: str = Settings.source.default
    timeout_s: float = Settings.timeout.default
    hookdeck: str | None = None
    hookdeck_origin: str = "--hookdeck"
    extra: tuple[str, ...] = ()
