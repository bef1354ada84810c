"""Run a tunnel: find Hookdeck, start it, watch it, restart it, and stop it with the block."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import anyio
from anyio.abc import TaskStatus

from okhook.activity import Activity, Warned
from okhook.errors import TunnelFailed
from okhook.runtime.child import BeforeHardExit, Child, child_environment, running_child
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory, RunFile, TunnelRun
from okhook.tunnel.activities import TunnelReady, TunnelRestarting
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.parser import OutputParser, ParsedLine
from okhook.tunnel.hookdeck.program import (
    HookdeckProgram,
    HookdeckVersion,
    apart_from_project,
    ask_version,
    fetched,
    find_hookdeck,
    secret_flag,
)
from okhook.tunnel.hookdeck.stalls import LOOK_EVERY_S, StallWatch, stalled_state
from okhook.tunnel.hookdeck.supervisor import QUIET_S, Decision, EndChild, Pause, Supervisor
from okhook.tunnel.past_tunnels import end_orphans, note_url, past_urls, started_at

PublishActivity = Callable[[Activity], None]


@asynccontextmanager
async def running_tunnel(
    config: HookdeckConfig,
    *,
    environ: Mapping[str, str],
    publish: PublishActivity,
    run_directory: RunDirectory,
    before_hard_exit: BeforeHardExit,
    begun: "Callable[[RunningTunnel], None]" = lambda _: None,
) -> "AsyncIterator[RunningTunnel]":
    """Keep a tunnel up until the block ends. The block begins when there is a webhook URL.

    ``begun`` gets the tunnel before that: a signal may come when its URL was just published.

    The run file ``tunnel-PORT`` allows one tunnel for each port, because several listeners share
    the events unnoticed (hookdeck-cli #305).

    Raises:
        TunnelFailed: Hookdeck is not installed, announces no webhook URL, or fails for good;
            another okhook has a tunnel to the port. A failure within the block is raised in an
            ``ExceptionGroup``.
    """
    await end_orphans(run_directory, publish)
    environ = child_environment(environ)
    environ.pop("PGPASSWORD", None)  # of the store
    with apart_from_project(find_hookdeck(config.hookdeck, environ)) as found:
        async with _said_if_slow("npx has not yet downloaded the Hookdeck CLI", publish):
            program = await fetched(found, environ, before_hard_exit=before_hard_exit)
        version = await ask_version(program, environ, before_hard_exit=before_hard_exit)
        own_urls = frozenset(past.url for past in past_urls(run_directory))
        with run_directory.own(
            TunnelRun.name(config.port),
            lambda owner: TunnelFailed(
                f"another okhook has a tunnel to port {config.port} ({owner})",
                why="two tunnels to one port would share the events between them",
                next_step="stop the other one, or choose another --port",
            ),
        ) as run_file:
            for warning in _warnings(config, version, run_directory):
                publish(Warned(warning))
            tunnel = RunningTunnel(
                program,
                version.listen_arguments(config),
                environ,
                publish,
                run_file,
                run_directory,
                before_hard_exit,
                Supervisor(config, version, anyio.current_time(), own_urls, _proxy_in(environ)),
                TunnelRun(config.source, config.path, config.port),
            )
            begun(tunnel)
            async with anyio.create_task_group() as tasks:
                await tasks.start(tunnel.run)
                try:
                    yield tunnel
                finally:
                    tasks.cancel_scope.cancel()


@dataclass(slots=True)
class RunningTunnel:
    """A tunnel with its current Hookdeck process, the child.

    ``ready`` is the newest announcement. ``exit_code`` is that of the last child: None while a
    child runs, negative for a signal.
    """

    _program: HookdeckProgram
    _arguments: Sequence[str]
    _environ: Mapping[str, str]
    _publish: PublishActivity
    _run_file: RunFile
    _run_directory: RunDirectory
    _before_hard_exit: BeforeHardExit
    _supervisor: Supervisor
    _run: TunnelRun
    ready: TunnelReady = field(init=False)
    exit_code: int | None = None
    _parser: OutputParser = field(default_factory=OutputParser)
    _heard_something: anyio.Event = field(default_factory=anyio.Event)
    _child_scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _failure: TunnelFailed | None = None
    _starting: TaskStatus[None] | None = None

    def restart(self, reason: str) -> None:
        """Start a new child, because no delivery arrives although the current one runs."""
        self._apply(self._supervisor.restart_wanted(reason))

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Keep a child running. The task counts as started when there is a webhook URL."""
        self._starting = task_status
        while True:
            await self._run_child()
            decisions: list[Decision] = []
            if self._failure is None:
                decisions = self._supervisor.exited(self.exit_code, anyio.current_time())
                self._apply(decisions)
            if self._failure is not None:
                raise self._failure
            for decision in decisions:
                if isinstance(decision, TunnelRestarting | Pause):
                    await anyio.sleep(decision.delay_s)

    async def _run_child(self) -> None:
        self._parser = OutputParser()
        self._supervisor.started(anyio.current_time())
        self.exit_code = None
        argv, directory = [*self._program.argv, *self._arguments], self._program.directory
        try:
            async with running_child(argv, environ=self._environ, directory=directory) as child:
                with self._before_hard_exit(child.kill_now):
                    began_at = started_at(child.pid) or 0.0
                    self._write_run(
                        replace(self._run, child_pid=child.pid, child_started_at=began_at)
                    )
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
                tasks.start_soon(self._watch_state, child.pid)
                await child.follow(
                    lambda stream, chunk: self._hear(self._parser.feed(stream, chunk))
                )
                tasks.cancel_scope.cancel()
        self._hear(self._parser.end())

    async def _watch_clock(self) -> None:
        """Tell the supervisor when its deadline passes without a word from the child."""
        while True:
            deadline_s = self._supervisor.deadline_s()
            wait_s = None if deadline_s is None else max(0.0, deadline_s - anyio.current_time())
            with anyio.move_on_after(wait_s):
                await self._heard_something.wait()
            self._heard_something = anyio.Event()
            self._apply(self._supervisor.time_passed(anyio.current_time()))

    async def _watch_state(self, pgid: int) -> None:
        """Say that the child does not run or runs again, and replace it after a while."""
        watch = StallWatch(pgid)
        while not watch.is_hopeless:
            await anyio.sleep(LOOK_EVERY_S)
            if news := watch.look(stalled_state(pgid)):
                self._publish(news)
        self.restart("Hookdeck's process was stopped or hung")

    def _hear(self, lines: list[ParsedLine]) -> None:
        for said in lines:
            self._apply(self._supervisor.heard(said, anyio.current_time()))
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
        note_url(self._run_directory, ready.webhook_url, utc_now())
        self._write_run(
            replace(self._run, webhook_url=ready.webhook_url, dashboard_url=ready.dashboard_url)
        )
        self._publish(ready)
        if self._starting is not None:
            self._starting.started()
            self._starting = None

    def _write_run(self, run: TunnelRun) -> None:
        self._run = run
        self._run_file.write(run)


@asynccontextmanager
async def _said_if_slow(text: str, publish: PublishActivity) -> AsyncIterator[None]:
    """Publish a warning if the block takes longer than people wait without a word."""

    async def say() -> None:
        await anyio.sleep(QUIET_S)
        publish(Warned(f"{text} after {QUIET_S:g} s"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(say)
        yield
        tasks.cancel_scope.cancel()


def _proxy_in(environ: Mapping[str, str]) -> str | None:
    """Return the proxy of Hookdeck, without user name and password."""
    proxy = environ.get("HTTPS_PROXY") or environ.get("https_proxy") or ""
    return proxy.rpartition("://")[2].rpartition("@")[2] or None


def _warnings(
    config: HookdeckConfig, version: HookdeckVersion, run_directory: RunDirectory
) -> Iterator[str]:
    if concern := version.concern():
        yield concern
    for run in run_directory.running(TunnelRun):
        if run.source == config.source:
            yield (
                f"the tunnel to port {run.port} (process {run.pid}) also uses the Hookdeck source"
                f" {config.source}, and may take events from this one;"
                " use another source with --source"
            )
    if flag := secret_flag(config.extra):
        yield (
            f"other users of this machine can read the value of {flag} in the process list;"
            " set HOOKDECK_API_KEY or run hookdeck login instead"
        )
