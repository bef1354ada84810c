"""What a setting is: its declaration, and a value with the place that it was read from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from okhook.errors import ConfigurationError, InvalidInput, OkhookError

if TYPE_CHECKING:
    from okhook.secret import Secret

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

DEFAULT = "default"

_SPELLED = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


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


Read = Callable[[Setting[Any]], T]
"""Makes of a raw value a checked one."""


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
    """How a flag looks. ``name`` and ``shown_default`` replace what follows from its setting.

    ``completion`` gives what a shell offers for a beginning of its value.
    """

    help: str
    name: str | None = None
    metavar: str | None = None
    panel: str | None = None
    short: str | None = None
    shown_default: str | None = None
    completion: Callable[[str], Sequence[Any]] | None = None
    minimum: int | None = None
    maximum: int | None = None


class Declaration:
    """A setting. ``port`` is ``--port``, ``OKHOOK_PORT`` and ``port = 1337`` in a settings file.

    ``meaning`` stands in the README. A setting without a ``flag`` has only a variable and a line
    in a file. ``option_type`` is what Typer reads the flag as.
    """

    def __init__(
        self,
        meaning: str,
        flag: Flag | None,
        *,
        option_type: Any = str,  # noqa: ANN401 - a type
        shown_default: str | None = None,
        is_secret: bool = False,
    ) -> None:
        self.name = ""
        self.meaning = meaning
        self.flag = flag
        self.option_type = option_type
        self.shown_default = shown_default
        self.is_secret = is_secret

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


class Declared(Declaration, Generic[T]):
    """A setting with a default. ``settings.port`` is a ``Setting[int]``, checked by ``read``."""

    def __init__(
        self,
        meaning: str,
        flag: Flag | None,
        read: Read[T],
        default: T,
        **looks: Any,  # noqa: ANN401 - of Declaration
    ) -> None:
        super().__init__(meaning, flag, **looks)
        self.default = default
        self._read = read

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
        return Setting(self._read(found), found.origin)


class DeclaredOptional(Declaration, Generic[T]):
    """A setting without a default. ``settings.url`` is None where no layer sets it."""

    def __init__(
        self,
        meaning: str,
        flag: Flag | None,
        read: Read[T],
        **looks: Any,  # noqa: ANN401 - of Declaration
    ) -> None:
        super().__init__(meaning, flag, **looks)
        self._read = read

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Layered, owner: type) -> Setting[T] | None: ...
    def __get__(self, settings: Layered | None, owner: type) -> Self | Setting[T] | None:
        if settings is None:
            return self
        found = settings.found(self.name)
        return None if found is None else Setting(self._read(found), found.origin)


def text(meaning: str, flag: Flag | None = None, *, default: str) -> Declared[str]:
    """Declare a string with a default."""
    return Declared(meaning, flag, _text, default, shown_default=default)


def optional_text(meaning: str, flag: Flag | None = None) -> DeclaredOptional[str]:
    """Declare a string that may be missing."""
    return DeclaredOptional(meaning, flag, _text)


def optional_secret(meaning: str, flag: Flag | None = None) -> "DeclaredOptional[Secret]":
    """Declare a string that is never shown. An empty one is an error."""

    def read(found: Setting[Any]) -> "Secret":
        from okhook.secret import Secret

        if not _text(found):
            raise found.must_be("a secret that is not empty")
        return Secret(found.value)

    return DeclaredOptional(meaning, flag, read, is_secret=True)


def url_path(meaning: str, flag: Flag | None = None, *, default: str) -> Declared[str]:
    """Declare the path of a URL."""

    def read(found: Setting[Any]) -> str:
        path = _text(found)
        if not path.startswith("/") or any(c in path for c in "?# \t\r\n"):
            what = f"{found.origin} must be the path of a URL"
            raise found.fault(what, next_step="write it like /okta-webhooks")
        return path

    return Declared(meaning, flag, read, default, shown_default=default)


def texts(
    meaning: str, flag: Flag | None = None, *, default: tuple[str, ...] = ()
) -> Declared[tuple[str, ...]]:
    """Declare several strings: a repeated flag, a comma-separated variable, a list in a file."""

    def read(found: Setting[Any]) -> tuple[str, ...]:
        value = found.value
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise found.must_be("a list of texts")
        return tuple(value)

    shown = ", ".join(default) or None
    return Declared(meaning, flag, read, default, shown_default=shown, option_type=list[str])


def integer(
    meaning: str,
    flag: Flag | None = None,
    *,
    default: int,
    minimum: int = 0,
    maximum: int = 2**31,
) -> Declared[int]:
    """Declare a whole number between two bounds."""

    def read(found: Setting[Any]) -> int:
        expected = f"a whole number from {minimum} to {maximum}"
        if isinstance(found.value, bool) or not isinstance(found.value, int | str):
            raise found.must_be(expected)
        try:
            value = int(found.value)
        except ValueError:
            raise found.must_be(expected) from None
        if not minimum <= value <= maximum:
            raise found.must_be(expected)
        return value

    return Declared(meaning, flag, read, default, shown_default=str(default), option_type=int)


def seconds(meaning: str, flag: Flag | None = None, *, default: float) -> Declared[float]:
    """Declare a duration that is not negative: ``1.5``, ``90s``, ``2m``."""

    def read(found: Setting[Any]) -> float:
        try:
            value = _seconds(found.value)
        except (ValueError, OverflowError):
            raise found.must_be("a time like 30s or 2m, or a number of seconds") from None
        if not 0 <= value < float("inf"):
            raise found.must_be("a time that is neither negative nor endless")
        return value

    return Declared(meaning, flag, read, default, shown_default=f"{default:g}s")


def switch(meaning: str, flag: Flag | None = None) -> Declared[bool]:
    """Declare a yes or no; no is the default."""

    def read(found: Setting[Any]) -> bool:
        if isinstance(found.value, bool):
            return found.value
        value = _SPELLED.get(str(found.value).lower())
        if value is None:
            raise found.must_be("true or false")
        return value

    return Declared(meaning, flag, read, default=False, option_type=bool)


def one_of(meaning: str, flag: Flag | None = None, *, default: E) -> Declared[E]:
    """Declare one of a few words."""
    words: type[E] = type(default)

    def read(found: Setting[Any]) -> E:
        if _text(found) not in tuple(words):
            raise found.must_be(" or ".join(words))
        return words(found.value)

    return Declared(meaning, flag, read, default, shown_default=default.value, option_type=words)


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
