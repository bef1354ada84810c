"""The errors that end a command, each with its exit code.

::

    OkhookError
    ├── AnswerIsNo          1   the question was answered, and the answer is no
    ├── InvalidInput        2   an invalid flag, argument or file
    ├── ConfigurationError  3   a setting is missing, contradictory or unreadable
    ├── CredentialsError    4   no credential, or the org did not accept it
    ├── OktaRefused         5   the org understood and said no
    ├── Unavailable         6   no answer, or "later"
    ├── TunnelFailed        7   Hookdeck is not there or cannot connect
    ├── NotVerified         8   the org could not verify the hook
    ├── StoreFailed         9   the store cannot be opened, read or written
    ├── PortInUse          10   another process listens there
    ├── Interrupted       130   Ctrl-C before the work was done
    └── Terminated        143   SIGTERM

Packages subclass these for errors of their own. ``okhook.cli.app`` is the one place that prints
them.
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process tells its caller. Documented in the manual; never renumbered."""

    OK = 0
    NO = 1
    USAGE = 2
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
    """An error that ends a command. It says what happened, why, and what to do next.

    ``what`` is one sentence. ``why`` may have several lines, such as the last words of a child
    process or the causes that an org gave, and may hold hostile text: print it escaped.
    ``next_step`` is what the user can do about it. None of them ever holds a secret.
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
    """The tunnel is not there, cannot connect, or did not carry what was sent through it."""

    exit_code = ExitCode.TUNNEL


class NotVerified(OkhookError):
    """The org could not verify the event hook."""

    exit_code = ExitCode.NOT_VERIFIED


class StoreFailed(OkhookError):
    """The store cannot be opened, read or written."""

    exit_code = ExitCode.STORE


class PortInUse(OkhookError):
    """Another process listens on the port."""

    exit_code = ExitCode.PORT_IN_USE


class Interrupted(OkhookError):
    """Ctrl-C came before the work was done."""

    exit_code = ExitCode.INTERRUPTED


class Terminated(OkhookError):
    """SIGTERM ended the command, in order."""

    exit_code = ExitCode.TERMINATED
