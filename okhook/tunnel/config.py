"""The configuration of a tunnel."""

from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.config.settings import Settings


@dataclass(frozen=True, slots=True)
class TunnelConfig:
    """Where the tunnel forwards to, and which Hookdeck source it uses.

    ``hookdeck`` is the path or name of the CLI. ``timeout_s`` limits the wait for a webhook URL.
    ``extra`` are the user's arguments for ``hookdeck listen``.
    """

    port: int = Settings.port.default
    path: str = Settings.path.default
    source: str = Settings.source.default
    timeout_s: float = Settings.timeout.default
    hookdeck: Setting[str] | None = None
    extra: tuple[str, ...] = ()
