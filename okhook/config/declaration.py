"""The declaration of a setting: its type, default, meaning and flag."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, cast, overload

from okhook.config.in_project import InProject, to_confirm
from okhook.config.setting import Flag, Layered, Setting

S = TypeVar("S")
T = TypeVar("T")


@dataclass(eq=False)
class Declaration(Generic[S]):
    """A setting. ``port`` is ``--port``, ``OKHOOK_PORT`` and ``port = 1337`` in a settings file.

    ``settings.port`` is a ``Setting[int]``, or None if the setting has no default and no layer sets
    it. ``meaning`` is for the manual. ``read`` checks and converts a value. Typer reads the flag as
    an ``option_type``. ``redact`` takes a password out of a text that is shown.
    """

    meaning: str
    flag: Flag | None
    read: Callable[[Setting[Any]], Any]
    unset: S
    option_type: Any = str
    shown_default: str | None = None
    is_secret: bool = False
    redact: Callable[[str], str] = str
    in_project: InProject = InProject.USED
    name: str = ""

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
    def default(self: "Declared[T]") -> T:
        """The value if no layer sets one."""
        return self.unset.value

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Layered, owner: type) -> S: ...
    def __get__(self, settings: Layered | None, owner: type) -> Self | S:
        if settings is None:
            return self
        found = settings.found(self.name)
        if found is None:
            return self.unset
        setting = Setting(self.read(found), found.origin)
        if setting.is_projects:
            for part in to_confirm(self.in_project, setting):
                settings.agree(Setting(part, setting.origin), self.in_project)
        return cast("S", setting)


Declared = Declaration[Setting[T]]
DeclaredOptional = Declaration[Setting[T] | None]
