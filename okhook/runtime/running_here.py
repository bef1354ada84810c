"""What runs here: the receivers, tunnels and ``okhook up`` of this machine, by their run files.

A run file that is just being written, or that another version wrote, says nothing and is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from okhook.runtime.run_files import RunDirectory, RunRecord
from okhook.wire.org import is_loopback

T = TypeVar("T", str, int)

_SPELLINGS_OF_LOOPBACK = ("://0.0.0.0:", "://localhost:", "://[::]:", "://[::1]:")
_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class ReceiverHere:
    """A receiver that runs."""

    url: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class TunnelHere:
    """A tunnel that runs. ``webhook_url``, which Okta calls, is None until it has one.

    What comes goes to ``path`` on ``port`` of this machine.
    """

    webhook_url: str | None
    dashboard_url: str | None
    port: int
    path: str
    pid: int


@dataclass(frozen=True, slots=True)
class UpHere:
    """An ``okhook up`` that runs, and the hook that it looks after, once it has one."""

    org_url: str | None
    hook_id: str | None
    has_own_sandbox: bool
    pid: int


@dataclass(frozen=True, slots=True)
class RunningHere:
    """All that runs here."""

    receivers: tuple[ReceiverHere, ...] = ()
    tunnels: tuple[TunnelHere, ...] = ()
    ups: tuple[UpHere, ...] = ()

    @property
    def webhook_urls(self) -> tuple[str, ...]:
        """The webhook URLs of the tunnels that have one."""
        return tuple(tunnel.webhook_url for tunnel in self.tunnels if tunnel.webhook_url)

    @property
    def receiver_urls(self) -> tuple[str, ...]:
        """The URLs of the receivers."""
        return tuple(receiver.url for receiver in self.receivers)

    def is_reached_by(self, url: str) -> bool:
        """Tell whether a URL is known to lead here: the receiver's own, or a tunnel's."""
        return any(is_same_url(url, each) for each in (*self.receiver_urls, *self.webhook_urls))

    def is_of_up(self, receiver: ReceiverHere) -> bool:
        """Tell whether ``okhook up`` runs a receiver."""
        return any(up.pid == receiver.pid for up in self.ups)


def running_here(run_directory: RunDirectory) -> RunningHere:
    """Return what runs with this state directory.

    Raises:
        ConfigurationError: the directory cannot be looked into.

    """
    sandbox_pids = {_fact(each, "pid", int) for each in run_directory.running("sandbox-")}
    return RunningHere(
        receivers=tuple(_receivers(run_directory)),
        tunnels=tuple(_tunnels(run_directory)),
        ups=tuple(
            UpHere(_fact(up, "org", str), _fact(up, "hook_id", str), pid in sandbox_pids, pid)
            for up in run_directory.running("up-")
            if (pid := _fact(up, "pid", int)) is not None
        ),
    )


def is_same_url(one: str, other: str) -> bool:
    """Tell whether two URLs are one, a last slash and the spelling of this machine aside."""
    return _spelled_alike(one) == _spelled_alike(other)


@dataclass(frozen=True, slots=True)
class LocalEndpoint:
    """A port of this machine and a path on it, where a receiver listens or should."""

    port: int
    path: str

    @property
    def url(self) -> str:
        """The URL under which programs of this machine reach it."""
        return f"http://127.0.0.1:{self.port}{self.path}"


def local_endpoint(url: str) -> LocalEndpoint | None:
    """Return where on this machine a URL leads; None for another's, and for what is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not is_loopback(host):
        return None
    return LocalEndpoint(_HTTP_PORT if port is None else port, parts.path or "/")


def _receivers(run_directory: RunDirectory) -> Iterator[ReceiverHere]:
    for record in run_directory.running("receiver-"):
        url, port, pid = (
            _fact(record, "url", str),
            _fact(record, "port", int),
            _fact(record, "pid", int),
        )
        if url is not None and port is not None and pid is not None:
            yield ReceiverHere(url, port, pid)


def _tunnels(run_directory: RunDirectory) -> Iterator[TunnelHere]:
    for record in run_directory.running("tunnel-"):
        port, pid = _fact(record, "port", int), _fact(record, "pid", int)
        path = _fact(record, "path", str)
        if port is not None and path is not None and pid is not None:
            yield TunnelHere(
                _fact(record, "webhook_url", str),
                _fact(record, "dashboard_url", str),
                port,
                path,
                pid,
            )


def _fact(record: RunRecord, name: str, kind: type[T]) -> T | None:
    """Return a fact of a run file; None where it is empty or of another type."""
    value = record.facts.get(name)
    return value if isinstance(value, kind) and value else None


def _spelled_alike(url: str) -> str:
    for spelling in _SPELLINGS_OF_LOOPBACK:
        url = url.replace(spelling, "://127.0.0.1:")
    return url.rstrip("/")
