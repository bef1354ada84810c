"""``okhook`` and its commands. A command's file is imported once the command is looked up.

A name stands for a file: ``send-sample`` for ``send_sample/command.py``, and ``list`` of
``deliveries`` for ``deliveries/list.py``.
"""

import functools
import importlib
import inspect
import os
from collections import UserDict
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, cast, final

import typer
import typer.core
import typer.main

from okhook.cli.command import Command
from okhook.cli.help_page import HelpfulCommand, HelpfulGroup
from okhook.errors import ExitCode

_PANELS = {
    "Start here": ("up", "serve", "sandbox", "tunnel", "login", "logout", "help"),
    "Send events": ("send-sample", "trigger", "replay"),
    "Look back": ("deliveries", "trace", "reconcile"),
    "Manage hooks": ("hooks", "register", "types"),
    "Diagnose": ("doctor", "whoami"),
}
"""The panels of ``okhook --help``. Every command of ``okhook`` stands in one."""

_GROUPS = {
    "deliveries": (
        "List, search, export and prune deliveries.",
        ("list", "show", "search", "tail", "export", "prune"),
    ),
    "hooks": (
        "List, verify, change and delete the event hooks of an org.",
        ("list", "show", "verify", "edit", "activate", "deactivate", "delete"),
    ),
}
_AUTH = ("login", "logout", "whoami")

DEBUG = "OKHOOK_DEBUG"

Report = Callable[[Exception, object], int]
"""Says what went wrong, in the form that ``--output`` names; returns the exit code."""


def command_line(report: Report) -> typer.core.TyperGroup:
    """Return ``okhook``; ``report`` is called with the error of a command."""
    app = typer.Typer(
        name="okhook",
        help="Develop Okta event hooks: receive, inspect and replay what an org sends.",
        cls=HelpfulGroup,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    root = cast("HelpfulGroup", typer.main.get_command(app))
    root.start = "New here? Run `okhook up --sandbox`: it needs no account and no network."
    for option in cast("list[Any]", root.params):
        option.hidden = option.name in ("install_completion", "show_completion")
    commands = _Commands(report)
    root.commands = commands
    for panel, names in _PANELS.items():
        for name in names:
            commands[name] = _Place(_file(name), panel)
            if name in _GROUPS:
                commands[name] = _group(name, panel, report)
    return root


def _group(name: str, panel: str, report: Report) -> HelpfulGroup:
    help_, names = _GROUPS[name]
    app = typer.Typer(name=name, help=help_, cls=HelpfulGroup)
    group = cast("HelpfulGroup", typer.main.get_group(app))
    group.rich_help_panel, group.commands = panel, _Commands(report)
    for each in names:
        group.commands[each] = _Place(f"{name}.{each}", None)
    return group


def _file(name: str) -> str:
    return f"auth.{name}" if name in _AUTH else f"{name.replace('-', '_')}.command"


@final
class LazyCommand(typer.core.TyperCommand):
    """A command that a group can list; its options are made once it is run."""

    def __init__(self, name: str, command: Command, report: Report, panel: str | None) -> None:
        super().__init__(name, help=inspect.getdoc(command.function), rich_help_panel=panel)
        self._command = command
        self._report = report

    def built(self) -> Any:  # noqa: ANN401 - Typer does not export the type of its commands
        """Return the command with its options."""
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        run = _reporting(self._command.for_typer(), self._report)
        app.command(self.name, cls=HelpfulCommand)(run)
        built = cast("HelpfulCommand", typer.main.get_command(app))
        built.examples = self._command.examples
        return built

    def make_context(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - passed on
        """Read a command line with the command's options."""
        return self.built().make_context(*args, **extra)


class _Place(NamedTuple):
    """Where a command stands."""

    file: str
    panel: str | None


@final
class _Commands(UserDict[str, Any]):
    """The commands of a group: the files that they stand in, and groups below."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a command or a group
        found = self.data[name]
        if not isinstance(found, _Place):
            return found
        module = importlib.import_module(f"okhook.cli.{found.file}")
        command = next(each for each in vars(module).values() if isinstance(each, Command))
        return LazyCommand(name, command, self._report, found.panel)


def _reporting(function: Callable[..., None], report: Report) -> Callable[..., None]:
    """Wrap a command so that every outcome leaves as words and an exit code."""

    @functools.wraps(function)
    def reporting(**options: Any) -> None:  # noqa: ANN401 - Typer passes what the command declares
        try:
            function(**options)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:
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
        typer.Option("--debug", help="Show a traceback with each error; or set OKHOOK_DEBUG=1"),
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    del version
    if debug:
        os.environ[DEBUG] = "1"
