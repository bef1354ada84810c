"""What a setting is: its declaration, and a value with the place that it was read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar, overload

from okhook.errors import ConfigurationError, InvalidInput, OkhookError
from okhook.secret import Secret

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

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
        """Return the error for a value of the wrong form. It does not repeat the value."""
        return self.fault(f"{self.origin} must be {expected}")


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
    """How a setting looks as a flag. ``shown_default`` replaces the setting's own default."""

    help: str
    metavar: str | None = None
    panel: str | None = None
    short: str | None = None
    shown_default: str | None = None


class Declaration:
    """A setting. ``port`` is ``--port``, ``OKHOOK_PORT`` and ``port = 1337`` in a settings file.

    ``meaning`` stands in the README. A setting without a ``flag`` has only a variable and a line
    in a file.
    """

    option_type: Any = str
    """The type that Typer reads the flag as."""

    is_secret = False
    """Whether the value must never be shown."""

    def __init__(self, meaning: str, flag: Flag | None = None) -> None:
        self.meaning = meaning
        self.flag = flag
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"OKHOOK_{self.name.upper()}"

    @property
    def flag_name(self) -> str:
        """The flag that sets it."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def shown_default(self) -> str | None:
        """The default as ``--help`` shows it; None for nothing to show."""
        return None


class _WithDefault(Declaration, Generic[T]):
    """A setting that always has a value. Reading it from ``Settings`` gives a ``Setting[T]``."""

    default: T

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Layered, owner: type) -> Setting[T]: ...
    def __get__(self, settings: Layered | None, owner: type) -> Self | Setting[T]:
        if settings is None:
            return self
        found = settings.found(self.name)
        if found is None:
            return Setting(self.default, DEFAULT)
        return Setting(self.read(found), found.origin)

    def read(self, found: Setting[Any]) -> T:
        """Return the value, checked."""
        raise NotImplementedError


class _Optional(Declaration, Generic[T]):
    """A setting without a default. Reading it gives None where no layer sets it."""

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Layered, owner: type) -> Setting[T] | None: ...
    def __get__(self, settings: Layered | None, owner: type) -> Self | Setting[T] | None:
        if settings is None:
            return self
        found = settings.found(self.name)
        return None if found is None else Setting(self.read(found), found.origin)

    def read(self, found: Setting[Any]) -> T:
        """Return the value, checked."""
        raise NotImplementedError


class Text(_WithDefault[str]):
    """A string with a default."""

    def __init__(self, meaning: str, flag: Flag | None = None, *, default: str) -> None:
        super().__init__(meaning, flag)
        self.default = default

    @property
    def shown_default(self) -> str:
        """The default itself."""
        return self.default

    def read(self, found: Setting[Any]) -> str:
        """Return the string."""
        return _text(found)


class UrlPath(Text):
    """The path of a URL, with a default."""

    def read(self, found: Setting[Any]) -> str:
        """Return the path."""
        path = _text(found)
        if not path.startswith("/") or any(c in path for c in "?# \t\r\n"):
            what = f"{found.origin} must be the path of a URL"
            raise found.fault(what, next_step="write it like /okta-webhooks")
        return path


class OptionalText(_Optional[str]):
    """A string that may be missing."""

    def read(self, found: Setting[Any]) -> str:
        """Return the string."""
        return _text(found)


class OptionalSecret(_Optional[Secret]):
    """A string that is never shown."""

    is_secret = True

    def read(self, found: Setting[Any]) -> Secret:
        """Return the secret; an empty one is an error."""
        if not _text(found):
            raise found.must_be("a secret that is not empty")
        return Secret(found.value)


class Texts(_WithDefault[tuple[str, ...]]):
    """Several strings: a repeated flag, a comma-separated variable, a list in a file."""

    option_type = list[str]

    def __init__(
        self, meaning: str, flag: Flag | None = None, *, default: tuple[str, ...] = ()
    ) -> None:
        super().__init__(meaning, flag)
        self.default = default

    @property
    def shown_default(self) -> str | None:
        """The strings of the default."""
        return ", ".join(self.default) or None

    def read(self, found: Setting[Any]) -> tuple[str, ...]:
        """Return the strings."""
        value = found.value
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise found.must_be("a list of texts")
        return tuple(value)


class Integer(_WithDefault[int]):
    """A whole number between two bounds."""

    option_type = int

    def __init__(
        self,
        meaning: str,
        flag: Flag | None = None,
        *,
        default: int,
        minimum: int = 0,
        maximum: int = 2**31,
    ) -> None:
        super().__init__(meaning, flag)
        self.default, self._minimum, self._maximum = default, minimum, maximum

    @property
    def shown_default(self) -> str:
        """The number."""
        return str(self.default)

    def read(self, found: Setting[Any]) -> int:
        """Return the number."""
        expected = f"a whole number from {self._minimum} to {self._maximum}"
        if isinstance(found.value, bool) or not isinstance(found.value, int | str):
            raise found.must_be(expected)
        try:
            value = int(found.value)
        except ValueError:
            raise found.must_be(expected) from None
        if not self._minimum <= value <= self._maximum:
            raise found.must_be(expected)
        return value


class Seconds(_WithDefault[float]):
    """A duration that is not negative: ``1.5``, ``90s``, ``2m``."""

    def __init__(self, meaning: str, flag: Flag | None = None, *, default: float) -> None:
        super().__init__(meaning, flag)
        self.default = default

    @property
    def shown_default(self) -> str:
        """The seconds, with their unit."""
        return f"{self.default:g}s"

    def read(self, found: Setting[Any]) -> float:
        """Return the duration in seconds."""
        try:
            value = _seconds(found.value)
        except (ValueError, OverflowError):
            raise found.must_be("a time like 30s or 2m, or a number of seconds") from None
        if not 0 <= value < float("inf"):
            raise found.must_be("a time that is neither negative nor endless")
        return value


class Switch(_WithDefault[bool]):
    """Yes or no; no is the default."""

    option_type = bool
    default = False

    def read(self, found: Setting[Any]) -> bool:
        """Return whether it is switched on."""
        if isinstance(found.value, bool):
            return found.value
        spelled = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        value = spelled.get(str(found.value).lower())
        if value is None:
            raise found.must_be("true or false")
        return value


class OneOf(_WithDefault[E]):
    """One of a few words."""

    def __init__(self, meaning: str, flag: Flag | None = None, *, default: E) -> None:
        super().__init__(meaning, flag)
        self.default = default
        self.option_type = type(default)

    @property
    def shown_default(self) -> str:
        """The word."""
        return self.default.value

    def read(self, found: Setting[Any]) -> E:
        """Return the word."""
        words: type[E] = type(self.default)
        if _text(found) not in tuple(words):
            raise found.must_be(" or ".join(words))
        return words(found.value)


def _text(found: Setting[Any]) -> str:
    if not isinstance(found.value, str):
        raise found.must_be("text in quotes")
    return found.value


def _seconds(value: object) -> float:
    """Return a duration as a file, a variable or a flag spells it.

    Raises:
        ValueError, OverflowError: it is not a duration.

    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    try:
        return float(value)
    except ValueError:
        from okhook.quantities import parse_age

        return parse_age(str(value)).total_seconds()
