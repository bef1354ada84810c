"""Why Hookdeck ended, by its last lines, and whether a restart can help.

Hookdeck writes errors to stdout and exits with 1 (seen with 0.11.3, 1.7.1 and 2.6.0). A restart may
help after a network error, but not after an unknown flag, a refused key or a rejected request.
"""

import re
import signal
from collections import deque
from http import HTTPStatus

from okhook.errors import TunnelFailed
from okhook.tunnel.hookdeck.program import INSTALL

KEPT = 20
"""How many lines are kept."""

_NEWEST = 3
"""How many may name the reason of an exit: stdout and stderr arrive in any order."""


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

_CALL = re.compile(
    r'(?:Delete|Get|Head|Patch|Post|Put) "https?://(?:[^" /]*@)?(?P<host>[^" /]+)[^" ]*"'
    r': (?P<why>.+?)(?:" method=.*)?$'
)
_SOCKET = re.compile(r"Could not connect\..* Last error: (?P<why>.+)$")
_DIAL = re.compile(r"(?P<why>dial tcp.*)$")
"""Where a line reports that Go could not call a URL, open its web socket, or open a connection."""

_LOOKUP = re.compile(
    r"dial tcp: lookup (?P<where>[\w.-]+)(?: on \S+)?: (?:.*: )?(?P<cause>[^:\"]+)$"
)
_CONNECT = re.compile(r"dial tcp (?P<where>[\w.\-\[\]:]+): (?:\w+: )?(?P<cause>[^:\"]+)$")
_PROXY = re.compile(r"(?:proxyconnect tcp|socks connect tcp \S+): ")
_TLS = re.compile(r"(?:.*?(?:tls|x509): )+|.*(?=TLS handshake)|http: (?=.*to HTTPS client)")
_ANSWERS = frozenset(status.phrase for status in HTTPStatus if status >= 400)

_LOCAL = re.compile(r"127\.|\[::1\]|localhost\b")
"""The receiver on this machine. Hookdeck gets a webhook URL without it."""

_CRASH = re.compile(
    r"(?:panic|fatal error): |(?:Type|Reference|Syntax|Range)Error: |Error: Cannot find module"
)
"""The first line of a crash in Go or Node. A long trace follows."""

_NOISE = re.compile(r"ADDITIONAL_INFO|^exit status \d+$|^\s+at |^Node\.js v|^\s*$")
"""Lines at the end that say nothing about the reason."""

_NOT_RUNNABLE = (126, 127)
"""Exit codes of a shell, which npx passes on."""


class RecentOutput(deque[str]):
    """The newest lines of one child, and the line of its crash."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)
        self.crash: str | None = None

    def hear(self, line: str) -> None:
        """Add a line."""
        self.append(line)
        if self.crash is None and _CRASH.match(line.strip()):
            self.crash = line.strip()

    @property
    def text(self) -> str:
        """The kept lines."""
        return "\n".join(self)

    @property
    def outage(self) -> str | None:
        """The last host that the child could not reach, and why: ``api.x: no such host (DNS)``."""
        return next(filter(None, map(_outage_in, reversed(self))), None)

    def reason(self, exit_code: int | None) -> str:
        """Return in one line why the child ended."""
        if exit_code is not None and exit_code < 0:
            try:
                return f"ended by {signal.Signals(-exit_code).name}"
            except ValueError:
                return f"ended by signal {-exit_code}"
        newest = list(reversed(self))[:_NEWEST]
        if exit_code and (outage := next(filter(None, map(_outage_in, newest)), None)):
            return f"could not reach {outage}"
        if self.crash is not None:
            return self.crash
        return next(
            (line.strip() for line in reversed(self) if not _NOISE.search(line)),
            "it gave no reason",
        )

    def lasting_fault(self, exit_code: int | None) -> TunnelFailed | None:
        """Return the error if a restart cannot help. The newest line decides."""
        if exit_code in _NOT_RUNNABLE:
            return self._failed("could not run the Hookdeck CLI", INSTALL)
        if not exit_code or exit_code < 0:
            return None
        for line in reversed(self):
            if _NETWORK.search(line) or _outage_in(line):
                return None
            for pattern, what, next_step in _FAULTS:
                if pattern.search(line.strip()):
                    return self._failed(what, next_step)
        return None

    def no_webhook_url(self, timeout_s: float) -> TunnelFailed:
        """Return the error for a tunnel that got no webhook URL in time."""
        missing = f"Hookdeck printed no webhook URL within {timeout_s:g} s"
        outage = self.outage
        if outage is None and self.crash is not None:
            another = "install another version of Hookdeck: `npm install -g hookdeck-cli@2`"
            return TunnelFailed(missing, why=f"Hookdeck crashed: {self.crash}", next_step=another)
        if outage is None:
            return TunnelFailed(missing, why=self.text or "no output", next_step=_to_do(""))
        said = next(filter(_outage_in, reversed(self)), "").strip()
        return TunnelFailed(
            f"Hookdeck could not reach {outage}",
            why=f"{missing}\n{said}",
            next_step=_to_do(outage),
        )

    def _failed(self, what: str, next_step: str) -> TunnelFailed:
        return TunnelFailed(what, why=self.text or None, next_step=next_step)


def _outage_in(line: str) -> str | None:
    """Return the host that this line could not reach, and why."""
    line = line.strip().rstrip(".")
    if call := _CALL.search(line):
        return _unreachable(call["host"], call["why"])
    if socket := _SOCKET.search(line):
        return _unreachable("the web socket of its cloud", socket["why"])
    if dial := _DIAL.search(line):
        found = _LOOKUP.search(dial["why"]) or _CONNECT.search(dial["why"])
        if found and not _LOCAL.match(found["where"]):
            return _unreachable(found["where"], dial["why"])
    return None


def _unreachable(host: str, why: str) -> str:
    if proxy := _PROXY.match(why):
        why = why[proxy.end() :]
        found = _LOOKUP.search(why) or _CONNECT.search(why)
        return _unreachable(f"{host} through the proxy{' ' + found['where'] if found else ''}", why)
    if why in _ANSWERS:
        return f"{host}: the proxy returned {why}"
    if found := _LOOKUP.search(why):
        return f"{host}: {found['cause'].strip()} (DNS)"
    if found := _CONNECT.search(why):
        return f"{host}: {found['cause'].strip()}"
    if found := _TLS.match(why):
        return f"{host}: {why[found.end() :]} (TLS)"
    return f"{host}: {why}"


def _to_do(outage: str) -> str:
    check = "check the network, HTTPS_PROXY and https://status.hookdeck.com"
    if "the proxy" in outage:
        check = "check the proxy, set by HTTPS_PROXY"
    elif outage.endswith("(TLS)"):
        check = "set SSL_CERT_FILE to a file that has the certificate authority of your network"
    elif outage.endswith("(DNS)"):
        check = "check the network and its DNS, and whether a proxy (HTTPS_PROXY) is needed"
    return f"{check}, or allow more time with --timeout"
