"""The value of a setting with its origin, and the look of its flag."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from okhook.config.in_project import InProject
from okhook.errors import ConfigurationError, InvalidInput, OkhookError
from okhook.text import plain

T = TypeVar("T")

DEFAULT = "default"
PROJECT_FILE = "./okhook.toml"
"""The settings file of a project. A cloned repository has one, so it may be a stranger's."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and its origin, such as ``--port``, ``OKHOOK_PORT`` or ``port in ./okhook.toml``."""

    value: T
    origin: str

    @property
    def from_flag(self) -> bool:
        """Whether a flag sets the value."""
        return self.origin.startswith("--")

    @property
    def from_file(self) -> bool:
        """Whether a settings file sets the value."""
        return " in " in self.origin

    @property
    def is_projects(self) -> bool:
        """Whether the project's file sets the value."""
        return is_projects(self.origin)

    @property
    def is_default(self) -> bool:
        """Whether no layer sets the value."""
        return self.origin == DEFAULT

    def fault(
        self, what: str, *, why: str | None = None, next_step: str | None = None
    ) -> OkhookError:
        """Return the error for an invalid value: of a flag, or of a variable or file."""
        error = InvalidInput if self.from_flag else ConfigurationError
        return error(what, why=why, next_step=next_step)

    def must_be(self, expected: str) -> OkhookError:
        """Return the error for a malformed value. It shows what a flag, a variable or TOML has."""
        return self.fault(f"invalid {self.origin}{self._shown()}: expected {expected}")

    def hidden(self) -> "Setting[None]":
        """Return the setting without its value, for an error about a secret."""
        return Setting(None, self.origin)

    def _shown(self) -> str:
        if isinstance(self.value, str):
            return f" value '{plain(self.value, limit=80)}'" if self.value else ""
        if isinstance(self.value, bool | int | float | list | dict):
            return f" value {plain(json.dumps(self.value, default=str), limit=80)}"
        return ""


def is_projects(origin: str) -> bool:
    """Return whether an origin is the project's file."""
    return origin.endswith(f" in {PROJECT_FILE}")


@dataclass(frozen=True, slots=True)
class Layer:
    """The values that one source sets, and their origins, both by the name of the setting."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def _refuse(setting: Setting[str], _: InProject) -> None:
    raise setting.fault(
        f"{setting.origin} is not used", why="okhook could not ask for confirmation"
    )


class Layered:
    """Values in layers. The strongest layer wins."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        """Take the layers, strongest first.

        ``agree`` is called with a value of the project's file that needs a person's consent, and
        why it does; it raises an error without it.
        """
        self.layers = layers
        self.agree: Callable[[Setting[str], InProject], None] = _refuse

    def found(self, name: str) -> Setting[Any] | None:
        """Return the raw value of a setting, or None if no layer sets it."""
        for layer in self.layers:
            if name in layer.values:
                return Setting(layer.values[name], layer.origins[name])
        return None


@dataclass(frozen=True, slots=True)
class Flag:
    """The look of a flag. ``help``, ``name`` and ``shown_default`` replace those of its setting."""

    help: str = ""
    name: str | None = None
    metavar: str | None = None
    short: str | None = None
    shown_default: str | None = None
    completion: Callable[..., Sequence[Any]] | None = None
    may_be_empty: bool = False
    minimum: int | None = None
    takes_names: bool = False
    """Whether a value may be several names with commas."""
    maximum: int | None = None
