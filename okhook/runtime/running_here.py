"""Which receivers, tunnels, sandboxes and ``okhook up`` run here, according to run files."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from okhook.runtime.run_files import (
    AdminRun,
    DetachedRun,
    InspectorRun,
    ReceiverRun,
    Run,
    RunDirectory,
    SandboxRun,
    TunnelRun,
    UpRun,
)
from okhook.wire.org import is_loopback

_SPELLINGS_OF_LOOPBACK = ("://0.0.0.0:", "://localhost:", "://[::]:", "://[::1]:")
_HTTP_PORT = 80
_Run = TypeVar("_Run", bound=Run)


THROUGH_TUNNEL: Final = "X-Okhook-Through-Tunnel"
"""Asks the control socket to post the request to the receiver's webhook URL, with its secret."""

FAULT: Final = "X-Okhook-Fault"
"""The header in which it says why there was no answer from the webhook URL."""


class ControlSocket(NamedTuple):
    """The control socket of a receiver, and the headers that a request needs there."""

    unix_socket: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunningHere:
    """What runs on this machine."""

    receivers: tuple[ReceiverRun, ...] = ()
    tunnels: tuple[TunnelRun, ...] = ()
    ups: tuple[UpRun, ...] = ()
    sandboxes: tuple[SandboxRun, ...] = ()

    @property
    def webhook_urls(self) -> tuple[str, ...]:
        """The webhook URLs of the tunnels that have one."""
        return tuple(tunnel.webhook_url for tunnel in self.tunnels if tunnel.webhook_url)

    @property
    def receiver_urls(self) -> tuple[str, ...]:
        """The URLs of the receivers."""
        return tuple(receiver.url for receiver in self.receivers)

    def urls_of(self, up: UpRun) -> tuple[str, ...]:
        """Return the URLs of an ``okhook up``: of its receiver and its tunnel."""
        receivers = [each.url for each in self.receivers if each.pid == up.pid]
        tunnels = [each.webhook_url for each in self.tunnels if each.pid == up.pid]
        return (*receivers, *filter(None, tunnels))

    def control_socket_of(self, url: str) -> "ControlSocket | None":
        """Return the control socket of the receiver at ``url``, which may be its tunnel's URL."""
        for receiver in self.receivers:
            if receiver.control_socket is None:
                continue
            if is_same_url(receiver.url, url):
                return ControlSocket(receiver.control_socket)
            if any(each.port == receiver.port and each.webhook_url == url for each in self.tunnels):
                return ControlSocket(receiver.control_socket, ((THROUGH_TUNNEL, "1"),))
        return None

    def at_port(self, port: int) -> "RunningHere":
        """Return the receiver at a port, and the tunnels that lead there, without the others."""
        receivers = tuple(each for each in self.receivers if each.port == port)
        tunnels = tuple(each for each in self.tunnels if each.port == port)
        return replace(self, receivers=receivers, tunnels=tunnels)

    def is_reached_by(self, url: str) -> bool:
        """Return whether a URL belongs to a receiver or tunnel that runs here."""
        return any(is_same_url(url, each) for each in (*self.receiver_urls, *self.webhook_urls))


def running_here(run_directory: RunDirectory) -> RunningHere:
    """Return what runs with this state directory."""
    tunnels = run_directory.running(TunnelRun)
    return RunningHere(
        receivers=tuple(run_directory.running(ReceiverRun)),
        tunnels=tuple(tunnel for tunnel in tunnels if tunnel.port and tunnel.path),
        ups=tuple(run_directory.running(UpRun)),
        sandboxes=tuple(run_directory.running(SandboxRun)),
    )


_KINDS = (UpRun, ReceiverRun, TunnelRun, SandboxRun, InspectorRun, AdminRun, DetachedRun)


@dataclass(frozen=True, slots=True)
class Program:
    """An okhook that keeps running, with the run files of its parts.

    If it was killed, these are what it left.
    """

    pid: int
    parts: tuple[Run, ...]
    is_running: bool = True

    def part(self, kind: type[_Run]) -> _Run | None:
        """Return the run file of a kind, if it has one."""
        return next((each for each in self.parts if isinstance(each, kind)), None)

    @property
    def command(self) -> str:
        """The command that it is, as far as its parts tell."""
        kinds = {type(each) for each in self.parts}
        if kinds & {UpRun, DetachedRun} or {ReceiverRun, SandboxRun} <= kinds:
            return "up"
        names = {ReceiverRun: "serve", TunnelRun: "tunnel", SandboxRun: "sandbox"}
        admin = self.part(AdminRun)
        otherwise = "inspect" if admin is None else admin.command
        return next((name for kind, name in names.items() if kind in kinds), otherwise)

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the port of its receiver, or else its command with its port."""
        if (receiver := self.part(ReceiverRun)) is not None:
            return (*filter(None, (receiver.receiver,)), str(receiver.port))
        ports = (getattr(each, "port", None) for each in self.parts)
        return (f"{self.command}-{next(filter(None, ports), self.pid)}",)

    def uses(self, port: int) -> bool:
        """Return whether a part of it listens on the port."""
        listening = (ReceiverRun, SandboxRun, InspectorRun, AdminRun)
        return any(isinstance(each, listening) and each.port == port for each in self.parts)

    @property
    def since(self) -> datetime | None:
        """When its first part began."""
        return min(filter(None, (each.since for each in self.parts)), default=None)


def programs_here(run_directory: RunDirectory) -> list[Program]:
    """Return the programs that run here, the first to be ended first.

    After them come those in the background that were killed: their logs may say more.
    """
    running = _by_pid(run for kind in _KINDS for run in run_directory.running(kind))
    left = _by_pid(run for kind in _KINDS for run in run_directory.left_over(kind).values())
    return [
        *(Program(pid, tuple(parts)) for pid, parts in running.items()),
        *(
            Program(pid, tuple(parts), is_running=False)
            for pid, parts in left.items()
            if any(isinstance(each, DetachedRun) for each in parts)
        ),
    ]


def _by_pid(runs: Iterable[Run]) -> dict[int, list[Run]]:
    found: dict[int, list[Run]] = {}
    for run in runs:
        found.setdefault(run.pid, []).append(run)
    return found


def is_same_url(one: str, other: str) -> bool:
    """Return whether two URLs are equal, apart from a final slash and the name of localhost."""
    return _spelled_alike(one) == _spelled_alike(other)


@dataclass(frozen=True, slots=True)
class LocalEndpoint:
    """The port and path of a receiver on this machine."""

    port: int
    path: str

    @property
    def url(self) -> str:
        """The URL for programs on this machine."""
        return f"http://127.0.0.1:{self.port}{self.path}"


def local_endpoint(url: str) -> LocalEndpoint | None:
    """Return the local endpoint of a URL; None if it is on another machine, or invalid."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not is_loopback(host):
        return None
    return LocalEndpoint(_HTTP_PORT if port is None else port, parts.path or "/")


def _spelled_alike(url: str) -> str:
    for spelling in _SPELLINGS_OF_LOOPBACK:
        url = url.replace(spelling, "://127.0.0.1:")
    return url.rstrip("/")
