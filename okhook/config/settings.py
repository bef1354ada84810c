"""Settings: flag > ``OKHOOK_*`` > ``./okhook.toml`` > user file > default; each with its origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, final

from okhook.config.keys import KEYS, key_named
from okhook.config.layers import Layer, all_layers
from okhook.config.paths import user_file
from okhook.errors import ConfigurationError, InvalidInput
from okhook.quantities import parse_age
from okhook.secret import Secret

T = TypeVar("T")

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value, and the place that it was read from: ``--port``, ``OKHOOK_PORT``, a file."""

    value: T
    origin: str

    @property
    def from_flag(self) -> bool:
        """Whether the value stands in argv."""
        return self.origin.startswith("--")


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting as a person may see it. ``value`` is None for one that is a secret."""

    name: str
    value: str | None
    origin: str


@final
class Settings:
    """Reads settings by name, checks their type, and keeps where they came from.

    Every reader raises ``InvalidInput`` for a flag and ``ConfigurationError`` for a variable or a
    file whose value is of the wrong type or out of range.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers, strongest first: for settings that exclude each other."""
        return self._layers

    def shown(self) -> list[ShownSetting]:
        """Return every setting that is set somewhere, to be shown."""
        found = [(key, self._found(key.name)) for key in KEYS]
        return [
            ShownSetting(key.name, None if key.secret else _as_text(setting.value), setting.origin)
            for key, setting in found
            if setting is not None
        ]

    def text(self, name: str) -> Setting[str] | None:
        """Return a string, or None where it is set nowhere."""
        found = self._found(name)
        if found is None:
            return None
        if not isinstance(found.value, str):
            raise _wrong(found, "text in quotes")
        return Setting(found.value, found.origin)

    def text_or(self, name: str, default: str) -> Setting[str]:
        """Return a string, or the default."""
        return self.text(name) or Setting(default, DEFAULT)

    def texts(self, name: str) -> Setting[tuple[str, ...]] | None:
        """Return several strings: a repeated flag, a comma-separated variable, a list in a file."""
        found = self._found(name)
        if found is None:
            return None
        value = found.value
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise _wrong(found, "a list of texts")
        return Setting(tuple(value), found.origin)

    def integer_or(
        self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**31
    ) -> Setting[int]:
        """Return a whole number between ``minimum`` and ``maximum``, or the default."""
        found = self._found(name)
        if found is None:
            return Setting(default, DEFAULT)
        expected = f"a whole number from {minimum} to {maximum}"
        if isinstance(found.value, bool) or not isinstance(found.value, int | str):
            raise _wrong(found, expected)
        try:
            value = int(found.value)
        except ValueError:
            raise _wrong(found, expected) from None
        if not minimum <= value <= maximum:
            raise _wrong(found, expected)
        return Setting(value, found.origin)

    def seconds_or(self, name: str, default: float) -> Setting[float]:
        """Return a duration in seconds, not negative, or the default: ``1.5``, ``90s``, ``2m``."""
        found = self._found(name)
        if found is None:
            return Setting(default, DEFAULT)
        try:
            value = _seconds(found.value)
        except (ValueError, OverflowError):
            raise _wrong(found, "a time like 30s or 2m, or a number of seconds") from None
        if not 0 <= value < float("inf"):
            raise _wrong(found, "a time that is neither negative nor endless")
        return Setting(value, found.origin)

    def switch(self, name: str) -> Setting[bool]:
        """Return a yes or no, no by default."""
        found = self._found(name)
        if found is None:
            return Setting(False, DEFAULT)
        if isinstance(found.value, bool):
            return Setting(found.value, found.origin)
        spelled = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        value = spelled.get(str(found.value).lower())
        if value is None:
            raise _wrong(found, "true or false")
        return Setting(value, found.origin)

    def secret(self, name: str) -> Setting[Secret] | None:
        """Return a secret, or None where it is set nowhere. An empty one is an error."""
        found = self.text(name)
        if found is None:
            return None
        if not found.value:
            raise _wrong(Setting("", found.origin), "a secret that is not empty")
        return Setting(Secret(found.value), found.origin)

    def _found(self, name: str) -> Setting[Any] | None:
        key_named(name)
        for layer in self._layers:
            if name in layer.values:
                return Setting(layer.values[name], layer.origins[name])
        return None


def load_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str], directory: Path
) -> Settings:
    """Read every layer. ``flags`` holds what the command line gave, None where it gave nothing."""
    return Settings(all_layers(flags, environ, directory, user_file(environ)))


def _seconds(value: object) -> float:
    """Return a duration as a file, a variable or a flag spells it.

    Raises:
        ValueError, OverflowError: it is none.

    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    try:
        return float(value)
    except ValueError:
        return parse_age(str(value)).total_seconds()


def _as_text(value: object) -> str:
    """Return a value as it is spelled in a settings file, but for quotes and brackets."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _wrong(found: Setting[Any], expected: str) -> Exception:
    """Say what was expected where; the value itself may be a secret and is not repeated."""
    error = InvalidInput if found.from_flag else ConfigurationError
    return error(f"{found.origin} must be {expected}")
