"""Decide when a tunnel is ready, when to restart its child, and when to give up. Pure.

Each method takes the current time, in seconds on any monotonic clock, and returns decisions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from okhook.activity import Activity, Warned
from okhook.errors import TunnelFailed
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelOutput,
    TunnelReady,
    TunnelReconnected,
    TunnelReconnecting,
    TunnelRestarting,
)
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.failures import RecentOutput
from okhook.tunnel.hookdeck.parser import (
    Connection,
    Dashboard,
    ForwardsTo,
    Meaning,
    ParsedLine,
    SourceCreated,
    WebhookUrl,
)
from okhook.tunnel.hookdeck.program import HookdeckVersion
from okhook.wire.url import normal_path

_NOT_IN_A_SLUG = re.compile(r"[^\w-]")
_REPORTS_NEW_SOURCES = (1, 1)
_SAYS_CONNECTED = (2, 5, 1)


BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
HEALTHY_AFTER_S = 60.0
"""A child that was ready for so long resets the back-off."""

LAST_TRY_S = 1.0
"""How long before the time limit the last child starts."""

QUIET_S = 8.0
"""How long to wait for a webhook URL, or for a connection, without a word to the user."""

SETTLE_S = 0.5
"""How long to wait for the lines after the webhook URL. They come at once, or never."""


@dataclass(frozen=True, slots=True)
class EndChild:
    """End the child. Then call :meth:`Supervisor.exited`."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Start the next child after so long. Why was published before."""

    delay_s: float


_NOT_CONNECTED = (
    f"Hookdeck is not connected to its cloud after {QUIET_S:g} s:"
    " requests to the webhook URL are lost until it is"
)

Decision = Activity | EndChild | Pause | TunnelFailed
"""Publish an activity (and wait, if it is a :class:`TunnelRestarting`), end the child, or fail."""


