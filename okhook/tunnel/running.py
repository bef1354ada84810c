"""The tunnel at work: Hookdeck found, started, watched, started again, and ended with the block."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from typing import final

import anyio
from anyio.abc import TaskStatus

from okhook.activity import Activity, Warned
from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit, Child, StreamName, running_child
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory, RunFile
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.argv import listen_arguments, secret_flag
from okhook.tunnel.claim import MayEnd, claimed_port, end_orphans, source_in_use
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.environment import child_environment
from okhook.tunnel.find import HookdeckProgram, find_hookdeck
from okhook.tunnel.orphan import ChildIdentity, Orphan
from okhook.tunnel.parser import OutputParser, Said
from okhook.tunnel.supervisor import (
    Decision,
    EndChild,
    GiveUp,
    Publish,
    Restart,
    Supervisor,
)
from okhook.tunnel.url_history import UrlHistory
from okhook.tunnel.version import HookdeckVersion, ask_version, cannot_run, concern_about

PublishActivity = Callable[[Activity], None]


def never_end(_: Orphan) -> bool:
    """Leave orphans alone: for where nobody can be asked."""
    return False


@asynccontextmanager
async def running_tunnel(
    config: TunnelConfig,
    *,
    environ: Mapping[str, str],
    publish: PublishActivity,
    run_directory: RunDirectory,
    before_hard_exit: BeforeHardExit,
    may_end_orphan: MayEnd = never_end,
) -> "AsyncIterator[RunningTunnel]":
    """Keep a tunnel up for as long as the block lasts; it has a webhook URL when the block begins.

    Its activities go to ``publish``: ready (again after each restart), attempts, warnings and what
    else Hookdeck says. While it runs, the run file ``tunnel-PORT`` tells others its webhook URL.

    Raises:
        TunnelFailed: there is no Hookdeck, it gives no webhook URL, or it cannot heal. Out of the
            running block it comes in an ``ExceptionGroup``, as from any task group.

    """
    await end_orphans(run_directory, may_end_orphan)
    program = find_hookdeck(config.hookdeck, origin=config.hookdeck_origin, environ=environ)
    private = child_environment(environ)
    version = await ask_version(program, private, before_hard_exit=before_hard_exit)
    with ExitStack() as held:
        run_file = held.enter_context(claimed_port(run_directory, config.port))
        for concern in _concerns(config, version, run_directory):
            publish(Warned(concern))
        tunnel = RunningTunnel(
            config=config,
            program=program,
            version=version,
            environ=private,
            publish=publish,
            run_file=run_file,
            history=UrlHistory(run_directory),
            before_hard_exit=before_hard_exit,
        )
        async with anyio.create_task_group() as tasks:
            await tasks.start(tunnel.run)
            try:
                yield tunnel
            finally:
                tasks.cancel_scope.cancel()


@final
class RunningTunnel:
    """A tunnel that is kept up.

    ``ready`` is what the newest child announced, ``exit_code`` what the last one ended with: None
    while one runs, negative for a signal.
    """

    ready: TunnelReady

    def __init__(
        self,
        *,
        config: TunnelConfig,
        program: HookdeckProgram,
        version: HookdeckVersion,
        environ: Mapping[str, str],
        publish: PublishActivity,
        run_file: RunFile,
        history: UrlHistory,
        before_hard_exit: BeforeHardExit,
    ) -> None:
        arguments = listen_arguments(
            version, port=config.port, source=config.source, path=config.path, extra=config.extra
        )
        self.exit_code: int | None = None
        self._argv = [*program.argv, *arguments]
        self._config = config
        self._program = program
        self._environ = environ
        self._publish_activity = publish
        self._run_file = run_file
        self._history = history
        self._before_hard_exit = before_hard_exit
        own_urls = frozenset(each.url for each in history.all())
        self._supervisor = Supervisor(config, version, own_urls)
        self._parser = OutputParser()
        self._started: TaskStatus[None] | None = None
        self._stirred = anyio.Event()
        self._child_scope = anyio.CancelScope()
        self._failure: TunnelFailed | None = None
        self._facts: dict[str, object] = {}

    def restart(self, reason: str) -> None:
        """Start Hookdeck afresh: for whoever sees that nothing comes through although it runs."""
        self._apply(self._supervisor.restart_wanted(reason))

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Keep a child running; started once the first one has a webhook URL."""
        self._started = task_status
        while True:
            await self._run_child()
            decisions: list[Decision] = []
            if self._failure is None:
                decisions = self._supervisor.exited(self.exit_code, time.monotonic())
                self._apply(decisions)
            if self._failure is not None:
                raise self._failure
            for decision in decisions:
                if isinstance(decision, Restart):
                    await anyio.sleep(decision.delay_s)

    async def _run_child(self) -> None:
        self._parser = OutputParser()
        self._supervisor.started(time.monotonic())
        self.exit_code = None
        try:
            async with running_child(self._argv, environ=self._environ) as child:
                with self._before_hard_exit(child.kill_now):
                    self._tell_run_file(ChildIdentity.of(child.pid).facts())
                    try:
                        await self._watch(child)
                    finally:
                        with anyio.CancelScope(shield=True):
                            self.exit_code = await child.end()
        except OSError as error:
            raise cannot_run(self._program, error) from error

    async def _watch(self, child: Child) -> None:
        with anyio.CancelScope() as self._child_scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._watch_clock)
                await child.follow(self._take)
                tasks.cancel_scope.cancel()
        self._hear(self._parser.end())

    async def _watch_clock(self) -> None:
        """Tell the supervisor of a silence that lasts until its deadline."""
        while True:
            deadline_s = self._supervisor.deadline_s()
            wait_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
            with anyio.move_on_after(wait_s):
                await self._stirred.wait()
            self._stirred = anyio.Event()
            self._apply(self._supervisor.time_passed(time.monotonic()))

    def _take(self, stream: StreamName, chunk: bytes) -> None:
        self._hear(self._parser.feed(stream, chunk))

    def _hear(self, lines: list[Said]) -> None:
        for said in lines:
            self._apply(self._supervisor.heard(said, time.monotonic()))
        self._stirred.set()

    def _apply(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            match decision:
                case Publish(activity):
                    self._publish(activity)
                case EndChild():
                    self._child_scope.cancel()
                case GiveUp(error):
                    self._failure = error
                    self._child_scope.cancel()

    def _publish(self, activity: Activity) -> None:
        if isinstance(activity, TunnelReady):
            self.ready = activity
            self._history.note(activity.webhook_url, utc_now())
            self._tell_run_file(
                {"webhook_url": activity.webhook_url, "dashboard_url": activity.dashboard_url}
            )
        self._publish_activity(activity)
        if isinstance(activity, TunnelReady) and self._started is not None:
            self._started.started()
            self._started = None

    def _tell_run_file(self, facts: Mapping[str, object]) -> None:
        config = self._config
        self._facts |= {
            "source": config.source,
            "path": config.path,
            "port": config.port,
            **facts,
        }
        self._run_file.write(self._facts)


def _concerns(
    config: TunnelConfig, version: HookdeckVersion, run_directory: RunDirectory
) -> Iterator[str]:
    if concern := concern_about(version):
        yield concern
    if concern := source_in_use(run_directory, config):
        yield concern
    if flag := secret_flag(config.extra):
        yield (
            f"{flag} can be read in the process list by others on this machine;"
            " HOOKDECK_API_KEY or `hookdeck login` keeps it private"
        )
