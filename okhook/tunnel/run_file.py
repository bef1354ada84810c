"""The run file of a tunnel: at most one tunnel a port, and what other commands read of it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import final

from okhook.errors import TunnelFailed
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, RunFile
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.orphans import RUN_FILE_KIND, child_facts
from okhook.tunnel.url_history import UrlHistory


@final
class TunnelRunFile:
    """The run file ``tunnel-PORT``, owned by this process, and the history of webhook URLs."""

    def __init__(self, file: RunFile, config: TunnelConfig, history: UrlHistory) -> None:
        self._file = file
        self._history = history
        self._facts: dict[str, object] = {
            "source": config.source,
            "path": config.path,
            "port": config.port,
        }

    def child_started(self, pid: int) -> None:
        """Keep which process it is, so that it is found again if this one is killed."""
        self._write(child_facts(pid))

    def is_ready(self, ready: TunnelReady) -> None:
        """Tell others the webhook URL, and keep it in the history."""
        self._history.note(ready.webhook_url, utc_now())
        self._write({"webhook_url": ready.webhook_url, "dashboard_url": ready.dashboard_url})

    def _write(self, facts: Mapping[str, object]) -> None:
        self._facts |= facts
        self._file.write(self._facts)


@contextmanager
def claimed_port(run_directory: RunDirectory, config: TunnelConfig) -> Iterator[TunnelRunFile]:
    """Own the run file of the tunnel to the port for as long as the block lasts.

    Raises:
        TunnelFailed: another okhook owns it (hookdeck-cli #305: several listeners share the events
            unnoticed).

    """
    with ExitStack() as held:
        try:
            file = held.enter_context(run_directory.own(f"{RUN_FILE_KIND}{config.port}"))
        except AlreadyRunning as error:
            pid = (error.facts or {}).get("pid")
            raise TunnelFailed(
                f"another okhook has a tunnel to port {config.port}"
                + (f": process {pid}" if isinstance(pid, int) else ""),
                why="two of them would share the events between them, unnoticed",
                next_step="end that one first, or choose another --port",
            ) from error
        yield TunnelRunFile(file, config, UrlHistory(run_directory))


def source_in_use(run_directory: RunDirectory, config: TunnelConfig) -> str | None:
    """Return a warning where a running tunnel to another port listens to the same source.

    Ask it after the claim, when our own run file is not yet written.
    """
    for record in run_directory.running(RUN_FILE_KIND):
        facts = record.facts
        if facts.get("source") == config.source:
            return (
                f"the tunnel to port {facts.get('port')} (process {facts.get('pid')}) listens to"
                f" the source {config.source} too: each event goes to both or to either;"
                " --source gives this one a source of its own"
            )
    return None
