"""The errors that end a command, each with its exit code.

Other packages derive their own errors from these. Only ``okhook.cli.app`` prints them.
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The exit codes of the process, as documented in the manual. Never renumber them."""

    OK = 0
    NO = 1
    USAGE = 2
    WOULD_CHANGE = 2  # of `hooks apply --dry-run`, as of `terraform plan -detailed-exitcode`
    CONFIGURATION = 3
    CREDENTIALS = 4
    OKTA_REFUSED = 5
    UNAVAILABLE = 6
    TUNNEL = 7
    NOT_VERIFIED = 8
    STORE = 9
    PORT_IN_USE = 10
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


class OkhookError(Exception):
    """An error that ends a command.

    ``what`` is one sentence. ``why`` may have several lines, such as the output of a child process,
    and comes from outside: escape it. ``next_step`` tells the user what to do. None of them
    contains a secret.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, what: str, *, why: str | None = None, next_step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step


class AnswerIsNo(OkhookError):
    """The question was answered, and the answer is no."""

    exit_code = ExitCode.NO


class InvalidInput(OkhookError):
    """An invalid flag, argument or file."""

    exit_code = ExitCode.USAGE


class ConfigurationError(OkhookError):
    """A setting is missing, contradictory or unreadable."""

    exit_code = ExitCode.CONFIGURATION


class CredentialsError(OkhookError):
    """There is no credential for the org, or the org did not accept it."""

    exit_code = ExitCode.CREDENTIALS


class OktaRefused(OkhookError):
    """The org understood the call and said no."""

    exit_code = ExitCode.OKTA_REFUSED


class Unavailable(OkhookError):
    """There was no answer, or the answer was "later"."""

    exit_code = ExitCode.UNAVAILABLE


class TunnelFailed(OkhookError):
    """The tunnel could not start, could not connect, or lost what was sent through it."""

    exit_code = ExitCode.TUNNEL


class NotVerified(OkhookError):
    """The org could not verify the event hook."""

    exit_code = ExitCode.NOT_VERIFIED


class StoreFailed(OkhookError):
    """The store cannot be opened, read or written."""

    exit_code = ExitCode.STORE


class NoStore(StoreFailed):
    """There is no store yet: nothing was received."""


class StoreEnded(StoreFailed):
    """The store was closed, or has stopped working for good: only a restart helps."""


class StoreUnavailable(StoreFailed):
    """The store does not work now, and may work later without any change of settings."""


class StoreFull(StoreUnavailable):
    """The disk of the store has no room."""


class StoreAway(StoreUnavailable):
    """The database of the store cannot be reached."""


class PortInUse(OkhookError):
    """Another process listens on the port."""

    exit_code = ExitCode.PORT_IN_USE


class Interrupted(OkhookError):
    """Ctrl-C ended the command before its work was done."""

    exit_code = ExitCode.INTERRUPTED


class Terminated(OkhookError):
    """SIGTERM ended the command."""

    exit_code = ExitCode.TERMINATED
