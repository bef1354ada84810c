"""The faults that the sandbox is to inject, from the settings."""

from okhook.config.settings import Settings
from okhook.sandbox.faults import Fault, read_fault


def injected_faults(settings: Settings) -> tuple[Fault, ...]:
    """Return the faults that are set.

    Raises:
        InvalidInput, ConfigurationError: one cannot be meant.

    """
    setting = settings.sandbox_fault
    try:
        return tuple(read_fault(text) for text in setting.value)
    except ValueError as fault:
        raise setting.fault(f"{setting.origin}: {fault}") from None
