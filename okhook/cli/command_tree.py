"""A tree of commands whose files are imported once they are looked up."""

import importlib
from collections import UserDict
from collections.abc import Callable, Mapping
from typing import Any, final

import typer
import typer.core
import typer.main

from okhook.cli.command import Command

Wrap = Callable[[Callable[..., None]], Callable[..., None]]
"""Makes of a command's function one that reports every outcome."""


@final
class LazyCommands(UserDict[str, Any]):
    """The commands of a group by name: the places of their functions, and groups below."""

    def __init__(self, places: Mapping[str, str | typer.core.TyperGroup], wrap: Wrap) -> None:
        super().__init__(places)
        self._wrap = wrap

    def __getitem__(self, name: str) -> "typer.core.TyperGroup | LazyCommand":
        found = self.data[name]
        if not isinstance(found, str):
            return found  # type: ignore[no-any-return]  # a group
        module, _, function = found.partition(":")
        command = getattr(importlib.import_module(f"okhook.cli.{module}"), function)
        return LazyCommand(name, command, self._wrap)


@final
class LazyCommand(typer.core.TyperCommand):
    """A command that a group can list; its options are made once it is run."""

    def __init__(self, name: str, command: Command, wrap: Wrap) -> None:
        super().__init__(name, help=command.help)
        self._command = command
        self._wrap = wrap

    def built(self) -> Any:  # noqa: ANN401 - Typer does not export the type of its commands
        """Return the command with its options."""
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        one.command(self.name)(self._wrap(self._command.for_typer()))
        return typer.main.get_command(one)

    def make_context(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - passed on
        """Read a command line with the command's options."""
        return self.built().make_context(*args, **extra)


def group(name: str, help_: str, places: Mapping[str, str], wrap: Wrap) -> typer.core.TyperGroup:
    """Return a group of commands below another."""
    made = typer.main.get_group(typer.Typer(name=name, help=help_, no_args_is_help=True))
    made.commands = LazyCommands(places, wrap)
    return made
