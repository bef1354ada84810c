"""Which receivers, tunnels, sandboxes and ``okhook up`` run here, according to run files."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from okhook.runtime.run_files import ReceiverRun, RunDirectory, SandboxRun, TunnelRun, UpRun
from okhook.wire.org import is_loopback

_SPELLINGS_OF_LOOPBACK = ("://0.0.0.0:", "://localhost:", "://[::]:", "://[::1]:")
_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class RunningHere:
    """What runs here."""

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
