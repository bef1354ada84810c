"""``okhook`` and its commands. A command's file is imported once the command is looked up.

A name stands for a file: ``send-sample`` for ``send_sample/command.py``, and ``list`` of
``deliveries`` for ``deliveries/list.py``. ``login``, ``logout`` and ``whoami`` share one.
"""

import functools
import importlib
import inspect
import os
from collections import UserDict
from collections.abc import Callable
from typing import Annotated, Any, cast

import typer
import typer.core
import typer.main

from okhook.cli.command import Command
from okhook.cli.help_page import HelpfulCommand, HelpfulGroup
from okhook.errors import ExitCode

_PANELS = {
    "Start here": ("up", "status", "down", "serve", "sandbox", "tunnel", "login", "logout", "help"),
    "Send events": ("send-sample", "trigger", "replay"),
    "Look back": ("deliveries", "store", "inspect", "trace", "reconcile"),
    "Manage hooks": ("hooks", "register", "types"),
    "Diagnose": ("check", "doctor", "whoami"),
}
"""The panels of ``okhook --help``. Every command of ``okhook`` stands in one."""

COMMANDS = [name for names in _PANELS.values() for name in names]

_GROUPS = {
    "deliveries": (
        "List, search, export and prune deliveries.",
        ("list", "show", "search", "tail", "export", "prune"),
    ),
    "store": ("Show, create and copy the store.", ("show", "migrate", "copy")),
    "hooks": (
        "List, verify, change and delete the event hooks of an org.",
        ("list", "show", "verify", "edit", "activate", "deactivate", "delete", "export", "apply"),
    ),
}
"""The help of each group, and its commands in their order, each in a file of its name."""

_AUTH = ("login", "logout", "whoami")

DEBUG = "OKHOOK_DEBUG"


def okhook_command() -> typer.core.TyperGroup:
    """Return ``okhook``."""
    app = typer.Typer(
        name="okhook",
        help="Develop Okta event hooks. Start with `okhook up --sandbox`: no account needed.",
        cls=HelpfulGroup,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    root = cast("HelpfulGroup", typer.main.get_command(app))
    for option in cast("list[Any]", root.params):
        option.hidden = option.name in ("install_completion", "show_completion")
    panels = {name: panel for panel, names in _PANELS.items() for name in names}
    files = {name: f"{name.replace('-', '_')}.command" for name in panels}
    files |= dict.fromkeys(_AUTH, "auth.command")
    root.commands = _Commands(files, panels)
    for name, (help_, names) in _GROUPS.items():
        app = typer.Typer(name=name, help=help_, cls=HelpfulGroup)
        below = cast("HelpfulGroup", typer.main.get_group(app))
        below.commands = _Commands({each: f"{name}.{each}" for each in names}, {})
        below.rich_help_panel = panels[name]
        root.commands[name] = below
    return root


class LazyCommand(typer.core.TyperCommand):
    """A command that a group can list; its options are made once it is run."""

    def __init__(self, name: str, command: Command, panel: str) -> None:
        super().__init__(name, help=inspect.getdoc(command.function), rich_help_panel=panel)
        self.command = command

    def built(self) -> Any:  # noqa: ANN401 - Typer does not export the type of its commands
        """Return the command with its options."""
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(self.name, cls=HelpfulCommand)(_reporting(self.command.for_typer()))
        return typer.main.get_command(app)

    def make_context(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - passed on
        """Read a command line with the command's options."""
        return self.built().make_context(*args, **extra)


class _Commands(UserDict[str, Any]):
    """The commands of a group by name. A command is imported from its file when it is read."""

    def __init__(self, files: dict[str, str], panels: dict[str, str]) -> None:
        super().__init__(files)
        self._panels = panels

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a command or a group
        found = self.data[name]
        if not isinstance(found, str):
            return found
        module = importlib.import_module(f"okhook.cli.{found}")
        declared = filter(lambda each: isinstance(each, Command), vars(module).values())
        command = next(each for each in declared if each.name == name)
        return LazyCommand(name, command, self._panels.get(name, "Commands"))


def _reporting(function: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command so that every outcome leaves as words and an exit code."""

    @functools.wraps(function)
    def reporting(**options: Any) -> None:  # noqa: ANN401 - Typer passes what the command declares
        try:
            function(**options)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt:
            from okhook.runtime.terminal import end_line_of_ctrl_c

            end_line_of_ctrl_c()
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:
            from okhook.cli.app import report

            raise typer.Exit(report(error, options.get("output"))) from error

    return reporting


def _show_version(wanted: bool) -> None:
    if wanted:
        from okhook.version import __version__

        typer.echo(f"okhook {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "-V", "--version", help="Show the version", callback=_show_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", help="Show a traceback with each error; or set OKHOOK_DEBUG=1", hidden=True
        ),
    ] = False,
) -> None:
    del version
    if debug:
        os.environ[DEBUG] = "1"
