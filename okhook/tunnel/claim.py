"""One tunnel a port: who may have it, what a killed one left, and who else uses the source."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from okhook.errors import TunnelFailed
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, RunFile
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.orphan import RUN_FILE_KIND, Orphan, find_orphans

MayEnd = Callable[[Orphan], bool]
"""Tells whether an orphan may be ended: by a flag, or because a person said yes."""


@contextmanager
def claimed_port(run_directory: RunDirectory, port: int) -> Iterator[RunFile]:
    """Hold the run file of the tunnel to ``port``; it is removed at the end of the block.

    Raises:
        TunnelFailed: another okhook holds it (hookdeck-cli #305: several listeners share the
            events unnoticed).

    """
    with ExitStack() as held:
        try:
            run_file = held.enter_context(run_directory.own(f"{RUN_FILE_KIND}{port}"))
        except AlreadyRunning as error:
            pid = (error.facts or {}).get("pid")
            raise TunnelFailed(
                f"another okhook has a tunnel to port {port}"
                + (f": process {pid}" if isinstance(pid, int) else ""),
                why="two of them would share the events between them, unnoticed",
                next_step="end that one first, or choose another --port",
            ) from error
        yield run_file


def source_in_use(run_directory: RunDirectory, config: TunnelConfig) -> str | None:
    """Return a warning where a running tunnel to another port listens to the same source.

    The run file of our own port is claimed and not yet written when this is asked.
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


async def end_orphans(run_directory: RunDirectory, may_end: MayEnd) -> list[Orphan]:
    """End what killed tunnels left running, where that is allowed; return what was ended.

    Raises:
        TunnelFailed: an orphan may not be ended, or does not end.

    """
    ended = []
    for orphan in find_orphans(run_directory):
        if not may_end(orphan):
            raise TunnelFailed(
                f"a Hookdeck that an okhook left behind still listens: process group {orphan.pgid},"
                f" source {orphan.source}, port {orphan.port}",
                why="that okhook was killed; two listeners would share the events between them",
                next_step=f"run it again with --end-orphan, or: kill -- -{orphan.pgid}",
            )
        if not await orphan.end():
            raise TunnelFailed(
                f"the Hookdeck that was left behind does not end: process group {orphan.pgid}",
                next_step=f"end it by hand: kill -KILL -- -{orphan.pgid}",
            )
        run_directory.forget(orphan.run_file)
        ended.append(orphan)
    return ended
