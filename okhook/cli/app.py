"""``okhook``: its commands, and the one place where an error becomes words and an exit code."""

import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from okhook.cli.auth.login import login
from okhook.cli.auth.logout import logout
from okhook.cli.auth.whoami import whoami
from okhook.cli.deliveries import export as deliveries_export
from okhook.cli.deliveries import list as deliveries_list
from okhook.cli.deliveries import prune as deliveries_prune
from okhook.cli.deliveries import search as deliveries_search
from okhook.cli.deliveries import show as deliveries_show
from okhook.cli.deliveries import tail as deliveries_tail
from okhook.cli.doctor.command import doctor
from okhook.cli.held_output import OutputHeld, leave_without_flushing, silence_stdout
from okhook.cli.hooks import activate as hooks_activate
from okhook.cli.hooks import deactivate as hooks_deactivate
from okhook.cli.hooks import delete as hooks_delete
from okhook.cli.hooks import edit as hooks_edit
from okhook.cli.hooks import list as hooks_list
from okhook.cli.hooks import show as hooks_show
from okhook.cli.hooks import verify as hooks_verify
from okhook.cli.reconcile.command import reconcile
from okhook.cli.register.command import register
from okhook.cli.replay.command import replay
from okhook.cli.sandbox.command import sandbox
from okhook.cli.send_sample.command import send_sample
from okhook.cli.serve.command import serve
from okhook.cli.trace.command import trace
from okhook.cli.trigger.command import trigger
from okhook.cli.tunnel.command import tunnel
from okhook.cli.types.command import types
from okhook.cli.up.command import up
from okhook.config.settings import Output
from okhook.errors import ExitCode, OkhookError

_DEBUG = "OKHOOK_DEBUG"

app = typer.Typer(
    name="okhook",
    help="Develop receivers of Okta event hooks: from nothing to a verified hook in one command.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    app()


def _show_version(wanted: bool) -> None:
    if wanted:
        from okhook.version import __version__

        typer.echo(f"okhook {__version__}")
        raise typer.Exit


@app.callback()
def root(
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


deliveries = typer.Typer(
    name="deliveries", help="Look back at what was received, and make room.", no_args_is_help=True
)
deliveries.command("list")(_bounded(deliveries_list.list_deliveries))
deliveries.command("show")(_bounded(deliveries_show.show))
deliveries.command("tail")(_bounded(deliveries_tail.tail))
deliveries.command("search")(_bounded(deliveries_search.search))
deliveries.command("export")(_bounded(deliveries_export.export))
deliveries.command("prune")(_bounded(deliveries_prune.prune))

hooks = typer.Typer(
    name="hooks", help="Look after the event hooks that an org has.", no_args_is_help=True
)
hooks.command("list")(_bounded(hooks_list.list_hooks))
hooks.command("show")(_bounded(hooks_show.show))
hooks.command("verify")(_bounded(hooks_verify.verify))
hooks.command("activate")(_bounded(hooks_activate.activate))
hooks.command("deactivate")(_bounded(hooks_deactivate.deactivate))
hooks.command("edit")(_bounded(hooks_edit.edit))
hooks.command("delete")(_bounded(hooks_delete.delete))

app.command("serve")(_bounded(serve))
app.command("tunnel")(_bounded(tunnel))
app.command("register")(_bounded(register))
app.command("send-sample")(_bounded(send_sample))
app.command("sandbox")(_bounded(sandbox))
app.command("up")(_bounded(up))
app.command("types")(_bounded(types))
app.command("login")(_bounded(login))
app.command("logout")(_bounded(logout))
app.command("doctor")(_bounded(doctor))
app.command("whoami")(_bounded(whoami))
app.command("replay")(_bounded(replay))
app.command("reconcile")(_bounded(reconcile))
app.command("trigger")(_bounded(trigger))
app.command("trace")(_bounded(trace))
app.add_typer(deliveries)
app.add_typer(hooks)
