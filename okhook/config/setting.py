"""The value of a setting with the place that it was read from, and how its flag looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from okhook.errors import ConfigurationError, InvalidInput, OkhookError
from okhook.text import plain

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

    @property
    def is_default(self) -> bool:
        """Whether no layer sets the value."""
        return self.origin == DEFAULT

    def fault(
        self, what: str, *, why: str | None = None, next_step: str | None = None
    ) -> OkhookError:
        """Return the error for a value that cannot be used: a flag's, or a file's or variable's."""
        error = InvalidInput if self.from_flag else ConfigurationError
        return error(what, why=why, next_step=next_step)

    def must_be(self, expected: str) -> OkhookError:
        """Return the error for a value of the wrong form. It repeats no value that is no text."""
        value = self.value if isinstance(self.value, str) else ""
        shown = f" value '{plain(value, limit=80)}'" if value else ""
        return self.fault(f"invalid {self.origin}{shown}: expected {expected}")


@dataclass(frozen=True, slots=True)
class Layer:
    """Values by the names of settings. ``origins`` says where a person finds each of them."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]


class Layered:
    """Values in layers, of which the strongest counts."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        """Strongest first."""

    def found(self, name: str) -> Setting[Any] | None:
        """Return the raw value of a setting, or None where no layer has one."""
        for layer in self.layers:
            if name in layer.values:
                return Setting(layer.values[name], layer.origins[name])
        return None


@dataclass(frozen=True, slots=True)
class Flag:
    """How a flag looks. ``help``, ``name`` and ``shown_default`` replace what its setting gives.

    ``completion`` gives what a shell offers for a beginning of its value.
    """

    help: str = ""
    name: str | None = None
    metavar: str | None = None
    panel: str | None = None
    short: str | None = None
    shown_default: str | None = None
    completion: Callable[[str], Sequence[Any]] | None = None
    minimum: int | None = None
    maximum: int | None = None
