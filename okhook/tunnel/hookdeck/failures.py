"""Why a child ended: its last words, and whether starting it again can help.

Hookdeck writes errors to stdout and exits with 1 (seen with 0.11.3, 1.7.1 and 2.6.0). A fault of
the network may pass. An unknown flag, a refused key and a rejected request do not.
"""

import re
import signal
from collections import deque
from typing import NamedTuple, final

from okhook.errors import TunnelFailed
from okhook.tunnel.hookdeck.program import INSTALL

KEPT = 20
"""How many lines are kept: an error and what led to it."""


class _Fault(NamedTuple):
    """A fault that no restart can help, and the lines that tell of it."""

    lines: re.Pattern[str]
    what: str
    next_step: str


_FAULTS = (
    _Fault(
        re.compile(
            r"unknown (?:shorthand )?(?:flag|command)|flag needs an argument|invalid argument"
            r"|requires a port|accepts .*arg\(s\)",
            re.IGNORECASE,
        ),
        "Hookdeck does not accept its arguments",
        "look at what stands after `--`; `hookdeck listen --help` lists what it takes",
    ),
    _Fault(
        re.compile(
            r"authentication failed|could not authenticate with HOOKDECK_API_KEY"
            r"|^(?:error: )?401\b|\bunauthorized\b|API key is invalid|status code: 401",
            re.IGNORECASE,
        ),
        "Hookdeck refused the key",
        "sign in with `hookdeck login`, or set HOOKDECK_API_KEY to a project's API key",
    ),
    _Fault(
        re.compile(r"(?:status code: |^(?:error: )?)4(?!01|08|29)\d\d\b"),
        "Hookdeck rejected what was asked of it",
        "look at --source and at what stands after `--`",
    ),
)

_NETWORK = re.compile(
    r"dial tcp|no such host|connection re(?:fused|set)|i/o timeout|deadline exceeded|\bEOF\b"
    r"|TLS handshake|network is unreachable|(?:status(?: code)?[:= ]+|^)(?:429|5\d\d)\b",
    re.IGNORECASE,
)

_OUTAGE = re.compile(
    r"dial tcp: lookup (?P<name>[\w.-]+)(?: on \S+)?: (?:.*: )?(?P<lookup>[^:\"]+)$"
    r"|dial tcp (?P<address>[\w.\-\[\]:]+): (?:\w+: )?(?P<dial>[^:\"]+)$"
)
"""What Go's resolver and dialer say at the end of a line: what they wanted, and what went wrong."""

_LOCAL = re.compile(r"127\.|\[::1\]|localhost\b")
"""The receiver on this machine. Hookdeck warns of it, but needs it for no webhook URL."""

_NOT_RUNNABLE = (126, 127)
"""A shell's own exit codes, which npx passes on."""


@final
class LastWords:
    """The newest lines of one child."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=KEPT)

    def add(self, line: str) -> None:
        """Keep a line instead of the oldest one."""
        self._lines.append(line)

    @property
    def text(self) -> str:
        """All lines that are kept."""
        return "\n".join(self._lines)

    @property
    def outage(self) -> str | None:
        """What the child could not reach last, and why: ``api.x: no such host``."""
        for line in reversed(self._lines):
            if found := _OUTAGE.search(line.strip().rstrip(".")):
                where, why = found["name"] or found["address"], found["lookup"] or found["dial"]
                if not _LOCAL.match(where):
                    return f"{where}: {why.strip()}"
        return None

    def reason(self, exit_code: int | None) -> str:
        """Return in one line why the child ended: by a signal, or with its last line."""
        if exit_code is not None and exit_code < 0:
            try:
                return f"ended by {signal.Signals(-exit_code).name}"
            except ValueError:
                return f"ended by signal {-exit_code}"
        return (self._lines[-1].strip() if self._lines else "") or "it ended without a word"

    def lasting_fault(self, exit_code: int | None) -> TunnelFailed | None:
        """Return the error if it is no use to start the child again. The newest line decides."""
        if exit_code in _NOT_RUNNABLE:
            return self._failed("the Hookdeck CLI cannot be run", INSTALL)
        if not exit_code or exit_code < 0:
            return None
        for line in reversed(self._lines):
            if _NETWORK.search(line):
                return None
            for fault in _FAULTS:
                if fault.lines.search(line.strip()):
                    return self._failed(fault.what, fault.next_step)
        return None

    def no_webhook_url(self, waited_s: float) -> TunnelFailed:
        """Return the error for a tunnel without a webhook URL after all the time it was given."""
        missing = f"Hookdeck gave no webhook URL within {round(waited_s, 1):g} s"
        outage, said = self.outage, self.text or "it said nothing"
        return TunnelFailed(
            missing if outage is None else f"Hookdeck cannot reach {outage}",
            why=said if outage is None else f"{missing}\n{said}",
            next_step="check the network (HTTPS_PROXY too) and https://status.hookdeck.com,"
            " or allow more time with --timeout",
        )

    def _failed(self, what: str, next_step: str) -> TunnelFailed:
        return TunnelFailed(what, why=self.text or None, next_step=next_step)
