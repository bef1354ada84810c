"""Which receivers of okhook's run here, by their run files."""

from dataclasses import dataclass
from datetime import UTC, datetime

from okhook.runtime.run_files import RunDirectory

_KIND = "receiver-"
_UP_KIND = "up-"


@dataclass(frozen=True, slots=True)
class ReceiverHere:
    """A receiver that runs. ``is_up`` tells that ``okhook up`` is what runs it.

    ``since`` is when its process began, aware UTC; None where the system does not say.
    """

    url: str
    port: int
    pid: int
    is_up: bool
    since: datetime | None = None


def receivers_here(run_directory: RunDirectory) -> list[ReceiverHere]:
    """Return the receivers that run with this state directory."""
    up_pids = {record.facts.get("pid") for record in run_directory.running(_UP_KIND)}
    found = []
    for record in run_directory.running(_KIND):
        url, port, pid = (record.facts.get(name) for name in ("url", "port", "pid"))
        if isinstance(url, str) and isinstance(port, int) and isinstance(pid, int):
            found.append(ReceiverHere(url, port, pid, pid in up_pids, _start_of(pid)))
    return found


def _start_of(pid: int) -> datetime | None:
    import psutil

    try:
        return datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC)
    except psutil.Error:
        return None
