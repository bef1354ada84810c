"""Why Hookdeck ended, by its last lines, and whether a restart can help.

Hookdeck writes errors to stdout and exits with 1 (seen with 0.11.3, 1.7.1 and 2.6.0). A restart may
help after a network error, but not after an unknown flag, a refused key or a rejected request.
"""

import re
import signal
from collections import deque

from okhook.errors import TunnelFailed
from okhook.tunnel.hookdeck.program import INSTALL

KEPT = 20
"""How many lines are kept."""


_FAULTS = (
    (
        re.compile(
            r"unknown (?:shorthand )?(?:flag|command)|flag needs an argument|invalid argument"
            r"|requires a port|accepts .*arg\(s\)",
            re.IGNORECASE,
        ),
        "Hookdeck does not accept its arguments",
        "check the arguments after `--`; hookdeck listen --help lists the valid ones",
    ),
    (
        re.compile(
            r"authentication failed|could not authenticate with HOOKDECK_API_KEY"
            r"|^(?:error: )?401\b|\bunauthorized\b|API key is invalid|status code: 401",
            re.IGNORECASE,
        ),
        "Hookdeck refused the key",
        "run hookdeck login, or set HOOKDECK_API_KEY to the API key of a project",
    ),
    (
        re.compile(r"(?:status code: |^(?:error: )?)4(?!01|08|29)\d\d\b"),
        "Hookdeck rejected the request",
        "check --source and the arguments after `--`",
    ),
)
"""Errors that a restart cannot fix: the lines that report one, a message and a next step."""

_NETWORK = re.compile(
    r"dial tcp|no such host|connection re(?:fused|set)|i/o timeout|deadline exceeded|\bEOF\b"
    r"|TLS handshake|network is unreachable|(?:status(?: code)?[:= ]+|^)(?:429|5\d\d)\b",
    re.IGNORECASE,
)

_OUTAGE = re.compile(
    r"dial tcp: lookup (?P<name>[\w.-]+)(?: on \S+)?: (?:.*: )?(?P<lookup>[^:\"]+)$"
    r"|dial tcp (?P<address>[\w.\-\[\]:]+): (?:\w+: )?(?P<dial>[^:\"]+)$"
)
"""The end of a line from Go's resolver or dialer: the host or address, and the error."""

_LOCAL = re.compile(r"127\.|\[::1\]|localhost\b")
"""The receiver on this machine. Hookdeck gets a webhook URL without it."""

_NOT_RUNNABLE = (126, 127)
"""Exit codes of a shell, which npx passes on."""


class LastWords(deque[str]):
    """The newest lines of one child."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)

    @property
    def text(self) -> str:
        """The kept lines."""
        return "\n".join(self)

    @property
    def outage(self) -> str | None:
        """The last host that the child could not reach, and why: ``api.x: no such host``."""
        for line in reversed(self):
            if found := _OUTAGE.search(line.strip().rstrip(".")):
                where, why = found["name"] or found["address"], found["lookup"] or found["dial"]
                if not _LOCAL.match(where):
                    return f"{where}: {why.strip()}"
        return None

    def reason(self, exit_code: int | None) -> str:
        """Return in one line why the child ended: a signal, or its last line."""
        if exit_code is not None and exit_code < 0:
            try:
                return f"ended by {signal.Signals(-exit_code).name}"
            except ValueError:
                return f"ended by signal {-exit_code}"
        return (self[-1].strip() if self else "") or "no output"

    def lasting_fault(self, exit_code: int | None) -> TunnelFailed | None:
        """Return the error if a restart cannot help. The newest line decides."""
        if exit_code in _NOT_RUNNABLE:
            return self._failed("could not run the Hookdeck CLI", INSTALL)
        if not exit_code or exit_code < 0:
            return None
        for line in reversed(self):
            if _NETWORK.search(line):
                return None
            for pattern, what, next_step in _FAULTS:
                if pattern.search(line.strip()):
                    return self._failed(what, next_step)
        return None

    def no_webhook_url(self, waited_s: float) -> TunnelFailed:
        """Return the error for a tunnel that got no webhook URL in time."""
        missing = f"Hookdeck printed no webhook URL within {round(waited_s, 1):g} s"
        outage, said = self.outage, self.text or "no output"
        return TunnelFailed(
            missing if outage is None else f"Hookdeck could not reach {outage}",
            why=said if outage is None else f"{missing}\n{said}",
            next_step="check the network, HTTPS_PROXY and https://status.hookdeck.com,"
            " or allow more time with --timeout",
        )

    def _failed(self, what: str, next_step: str) -> TunnelFailed:
        return TunnelFailed(what, why=self.text or None, next_step=next_step)
