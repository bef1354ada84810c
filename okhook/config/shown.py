"""The settings as a person sees them, without secrets."""

from dataclasses import dataclass

from okhook.config.settings import Settings, declared_settings


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting to show. ``value`` is None for a secret."""

    name: str
    value: str | None
    origin: str


def shown_settings(settings: Settings) -> list[ShownSetting]:
    """Return every setting that a layer sets."""
    found = [(declared, settings.found(name)) for name, declared in declared_settings().items()]
    return [
        ShownSetting(
            declared.name,
            None if declared.is_secret else declared.redact(_as_text(setting.value)),
            setting.origin,
        )
        for declared, setting in found
        if setting is not None
    ]


def _as_text(value: object) -> str:
    """Return a value as in a settings file, without quotes and brackets."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
