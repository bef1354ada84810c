"""Run a tunnel: find Hookdeck, start it, watch it, start it again, and end it with the block."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import final

import anyio
from anyio.abc import TaskStatus

from okhook.activity import Activity, Warned
from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit, Child, running_child
from okhook.runtime.run_files import RunDirectory
from okhook.tunnel.activities import TunnelReady, TunnelRestarting
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.hookdeck.parser import OutputParser, Said
from okhook.tunnel.hookdeck.program import (
    HookdeckProgram,
    child_environment,
    find_hookdeck,
    secret_flag,
)
from okhook.tunnel.hookdeck.supervisor import Decision, EndChild, Supervisor
from okhook.tunnel.hookdeck.version import HookdeckVersion, ask_version
from okhook.tunnel.orphans import MayEnd, end_orphans
from okhook.tunnel.run_file import TunnelRunFile, claimed_port, source_in_use
from okhook.tunnel.url_history import UrlHistory

PublishActivity = Callable[[Activity], None]


@asynccontextmanager
async def running_tunnel(
    config: TunnelConfig,
    *,
    environ: Mapping[str, str],
    publish: PublishActivity,
    run_directory: RunDirectory,
    before_hard_exit: BeforeHardExit,
    may_end_orphan: MayEnd,
) -> "AsyncIterator[RunningTunnel]":
    """Keep a tunnel up for as long as the block lasts. The block begins once it has a webhook URL.

    Its activities go to ``publish``: ready (again after each restart), attempts, warnings and what
    else Hookdeck says. While it runs, the run file ``tunnel-PORT`` tells others its webhook URL.

    Raises:
        TunnelFailed: Hookdeck is not there, gives no webhook URL, or has a fault that lasts. From
            within the block it comes in an ``ExceptionGroup``, as from any task group.
    """
    await end_orphans(run_directory, may_end_orphan)
    program = find_hookdeck(config.hookdeck, origin=config.hookdeck_origin, environ=environ)
    environ = child_environment(environ)
    version = await ask_version(program, environ, before_hard_exit=before_hard_exit)
    own_urls = frozenset(past.url for past in UrlHistory(run_directory).all())
    with claimed_port(run_directory, config) as run_file:
        for concern in _concerns(config, version, run_directory):
            publish(Warned(concern))
        tunnel = RunningTunnel(
            program,
            version.listen_arguments(config),
            environ,
            publish,
            run_file,
            before_hard_exit,
            Supervisor(config, version, time.monotonic(), own_urls),
        )
        async with anyio.create_task_group() as tasks:
            await tasks.start(tunnel.run)
            try:
                yield tunnel
            finally:
                tasks.cancel_scope.cancel()


@final
@dataclass(slots=True)
class RunningTunnel:
    """A tunnel that is kept up.

    ``ready`` is what the newest child announced, ``exit_code`` what the last one ended with: None
    while one runs, negative for a signal.
    """

    _program: HookdeckProgram
    _arguments: Sequence[str]
    _environ: Mapping[str, str]
    _publish: PublishActivity
    _run_file: TunnelRunFile
    _before_hard_exit: BeforeHardExit
    _supervisor: Supervisor
    ready: TunnelReady = field(init=False)
    exit_code: int | None = None
    _parser: OutputParser = field(default_factory=OutputParser)
    _heard_something: anyio.Event = field(default_factory=anyio.Event)
    _child_scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _failure: TunnelFailed | None = None
    _starting: TaskStatus[None] | None = None

    def restart(self, reason: str) -> None:
        """Start Hookdeck afresh, because nothing comes through although it runs."""
        self._apply(self._supervisor.restart_wanted(reason))

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Keep a child running. The task counts as started once there is a webhook URL."""
        self._starting = task_status
        while True:
            await self._run_child()
            decisions: list[Decision] = []
            if self._failure is None:
                decisions = self._supervisor.exited(self.exit_code, time.monotonic())
                self._apply(decisions)
            if self._failure is not None:
                raise self._failure
            for decision in decisions:
                if isinstance(decision, TunnelRestarting):
                    await anyio.sleep(decision.delay_s)

    async def _run_child(self) -> None:
        self._parser = OutputParser()
        self._supervisor.started(time.monotonic())
        self.exit_code = None
        argv = [*self._program.argv, *self._arguments]
        try:
            async with running_child(argv, environ=self._environ) as child:
                with self._before_hard_exit(child.kill_now):
                    self._run_file.child_started(child.pid)
                    try:
                        await self._watch(child)
                    finally:
                        with anyio.CancelScope(shield=True):
                            self.exit_code = await child.end()
        except OSError as error:
            raise self._program.cannot_run(error) from error

    async def _watch(self, child: Child) -> None:
        with anyio.CancelScope() as self._child_scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._watch_clock)
                await child.follow(
                    lambda stream, chunk: self._hear(self._parser.feed(stream, chunk))
                )
                tasks.cancel_scope.cancel()
        self._hear(self._parser.end())

    async def _watch_clock(self) -> None:
        """Tell the supervisor when its deadline passes in silence."""
        while True:
            deadline_s = self._supervisor.deadline_s()
            wait_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
            with anyio.move_on_after(wait_s):
                await self._heard_something.wait()
            self._heard_something = anyio.Event()
            self._apply(self._supervisor.time_passed(time.monotonic()))

    def _hear(self, lines: list[Said]) -> None:
        for said in lines:
            self._apply(self._supervisor.heard(said, time.monotonic()))
        self._heard_something.set()

    def _apply(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            match decision:
                case TunnelReady():
                    self._become_ready(decision)
                case Activity():
                    self._publish(decision)
                case EndChild():
                    self._child_scope.cancel()
                case TunnelFailed():
                    self._failure = decision
                    self._child_scope.cancel()

    def _become_ready(self, ready: TunnelReady) -> None:
        self.ready = ready
        self._run_file.is_ready(ready)
        self._publish(ready)
        if self._starting is not None:
            self._starting.started()
            self._starting = None


def _concerns(
    config: TunnelConfig, version: HookdeckVersion, run_directory: RunDirectory
) -> Iterator[str]:
    if concern := version.concern():
        yield concern
    if concern := source_in_use(run_directory, config):
        yield concern
    if flag := secret_flag(config.extra):
        yield (
            f"{flag} can be read in the process list by others on this machine;"
            " HOOKDECK_API_KEY or `hookdeck login` keeps it private"
        )
