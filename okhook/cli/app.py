"""The entry point, and the one place where an error becomes words and an exit code."""

import errno
import gc
import os
import re
import sys
from collections.abc import Iterator, Sequence

from okhook.cli.command_tree import DEBUG, okhook_command
from okhook.cli.stdout import StdoutFailed, drop_stdout, watch_stderr, watch_stdout
from okhook.config.settings import Output
from okhook.errors import (
    AnswerIsNo,
    ConfigurationError,
    ExitCode,
    InvalidInput,
    OkhookError,
    Unavailable,
)

_COLLECT_AFTER = 10_000
"""How many new objects start the garbage collector. With Python's 700, imports are slower."""


_OF_THE_MACHINE = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT),
    *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG),
}
"""Why a file cannot be used. A person can mend it."""


def main() -> None:
    """Run the command line; the entry point of the package."""
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    watch_stdout()
    watch_stderr()
    try:
        try:
            okhook_command()(prog_name="okhook")
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:  # before the command began: its file was being imported
        sys.exit(ExitCode.INTERRUPTED)
    except (InvalidInput, OSError) as error:
        # An invalid command line, or text that is no command's: its options are not known.
        wants_json = re.search(r" --output[ =]json( |$)", " ".join(sys.argv))
        sys.exit(report(error, Output.JSON if wants_json else None))


def report(error: Exception, output: object) -> ExitCode:
    """Say what went wrong; return the exit code.

    ``output`` is a console, or else it says whether to write text or JSON.
    """
    from okhook.cli.console import Console, OutputHeld

    errors = list(_single_errors(error))
    if any(isinstance(each, OutputHeld) for each in errors):
        os._exit(0)
    if any(isinstance(each, BrokenPipeError) for each in errors):
        drop_stdout()
        return ExitCode.NO
    if any(isinstance(each, StdoutFailed) for each in errors):
        drop_stdout()
        output = None  # a log goes to stdout alone
    if os.environ.get(DEBUG) == "1":
        import traceback

        traceback.print_exception(error)
    outcome = _outcome(errors)
    if outcome.exit_code not in (ExitCode.TERMINATED, ExitCode.INTERRUPTED):
        if not isinstance(output, Console):
            named = str(output or os.environ.get("OKHOOK_OUTPUT", ""))
            output = Console(output=Output.JSON if named == "json" else Output.TEXT, quiet=False)
        output.error(outcome)
    return outcome.exit_code


def _outcome(errors: Sequence[Exception]) -> OkhookError:
    for error in errors:
        if isinstance(error, OkhookError):
            return error
        if isinstance(error, StdoutFailed):
            return AnswerIsNo(f"stdout cannot be written: {error.strerror}")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            return Unavailable(
                "no file descriptors are left",
                why=error.strerror,
                next_step="run it again after ulimit -n 4096",
            )
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE and error.filename:
            return ConfigurationError(
                f"cannot use the file {error.filename}",
                why=error.strerror,
                next_step="check its path, its permissions and the free disk space",
            )
    return OkhookError(
        "this is a bug in okhook",
        why=f"{type(errors[0]).__name__}: {errors[0]}",
        next_step="run it again with `okhook --debug …` and report the traceback",
    )


def _single_errors(error: Exception) -> Iterator[Exception]:
    """Yield the errors that a task group's error holds; any other error as it is."""
    if not isinstance(error, ExceptionGroup):
        yield error
        return
    for each in error.exceptions:
        yield from _single_errors(each)
