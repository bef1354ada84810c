"""What a child said before it ended, and whether starting it again can help.

Hookdeck writes errors to stdout and exits with 1 (seen with 0.11.3, 1.7.1 and 2.6.0). The network's
faults heal; a flag it does not have, a key it refuses and a request it rejects do not.
"""

import re
import signal
from collections import deque
from enum import Enum, auto
from typing import final

KEPT = 20
"""How many lines are kept: an error and what led to it."""


class Cause(Enum):
    """Why a child ended that cannot heal."""

    UNKNOWN_FLAG = auto()
    REFUSED_KEY = auto()
    REJECTED = auto()
    NOT_A_PROGRAM = auto()


_NETWORK = re.compile(
    r"dial tcp|no such host|connection re(?:fused|set)|i/o timeout|deadline exceeded|\bEOF\b"
    r"|TLS handshake|network is unreachable|(?:status(?: code)?[:= ]+|^)(?:429|5\d\d)\b",
    re.IGNORECASE,
)
_OUTAGE = re.compile(
    r"dial tcp: lookup (?P<name>[\w.-]+)(?: on \S+)?: (?:.*: )?(?P<lookup>[^:\"]+)$"
    r"|dial tcp (?P<address>[\w.\-\[\]:]+): (?:\w+: )?(?P<dial>[^:\"]+)$"
)
"""What Go's resolver and dialer say, at the end of a line: for what, and why."""

_LOCAL = re.compile(r"127\.|\[::1\]|localhost\b")
"""This machine: the receiver, which Hookdeck warns of, has no part in the webhook URL."""

_CAUSES = (
    (
        Cause.UNKNOWN_FLAG,
        re.compile(
            r"unknown (?:shorthand )?(?:flag|command)|flag needs an argument|invalid argument"
            r"|requires a port|accepts .*arg\(s\)",
            re.IGNORECASE,
        ),
    ),
    (
        Cause.REFUSED_KEY,
        re.compile(
            r"authentication failed|could not authenticate with HOOKDECK_API_KEY"
            r"|^(?:error: )?401\b|\bunauthorized\b|API key is invalid|status code: 401",
            re.IGNORECASE,
        ),
    ),
    (Cause.REJECTED, re.compile(r"(?:status code: |^(?:error: )?)4(?!01|08|29)\d\d\b")),
)
_NOT_RUNNABLE = (126, 127)


@final
class LastWords:
    """The newest lines of one child."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=KEPT)

    def add(self, line: str) -> None:
        """Keep a line; the oldest makes room."""
        self._lines.append(line)

    @property
    def text(self) -> str:
        """All that is kept, a line each."""
        return "\n".join(self._lines)

    @property
    def last(self) -> str:
        """The last line that says something, for a reason in one line."""
        return self._lines[-1].strip() if self._lines else ""

    @property
    def outage(self) -> str | None:
        """Whom it could not reach last and why, like ``api.x: no such host``; None if unknown."""
        for line in reversed(self._lines):
            if found := _OUTAGE.search(line.strip().rstrip(".")):
                whom, why = found["name"] or found["address"], found["lookup"] or found["dial"]
                if not _LOCAL.match(whom):
                    return f"{whom}: {why.strip()}"
        return None

    def cause(self, exit_code: int | None) -> Cause | None:
        """Return why it is no use to start the child again, or None where it may help."""
        if exit_code in _NOT_RUNNABLE:
            return Cause.NOT_A_PROGRAM
        if not exit_code or exit_code < 0:
            return None
        for line in reversed(self._lines):
            if _NETWORK.search(line):
                return None
            for cause, pattern in _CAUSES:
                if pattern.search(line.strip()):
                    return cause
        return None


def ending(exit_code: int | None, last: str) -> str:
    """Return in one line why a child ended: by a signal, or with these last words."""
    if exit_code is not None and exit_code < 0:
        try:
            return f"ended by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"ended by signal {-exit_code}"
    return last or "it ended without a word"
