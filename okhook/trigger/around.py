"""What runs on this machine that has to do with the way of an event: read from run files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from okhook.runtime.run_files import RunRecord


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel that runs here. ``webhook_url`` is what Okta calls."""

    webhook_url: str
    dashboard_url: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A hook that a running ``okhook up`` looks after: its events are what that was given."""

    hook_id: str
    has_own_sandbox: bool


@dataclass(frozen=True, slots=True)
class Around:
    """The receivers, each by its URL, the tunnels, and the hooks of ``okhook up`` that run here."""

    receivers: tuple[str, ...]
    tunnels: tuple[Tunnel, ...]
    held: tuple[Held, ...] = ()


def around_of(running: Callable[[str], Sequence[RunRecord]]) -> Around:
    """Return what the run files say; ``running`` returns those of one kind with live owners."""
    urls = (_text(record, "url") for record in running("receiver-"))
    with_sandbox = {record.facts.get("pid") for record in running("sandbox-")}
    return Around(
        tuple(url for url in urls if url is not None),
        tuple(
            Tunnel(url, _text(record, "dashboard_url"))
            for record in running("tunnel-")
            if (url := _text(record, "webhook_url")) is not None
        ),
        tuple(
            Held(hook_id, record.facts.get("pid") in with_sandbox)
            for record in running("up-")
            if (hook_id := _text(record, "hook_id")) is not None
        ),
    )


def leads_here(url: str, around: Around) -> bool:
    """Tell whether a URL is known to lead to this machine: the receiver's own, or a tunnel's."""
    known = (*around.receivers, *(tunnel.webhook_url for tunnel in around.tunnels))
    return any(is_same_url(url, each) for each in known)


def is_same_url(one: str, other: str) -> bool:
    """Tell whether two URLs are one, a last slash and the spelling of this machine aside."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> str:
    for spelling in ("://0.0.0.0:", "://localhost:", "://[::]:", "://[::1]:"):
        url = url.replace(spelling, "://127.0.0.1:")
    return url.rstrip("/")


def _text(record: RunRecord, name: str) -> str | None:
    value = record.facts.get(name)
    return value if isinstance(value, str) and value else None
