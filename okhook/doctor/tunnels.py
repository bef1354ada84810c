"""Which tunnels of okhook's run here, by their run files."""

from dataclasses import dataclass

from okhook.doctor.place import Place
from okhook.runtime.run_files import RunDirectory, RunFacts
from okhook.tunnel.orphans import RUN_FILE_KIND


@dataclass(frozen=True, slots=True)
class TunnelHere:
    """A tunnel that runs: its webhook URL, None until it has one, and where it leads."""

    url: str | None
    place: Place
    pid: int


def tunnels_here(run_directory: RunDirectory) -> list[TunnelHere]:
    """Return the tunnels that run with this state directory."""
    found = (_tunnel(record.facts) for record in run_directory.running(RUN_FILE_KIND))
    return [tunnel for tunnel in found if tunnel is not None]


def urls_of(tunnels: list[TunnelHere]) -> list[str]:
    """Return the webhook URLs of those that have one."""
    return [tunnel.url for tunnel in tunnels if tunnel.url]


def _tunnel(facts: RunFacts) -> TunnelHere | None:
    url, port, path, pid = (facts.get(name) for name in ("webhook_url", "port", "path", "pid"))
    if not (isinstance(port, int) and isinstance(path, str) and isinstance(pid, int)):
        return None
    return TunnelHere(url if isinstance(url, str) and url else None, Place(port, path), pid)