@dataclass(slots=True)
class _ChildState:
    """What one child announced, in any order, its newest output, and when it became ready."""

    urls: list[WebhookUrl] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    dashboard: Dashboard | None = None
    source_created: bool = False
    since_s: float = 0.0
    said: set[str] = field(default_factory=set)
    output: RecentOutput = field(default_factory=RecentOutput)
    is_lost: bool = False
    is_connecting: bool = False
    connects_since_s: float | None = None
    url_at_s: float | None = None
    ready_at_s: float | None = None
    ended_because: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether it is connected, as far as is known."""
        return self.url_at_s is not None and not self.is_connecting

    def take(self, meaning: Meaning) -> None:
        match meaning:
            case WebhookUrl():
                self.urls.append(meaning)
            case ForwardsTo(target):
                self.targets.append(target)
            case Dashboard():
                self.dashboard = meaning
            case SourceCreated():
                self.source_created = True

    def announced(self, config: HookdeckConfig, version: str) -> TunnelReady:
        """Return the announcement as an activity. There must be a webhook URL."""
        slug = _NOT_IN_A_SLUG.sub("-", config.source)
        named = (found.url for found in self.urls if found.source in (config.source, slug))
        target = self.target_with(config.path) or config.path
        return TunnelReady(
            webhook_url=next(named, self.urls[0].url),
            dashboard_url=self.dashboard.url if self.dashboard else None,
            source=config.source,
            forwards_to=f"http://localhost:{config.port}{target}" if target[0] == "/" else target,
            hookdeck_version=version,
            guest=self.dashboard is not None and self.dashboard.guest,
        )

    def target_with(self, path: str) -> str | None:
        wanted = normal_path(path)
        return next((each for each in self.targets if _path_of(each) == wanted), None)


@dataclass(slots=True)
class Supervisor:
    """Watches the children of one tunnel, one after the other.

    The wait for a webhook URL began at ``since_s``. ``own_urls`` are the webhook URLs of earlier
    tunnels of this machine. ``proxy`` is the one that Hookdeck uses.
    """

    config: HookdeckConfig
    version: HookdeckVersion
    since_s: float
    own_urls: frozenset[str] = frozenset()
    proxy: str | None = None
    _ready: TunnelReady | None = None
    _failures: int = 0
    _child: _ChildState = field(default_factory=_ChildState)
    _told: str | None = None
    _said: set[str] = field(default_factory=set)
    _output: RecentOutput = field(default_factory=RecentOutput)

    def started(self, at_s: float) -> None:
        """Start to watch a new child."""
        self._said |= self._child.said
        self._output = self._child.output or self._output
        self._child = _ChildState(since_s=at_s)
        if self._ready is not None:
            self.since_s = at_s

    def heard(self, said: ParsedLine, at_s: float) -> list[Decision]:
        """Decide on a line that the child wrote."""
        child = self._child
        if isinstance(said.meaning, TunnelOutput | Warned):
            child.output.hear(said.text)
            if not child.is_well and self._was_said(said.text):
                return []
        if isinstance(said.meaning, Connection | TunnelAttempt | TunnelReconnecting):
            return self._connection(said, at_s)
        if isinstance(said.meaning, Activity):
            return [said.meaning]
        child.take(said.meaning)
        if child.urls and child.url_at_s is None:
            child.url_at_s = at_s
        is_whole = child.urls and child.targets and child.dashboard
        if is_whole and child.ready_at_s is None:
            return list(self._become_ready(at_s))
        return []

    def _connection(self, said: ParsedLine, at_s: float) -> list[Decision]:
        """Decide on a line that tells whether Hookdeck is connected; an attempt tells it, too."""
        child, meaning = self._child, said.meaning
        is_up = not isinstance(meaning, TunnelReconnecting) and meaning != Connection(is_up=False)
        child.is_connecting = not is_up and self.version >= _SAYS_CONNECTED
        child.connects_since_s = at_s if child.is_connecting else None
        was_lost, child.is_lost = child.is_lost, isinstance(meaning, TunnelReconnecting)
        back = [TunnelReconnected()] if was_lost and is_up else []
        if isinstance(meaning, Activity):
            return [*back, meaning]
        if child.is_connecting and self._was_said(said.text):
            return []
        return [*back] or [TunnelOutput(said.stream, said.text)]

    def deadline_s(self) -> float | None:
        """Return when to call :meth:`time_passed` if the child prints nothing before."""
        child = self._child
        if child.ready_at_s is not None:
            since_s = child.connects_since_s
            return None if since_s is None else since_s + QUIET_S
        if child.url_at_s is not None:
            return child.url_at_s + SETTLE_S
        limit_s = self.since_s + self.config.timeout_s
        return limit_s if self._told is not None else min(limit_s, child.since_s + QUIET_S)

    def time_passed(self, at_s: float) -> list[Decision]:
        """Decide what to do when the deadline passes."""
        child = self._child
        deadline_s = self.deadline_s()
        if deadline_s is None or at_s < deadline_s:
            return []
        if child.ready_at_s is not None:
            child.connects_since_s = None
            return [] if self._was_said(_NOT_CONNECTED) else [Warned(_NOT_CONNECTED)]
        if child.url_at_s is not None:
            return list(self._become_ready(at_s))
        if at_s < self.since_s + self.config.timeout_s:
            self._told = self._no_answer()
            return [Warned(self._told)]
        if self._ready is None:
            return [self._no_url()]
        child.ended_because = f"no webhook URL within {self.config.timeout_s:g} s"
        return [EndChild()]

    def restart_wanted(self, reason: str) -> list[Decision]:
        """Decide to start a new child, although this one runs."""
        self._child.ended_because = reason
        self._failures = 0
        return [EndChild()]

    def exited(self, exit_code: int | None, at_s: float) -> list[Decision]:
        """Decide what to do when the child has exited."""
        child = self._child
        fault = None if child.ended_because else child.output.lasting_fault(exit_code)
        if fault is not None:
            return [fault]
        if child.ready_at_s is not None and at_s - child.ready_at_s >= HEALTHY_AFTER_S:
            self._failures = 0
        delay_s = BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
        self._failures += 1
        if self._ready is None:
            left_s = self.since_s + self.config.timeout_s - at_s - LAST_TRY_S
            if left_s <= 0:
                return [self._no_url()]
            delay_s = min(delay_s, left_s)
        reason = child.ended_because or child.output.reason(exit_code)
        if child.is_well:
            self._said, child.said = set(), set()
        elif _alike(reason) == self._told:
            return [Pause(delay_s)]
        self._told = _alike(reason)
        return [TunnelRestarting(delay_s, reason, exit_code)]

    def _was_said(self, line: str) -> bool:
        """Return whether a child before this one, which was not well, said the same."""
        self._child.said.add(_alike(line))
        return _alike(line) in self._said

    def _no_answer(self) -> str:
        outage, limit_s = self._child.output.outage, self.config.timeout_s
        through = f" through the proxy {self.proxy}" if self.proxy else ""
        why = f"could not reach {outage}" if outage else f"gets no response from its cloud{through}"
        return f"Hookdeck {why}; okhook waits {limit_s:g} s for a webhook URL"

    def _no_url(self) -> TunnelFailed:
        return (self._child.output or self._output).no_webhook_url(self.config.timeout_s)

    def _become_ready(self, at_s: float) -> Iterator[Decision]:
        child = self._child
        child.ready_at_s = at_s
        before, self._ready = self._ready, child.announced(self.config, str(self.version))
        for text in self._concerns(before, self._ready):
            yield Warned(text)
        yield self._ready

    def _concerns(self, before: TunnelReady | None, ready: TunnelReady) -> Iterator[str]:
        child, path = self._child, self.config.path
        if before is not None and before.webhook_url != ready.webhook_url:
            yield (
                f"the webhook URL changed from {before.webhook_url} to {ready.webhook_url}:"
                " event hooks need the new one; okhook up registers its own again"
            )
        if child.targets and child.target_with(path) is None:
            yield f"Hookdeck forwards to {child.targets[0]}, not to {path}"
        is_own = ready.guest or ready.webhook_url in self.own_urls or child.source_created
        if before is None and not is_own and self.version >= _REPORTS_NEW_SOURCES:
            # Hookdeck changed a destination of others (hookdeck-cli #372).
            yield (
                f"the Hookdeck source {self.config.source} already existed, and its destination"
                f" now has --path {path} for everyone in that Hookdeck project;"
                " use another source with --source"
            )


def _alike(line: str) -> str:
    """Return the line without what differs each time, such as times and ports."""
    return re.sub(r"\d+", "0", line)


def _path_of(target: str) -> str | None:
    try:
        return normal_path(urlsplit(target).path)
    except ValueError:
        return None
