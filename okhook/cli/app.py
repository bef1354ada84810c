"""``okhook``: its commands, and the one place where an error becomes words and an exit code."""

import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, cast

import typer
import typer.core
import typer.main

from okhook.cli.command_tree import LazyCommands, group
from okhook.cli.process_end import OutputHeld, leave_without_flushing, silence_stdout
from okhook.config.settings import Output
from okhook.errors import ExitCode, OkhookError

_DEBUG = "OKHOOK_DEBUG"

_COMMANDS = {
    "serve": "serve.command:serve",
    "tunnel": "tunnel.command:tunnel",
    "register": "register.command:register",
    "send-sample": "send_sample.command:send_sample",
    "sandbox": "sandbox.command:sandbox",
    "up": "up.command:up",
    "types": "types.command:types",
    "login": "auth.login:login",
    "logout": "auth.logout:logout",
    "doctor": "doctor.command:doctor",
    "whoami": "auth.whoami:whoami",
    "replay": "replay.command:replay",
    "reconcile": "reconcile.command:reconcile",
    "trigger": "trigger.command:trigger",
    "trace": "trace.command:trace",
}
_DELIVERIES = {
    "list": "deliveries.list:list_deliveries",
    "show": "deliveries.show:show",
    "tail": "deliveries.tail:tail",
    "search": "deliveries.search:search",
    "export": "deliveries.export:export",
    "prune": "deliveries.prune:prune",
}
_HOOKS = {
    "list": "hooks.list:list_hooks",
    "show": "hooks.show:show",
    "verify": "hooks.verify:verify",
    "activate": "hooks.activate:activate",
    "deactivate": "hooks.deactivate:deactivate",
    "edit": "hooks.edit:edit",
    "delete": "hooks.delete:delete",
}


def main() -> None:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    command_line()()


def command_line() -> typer.core.TyperGroup:
    """Return ``okhook`` with all its commands."""
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
    deliveries = group(
        "deliveries", "Look back at what was received, and make room.", _DELIVERIES, _bounded
    )
    hooks = group("hooks", "Look after the event hooks that an org has.", _HOOKS, _bounded)
    groups = {"deliveries": deliveries, "hooks": hooks}
    root.commands = LazyCommands({**_COMMANDS, **groups}, _bounded)
    return root


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
        os.environ[_DEBUG] = "1"


def _bounded(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command so that every outcome leaves as words and an exit code."""

    @functools.wraps(command)
    def bounded(**options: Any) -> None:  # noqa: ANN401 - Typer passes whatever the command declares
        try:
            command(**options)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:
            raise typer.Exit(_report(error, options.get("output"))) from error

    return bounded


def _report(error: Exception, output: object) -> ExitCode:
    if _holds(error, OutputHeld):
        leave_without_flushing()
    if _holds(error, BrokenPipeError):
        silence_stdout()
        return ExitCode.NO
    from okhook.cli.console import Console

    if os.environ.get(_DEBUG) == "1":
        import traceback

        traceback.print_exception(error)
    outcome = _outcome(error)
    if outcome.exit_code not in (ExitCode.TERMINATED, ExitCode.INTERRUPTED):
        named = str(output or os.environ.get("OKHOOK_OUTPUT", ""))
        Console(output=Output.JSON if named == "json" else Output.TEXT, quiet=False).error(outcome)
    return outcome.exit_code


def _holds(error: Exception, kind: type[Exception]) -> bool:
    """Tell whether ``error`` is of a kind, or a task group's that holds one."""
    if isinstance(error, ExceptionGroup):
        return error.subgroup(kind) is not None
    return isinstance(error, kind)


def _outcome(error: Exception) -> OkhookError:
    """Find the outcome in an error: the first of ours in a task group's, or a bug of ours."""
    while isinstance(error, ExceptionGroup):
        ours, _ = error.split(OkhookError)
        error = (ours or error).exceptions[0]
    if isinstance(error, OkhookError):
        return error
    return OkhookError(
        "okhook stumbled over a bug of its own",
        why=f"{type(error).__name__}: {error}",
        next_step="run it again with `okhook --debug …` and report the traceback",
    )
