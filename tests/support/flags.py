"""The flags of a command as a layer of settings, without the command."""

from collections.abc import Mapping
from typing import Any

from okhook.config.setting import Layer
from okhook.config.settings import declared_settings


def flag_layer(flags: Mapping[str, Any]) -> Layer:
    """Return the layer of flags. None means that a flag was not given."""
    declared = declared_settings()
    given = {name: value for name, value in flags.items() if value is not None}
    return Layer(given, {name: declared[name].flag_name for name in given})
