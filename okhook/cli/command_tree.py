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
from typing import Annotated, Any, cast, final

import typer
import typer.core
import typer.main

from okhook.cli.command import Command
from okhook.errors import ExitCode

_COMMANDS = (
    *("serve", "tunnel", "register", "send-sample", "sandbox", "up", "types"),
    *("login", "logout", "doctor", "whoami", "replay", "reconcile", "trigger", "trace", "help"),
)
_AUTH = ("login", "logout", "whoami")
_DELIVERIES = ("list", "show", "tail", "search", "export", "prune")
_HOOKS = ("list", "show", "verify", "activate", "deactivate", "edit", "delete")

DEBUG = "OKHOOK_DEBUG"

Report = Callable[[Exception, object], int]
"""Says what went wrong, in the form that ``--output`` names; returns the exit code."""


def command_line(report: Report) -> typer.core.TyperGroup:
    """Return ``okhook``; ``report`` is called with the error of a command."""
    app = typer.Typer(
        name="okhook",
        help="Develop receivers of Okta event hooks: from nothing to a verified hook in one"
        " command.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    root = cast("typer.core.TyperGroup", typer.main.get_command(app))
    files = {name: f"{name.replace('-', '_')}.command" for name in _COMMANDS}
    files |= {name: f"auth.{name}" for name in _AUTH}
    root.commands = _Commands(files, report)
    for name, help_, names in (
        ("deliveries", "Look back at what was received, and make room.", _DELIVERIES),
        ("hooks", "Look after the event hooks that an org has.", _HOOKS),
    ):
        below = typer.main.get_group(typer.Typer(name=name, help=help_, no_args_is_help=True))
        below.commands = _Commands({each: f"{name}.{each}" for each in names}, report)
        root.commands[name] = below
    return root


@final
class LazyCommand(typer.core.TyperCommand):
    """A command that a group can list; its options are made once it is run."""

    def __init__(self, name: str, command: Command, report: Report) -> None:
        super().__init__(name, help=inspect.getdoc(command.function))
        self._command = command
        self._report = report

    def built(self) -> Any:  # noqa: ANN401 - Typer does not export the type of its commands
        """Return the command with its options."""
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        one.command(self.name)(_reporting(self._command.for_typer(), self._report))
        return typer.main.get_command(one)

    def make_context(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - passed on
        """Read a command line with the command's options."""
        return self.built().make_context(*args, **extra)


@final
class _Commands(UserDict[str, Any]):
    """The commands of a group: the files that they stand in, and groups below."""

    def __init__(self, files: dict[str, str], report: Report) -> None:
        super().__init__(files)
        self._report = report

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a command or a group
        found = self.data[name]
        if not isinstance(found, str):
            return found
        module = importlib.import_module(f"okhook.cli.{found}")
        command = next(each for each in vars(module).values() if isinstance(each, Command))
        return LazyCommand(name, command, self._report)


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
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks; also OKHOOK_DEBUG=1.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    del version
    if debug:
        os.environ[DEBUG] = "1"
