"""What a tunnel needs to know."""

from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.config.settings import Settings


@dataclass(frozen=True, slots=True)
class TunnelConfig:
    """The configuration of a tunnel. ``extra`` are arguments for ``hookdeck listen``."""

    port: int = Settings.port.default
    path: str = Settings.path.default
    source: str = Settings.source.default
    timeout_s: float = Settings.timeout.default
    hookdeck: Setting[str] | None = None
    extra: tuple[str, ...] = ()
