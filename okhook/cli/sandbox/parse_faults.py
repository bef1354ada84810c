"""The faults that the sandbox is to inject, from the settings."""

from okhook.config.settings import Settings
from okhook.errors import ConfigurationError, InvalidInput
from okhook.sandbox.injected_faults import Faults, read_fault


def injected_faults(settings: Settings) -> Faults:
    """Return the faults that are set.

    Raises:
        InvalidInput, ConfigurationError: one cannot be meant.

    """
    setting = settings.texts("sandbox_fault")
    if setting is None:
        return ()
    try:
        return tuple(read_fault(text) for text in setting.value)
    except ValueError as fault:
        error = InvalidInput if setting.from_flag else ConfigurationError
        raise error(f"{setting.origin}: {fault}") from None
