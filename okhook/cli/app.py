"""The entry point, and the one place where an error becomes words and an exit code."""

import os
import sys

from okhook.cli.command_tree import DEBUG, command_line
from okhook.config.settings import Output
from okhook.errors import ExitCode, OkhookError


def main() -> None:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    command_line(report)()


def report(error: Exception, output: object) -> ExitCode:
    """Say what went wrong, as text or JSON as ``output`` wants it; return the exit code."""
    from okhook.cli.console import Console, OutputHeld

    if _holds(error, OutputHeld):
        os._exit(0)
    if _holds(error, BrokenPipeError):
        # Python flushes stdout at exit: what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.NO
    if os.environ.get(DEBUG) == "1":
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
