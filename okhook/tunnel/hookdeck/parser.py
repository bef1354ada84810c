"""Parse the output of ``hookdeck listen``. Pure.

There are two dialects (seen with 0.11.3, 1.7.1, 2.2.0 and 2.6.0): 0.11 to 1.0 writes the sections
``Sources`` and ``Connections``; since 1.1 there is a tree below ``Listening on``. The form of its
line, never its host, identifies a webhook URL.
"""

import re
from dataclasses import dataclass

from okhook.activity import Activity, Warned
from okhook.runtime.child import StreamName
from okhook.tunnel.activities import TunnelAttempt, TunnelOutput, TunnelReconnecting
from okhook.tunnel.hookdeck.lines import Line, LineReader


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """The webhook URL of a source. ``source`` is its name as printed: the slug since 1.1."""

    source: str | None
    url: str


@dataclass(frozen=True, slots=True)
class ForwardsTo:
    """The target of a connection: a URL, or only a path before 1.1."""

    target: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page that shows the events; for a ``guest``, the sign-up page."""

    url: str
    guest: bool


@dataclass(frozen=True, slots=True)
class SourceCreated:
    """The source did not exist before."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Hookdeck connects to its cloud, or is connected: since 2.5.1 it says both."""

    is_up: bool


Meaning = WebhookUrl | ForwardsTo | Dashboard | SourceCreated | Connection | Activity | None
"""The meaning of a line: an announcement, an activity, or None for a heading."""


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line, its pipe and its meaning."""

    stream: StreamName
    text: str
    meaning: Meaning


_URL = r"https?://[!-~]+"
_ARROW = r"(?:→|->)"
_BRANCH = r"[│├└─|\s]*"

_REQUESTS_TO = re.compile(rf"{_BRANCH}Requests to {_ARROW} (?P<url>{_URL})")
_FORWARDS_TO = re.compile(rf"{_BRANCH}Forwards to {_ARROW} (?P<target>{_URL})(?: \(.*\))?")
_SOURCE_URL = re.compile(rf"(?:🔌 )?(?P<source>\S+) URL: (?P<url>{_URL})")
_CONSOLE_URL = re.compile(rf"(?:👤 )?Console URL: (?P<url>{_URL})")
_FORWARDING_TO = re.compile(r".+ forwarding to (?P<target>/[!-~]*)")
_SIGN_UP = re.compile(rf"(?:💡 )?Sign up\b[^:]*: (?P<url>{_URL})")
_OPEN = re.compile(rf"(?:💡 |👉 )?(?:Open dashboard|Inspect and replay)\b[^:]*: (?P<url>{_URL})")
_CREATED = re.compile(r'Source ".*" not found\.')
_CONNECTS = re.compile(r"Getting ready\.\.\.|(?P<up>Connected)\. .*")
_LOST = re.compile(r"Connection lost, reconnecting\b.*")
_WARNING = re.compile(r"(?:● )?Warning: (?P<text>.+)")
_LISTENING = re.compile(r"Listening on(?: .+)?")
_SLUG = re.compile(r"[A-Za-z0-9][\w-]*")
_SOURCES = "Sources"
_SECTIONS = frozenset({"Dashboard", _SOURCES, "Connections"})

_TIME = r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
_ATTEMPT = re.compile(
    rf"{_TIME} \[(?P<status>\d{{3}})\] (?P<method>[A-Z]+) (?P<url>{_URL})"
    r"(?: \((?P<duration>\d{1,9}(?:\.\d+)?)(?P<unit>ms|s)\))?"
    rf"(?: (?:→|->|\|) (?P<event_url>{_URL}))?"
)
_FAILED = re.compile(rf"{_TIME} \[ERROR\] (?P<error>.+)")
_FAILED_CALL = re.compile(rf'Failed to (?P<method>[A-Z]+): \w+ "(?P<url>{_URL})": (?P<reason>.+)')


class OutputParser:
    """Parses stdout and stderr of one child."""

    def __init__(self) -> None:
        self._readers: dict[StreamName, LineReader] = {
            "stdout": LineReader(),
            "stderr": LineReader(),
        }
        self._section: str | None = None
        self._source_follows = False
        self._source: str | None = None

    def feed(self, stream: StreamName, chunk: bytes) -> list[ParsedLine]:
        """Return the lines that ``chunk`` completes."""
        return [self._parsed(stream, line) for line in self._readers[stream].feed(chunk)]

    def end(self) -> list[ParsedLine]:
        """Return the incomplete lines of a child that has ended."""
        readers = self._readers.items()
        return [self._parsed(stream, line) for stream, reader in readers for line in reader.end()]

    def _parsed(self, stream: StreamName, line: Line) -> ParsedLine:
        text = line.text.strip()
        if stream == "stdout":
            if self._is_heading(text):
                return ParsedLine(stream, line.text, None)
            if placed := self._webhook_url(text):
                return ParsedLine(stream, line.text, placed)
        meaning = _attempt(text) or _dashboard(text, line.link) or _notice(text)
        return ParsedLine(stream, line.text, meaning or TunnelOutput(stream, line.text))

    def _is_heading(self, text: str) -> bool:
        """Note the heading of a section or the slug of a source, which the next lines belong to."""
        if text in _SECTIONS:
            self._section = text
            return True
        follows, self._source_follows = self._source_follows, False
        if _LISTENING.fullmatch(text):
            self._source_follows = True
            return True
        if follows and _SLUG.fullmatch(text):
            self._source = text
            return True
        self._source_follows = _FORWARDS_TO.fullmatch(text) is not None
        return False

    def _webhook_url(self, text: str) -> WebhookUrl | None:
        if self._section == _SOURCES and (found := _SOURCE_URL.fullmatch(text)):
            return WebhookUrl(found["source"], found["url"])
        if found := _REQUESTS_TO.fullmatch(text):
            return WebhookUrl(self._source, found["url"])
        return None


def _dashboard(text: str, link: str | None) -> Meaning:
    for_guest = _CONSOLE_URL.fullmatch(text) or _SIGN_UP.fullmatch(text)
    found = for_guest or _OPEN.fullmatch(text)
    if not found:
        return None
    linked = link is not None and re.fullmatch(_URL, link)
    return Dashboard(linked[0] if linked else found["url"], guest=for_guest is not None)


def _notice(text: str) -> Meaning:
    if found := _FORWARDS_TO.fullmatch(text) or _FORWARDING_TO.fullmatch(text):
        return ForwardsTo(found["target"])
    if _CREATED.fullmatch(text):
        return SourceCreated()
    if _LOST.fullmatch(text):
        return TunnelReconnecting()
    if found := _CONNECTS.fullmatch(text):
        return Connection(is_up=found["up"] is not None)
    found = _WARNING.fullmatch(text)
    return Warned(found["text"]) if found else None


def _attempt(text: str) -> Meaning:
    if found := _ATTEMPT.fullmatch(text):
        return TunnelAttempt(
            at=found["at"],
            status=int(found["status"]),
            method=found["method"],
            url=found["url"],
            event_url=found["event_url"],
            duration_ms=_milliseconds(found["duration"], found["unit"]),
        )
    if found := _FAILED.fullmatch(text):
        error = found["error"]
        call = _FAILED_CALL.fullmatch(error)
        method, url = (call["method"], call["url"]) if call else ("", "")
        reason = call["reason"] if call else error
        return TunnelAttempt(at=found["at"], status=None, method=method, url=url, error=reason)
    return None


def _milliseconds(duration: str | None, unit: str) -> int | None:
    if duration is None:
        return None
    return round(float(duration) * (1 if unit == "ms" else 1000))
