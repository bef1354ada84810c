"""The configuration of a tunnel through Hookdeck."""

from dataclasses import dataclass

from okhook.config.setting import Setting
from okhook.config.settings import Settings


@dataclass(frozen=True, slots=True)
class HookdeckConfig:
    """What a tunnel needs to know. ``extra`` are arguments for ``hookdeck listen``."""

    port: int = Settings.port.default
    path: str = Settings.path.default
    source: str = Settings.source.default
    timeout_s: float = Settings.timeout.default
    hookdeck: Setting[str] | None = None
    extra: tuple[str, ...] = ()
