"""The run file of a tunnel. It allows one tunnel for each port, and other commands read it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import final

from okhook.errors import TunnelFailed
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, RunFile
from okhook.runtime.runs import TunnelRun
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.orphans import started_at
from okhook.tunnel.url_history import UrlHistory


@final
class TunnelRunFile:
    """The run file ``tunnel-PORT``, owned by this process, and the history of webhook URLs."""

    def __init__(self, file: RunFile, config: TunnelConfig, history: UrlHistory) -> None:
        self._file = file
        self._history = history
        self._run = TunnelRun(config.source, config.path, config.port)

    def child_started(self, pid: int) -> None:
        """Write down the child's process, so that it can be found if this one is killed."""
        self._write(replace(self._run, child_pid=pid, child_started_at=started_at(pid) or 0.0))

    def is_ready(self, ready: TunnelReady) -> None:
        """Write down the webhook URL, here and in the history."""
        self._history.note(ready.webhook_url, utc_now())
        self._write(
            replace(self._run, webhook_url=ready.webhook_url, dashboard_url=ready.dashboard_url)
        )

    def _write(self, run: TunnelRun) -> None:
        self._run = run
        self._file.write(run)


@contextmanager
def claimed_port(run_directory: RunDirectory, config: TunnelConfig) -> Iterator[TunnelRunFile]:
    """Own the run file of the tunnel to the port for as long as the block lasts.

    Raises:
        TunnelFailed: another okhook owns it (hookdeck-cli #305: several listeners share the events
            unnoticed).
    """
    with ExitStack() as held:
        try:
            file = held.enter_context(run_directory.own(TunnelRun.name(config.port)))
        except AlreadyRunning as error:
            raise TunnelFailed(
                f"another okhook has a tunnel to port {config.port}"
                + (f": process {error.pid}" if error.pid else ""),
                why="two of them would share the events between them, unnoticed",
                next_step="end that one first, or choose another --port",
            ) from error
        yield TunnelRunFile(file, config, UrlHistory(run_directory))


def source_in_use(run_directory: RunDirectory, config: TunnelConfig) -> str | None:
    """Return a warning where a running tunnel to another port listens to the same source.

    Ask it after the claim, when our own run file is not yet written.
    """
    for run in run_directory.running(TunnelRun):
        if run.source == config.source:
            return (
                f"the tunnel to port {run.port} (process {run.pid}) listens to"
                f" the source {config.source} too: each event goes to both or to either;"
                " --source gives this one a source of its own"
            )
    return None
