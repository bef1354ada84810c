"""A running tunnel with programs that behave as hookdeck may."""

import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from okhook.activity import Activity, Warned
from okhook.config.setting import Setting
from okhook.errors import TunnelFailed
from okhook.runtime.child import group_is_alive
from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelOutput,
    TunnelReady,
    TunnelRestarting,
)
from okhook.tunnel.hookdeck import supervisor
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from tests.hookdeck.fake import ANNOUNCEMENT, WAIT, fake_hookdeck
from tests.support.okhook_process import PATIENCE_S
from tests.tunnel.left_behind import LISTENER, facts_of, leave_run_file, process_group

pytestmark = pytest.mark.anyio


PATIENT = HookdeckConfig(timeout_s=PATIENCE_S)


class Stage:
    """A folder with a program, a run directory, and everything that was published."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run_directory = RunDirectory(folder / "run")
        self.published: list[Activity] = []
        self.last_acts: list[Callable[[], None]] = []
        self._changed = anyio.Event()

    def publish(self, activity: Activity) -> None:
        self.published.append(activity)
        self._changed.set()
        self._changed = anyio.Event()

    @contextmanager
    def before_hard_exit(self, act: Callable[[], None]) -> Iterator[None]:
        self.last_acts.append(act)
        try:
            yield
        finally:
            self.last_acts.remove(act)

    async def until(self, kind: type[Activity], count: int = 1) -> Activity:
        with anyio.fail_after(PATIENCE_S):
            while len(found := [a for a in self.published if isinstance(a, kind)]) < count:
                await self._changed.wait()
        return found[count - 1]

    def runs(self) -> list[dict[str, Any]]:
        if not (self.folder / "runs").exists():
            return []
        lines = (self.folder / "runs").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def is_clean(self) -> bool:
        """Whether nothing is left: no process, no run file, no last act."""
        files = list((self.folder / "run").glob("*.json"))
        return (
            not files
            and not self.last_acts
            and not any(group_is_alive(run["pid"]) for run in self.runs())
        )

    @asynccontextmanager
    async def tunnel(
        self, body: str, config: HookdeckConfig = PATIENT, *, version: str = "2.6.0"
    ) -> AsyncIterator[RunningTunnel]:
        program = fake_hookdeck(self.folder, body, version=version)
        config = replace(config, hookdeck=Setting(str(program), "--hookdeck"))
        environ = {**os.environ, "OKHOOK_AUTH_SECRET": "s3cret", "OKTA_API_TOKEN": "t0ken"}
        async with running_tunnel(
            config,
            environ=environ,
            publish=self.publish,
            run_directory=self.run_directory,
            before_hard_exit=self.before_hard_exit,
        ) as tunnel:
            yield tunnel


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(supervisor, "BACK_OFF_S", (0.1,))
    return Stage(tmp_path)


def failure(caught: "pytest.ExceptionInfo[BaseException]") -> TunnelFailed:
    error: BaseException = caught.value
    while isinstance(error, BaseExceptionGroup):
        [error] = error.exceptions
    assert isinstance(error, TunnelFailed)
    return error


async def kill_and_stay(stage: Stage, body: str) -> None:
    """Kill the first child once it is ready, and wait in the block for what follows."""
    async with stage.tunnel(body):
        os.kill(stage.runs()[0]["pid"], signal.SIGKILL)
        await anyio.sleep_forever()


async def test_a_tunnel_is_ready_with_its_webhook_url(stage: Stage) -> None:
    """The URL is in the run file until the tunnel ends."""
    async with stage.tunnel(ANNOUNCEMENT + WAIT, replace(PATIENT, path="/h", port=4321)) as tunnel:
        assert tunnel.ready.webhook_url == "https://hkdk.events/src_fake"
        assert tunnel.ready.forwards_to == "http://localhost:4321/h"
        [run] = stage.run_directory.running(TunnelRun)
        assert run == stage.run_directory.read(TunnelRun, "tunnel-4321")
        assert run.webhook_url == "https://hkdk.events/src_fake"
        assert run.dashboard_url == "https://console.example/guest?token=t"
        assert (run.source, run.path, run.port) == ("okta", "/h", 4321)
        assert run.child_pid == stage.runs()[0]["pid"]
        assert len(stage.last_acts) == 1
    assert tunnel.exit_code == -signal.SIGINT
    assert stage.is_clean()


async def test_the_child_gets_its_arguments_and_no_secret(stage: Stage) -> None:
    """The flags of its version, then the user's, and an environment without our secrets."""
    async with stage.tunnel(ANNOUNCEMENT + WAIT, replace(PATIENT, extra=("--log-level", "debug"))):
        [run] = stage.runs()
    assert run["argv"] == [
        *("listen", "1337", "okta", "--path", "/okta-webhooks-endpoint"),
        *("--output", "compact", "--log-level", "debug"),
    ]
    assert not {"OKHOOK_AUTH_SECRET", "OKTA_API_TOKEN"} & set(run["env"])
    assert run["env"]["PATH"] == os.environ["PATH"]


async def test_a_killed_child_is_restarted(stage: Stage) -> None:
    """The next one is ready after the back-off, and the run file is up to date."""
    async with stage.tunnel(ANNOUNCEMENT + WAIT):
        os.kill(stage.runs()[0]["pid"], signal.SIGKILL)
        assert await stage.until(TunnelRestarting) == TunnelRestarting(0.1, "ended by SIGKILL", -9)
        await stage.until(TunnelReady, 2)
        run = stage.run_directory.read(TunnelRun, "tunnel-1337")
        assert run is not None
        assert run.child_pid == stage.runs()[1]["pid"]
    assert stage.is_clean()


async def test_a_caller_can_restart_the_child(stage: Stage) -> None:
    """When no delivery arrives although the child runs."""
    async with stage.tunnel(ANNOUNCEMENT + WAIT) as tunnel:
        tunnel.restart("the canary did not come")
        restarting = await stage.until(TunnelRestarting)
        assert isinstance(restarting, TunnelRestarting)
        assert restarting.reason == "the canary did not come"
        await stage.until(TunnelReady, 2)
    assert stage.is_clean()


async def test_the_output_of_the_child_is_published_at_once(stage: Stage) -> None:
    """Event lines from stdout and unknown lines from stderr, while the child runs."""
    body = ANNOUNCEMENT + (
        "say('2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms)')\n"
        "say('time=\"now\" level=error', sys.stderr)\n"
    )
    async with stage.tunnel(body + WAIT):
        attempt = await stage.until(TunnelAttempt)
        assert isinstance(attempt, TunnelAttempt)
        assert attempt.status == 204
        assert await stage.until(TunnelOutput) == TunnelOutput("stderr", 'time="now" level=error')


@pytest.mark.parametrize(
    ("body", "what", "words"),
    [
        ("say('unknown flag: --x'); sys.exit(1)", "arguments", "unknown flag: --x"),
        ("sys.stdout.write('unknown flag: --no-line-end'); sys.exit(1)", "arguments", "-line-end"),
        ("say('Authentication failed: key'); sys.exit(1)", "key", "Authentication failed"),
        ("say('dial tcp: no such host'); sys.exit(1)", "no webhook URL", "no such host"),
        ("sys.exit(1)", "no webhook URL", "no output"),
    ],
)
async def test_a_failed_start_is_an_error_with_the_last_lines(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, body: str, what: str, words: str
) -> None:
    """A lasting fault, or a network that is still down at the time limit."""
    monkeypatch.setattr(supervisor, "LAST_TRY_S", PATIENT.timeout_s)
    with pytest.raises(ExceptionGroup) as caught:
        async with stage.tunnel(body):
            raise AssertionError("it cannot be ready")
    assert what in failure(caught).what
    assert words in (failure(caught).why or "")
    assert stage.is_clean()


async def test_a_hookdeck_without_a_webhook_url_is_ended_in_time(stage: Stage) -> None:
    """At the time limit the child ends with its whole group."""
    with pytest.raises(ExceptionGroup) as caught:
        async with stage.tunnel(WAIT, replace(PATIENT, timeout_s=0.5)):
            raise AssertionError("it cannot be ready")
    assert "no webhook URL within 0.5 s" in failure(caught).what
    assert stage.is_clean()


async def test_a_lasting_fault_after_a_restart_ends_the_block(stage: Stage) -> None:
    """Such as a key that is refused."""
    body = "if run > 1:\n    say('Authentication failed: gone'); sys.exit(1)\n"
    with pytest.raises(ExceptionGroup) as caught:
        await kill_and_stay(stage, body + ANNOUNCEMENT + WAIT)
    assert "Authentication failed: gone" in (failure(caught).why or "")
    assert stage.is_clean()


async def test_a_program_that_vanishes_ends_the_block(stage: Stage) -> None:
    """If it is uninstalled while it runs, the error names it at the restart."""
    vanish = "(here / 'hookdeck').unlink()\n"
    with pytest.raises(ExceptionGroup) as caught:
        await kill_and_stay(stage, vanish + ANNOUNCEMENT + WAIT)
    assert "could not run" in failure(caught).what
    assert stage.is_clean()


async def test_an_old_version_is_refused_before_it_listens(stage: Stage) -> None:
    """The version is checked first."""
    with pytest.raises(TunnelFailed, match="too old"):
        async with stage.tunnel(ANNOUNCEMENT + WAIT, version="0.10.0"):
            raise AssertionError("it cannot be ready")
    assert not (stage.folder / "runs").exists()


async def test_a_weak_version_and_a_key_in_argv_are_warnings(stage: Stage) -> None:
    """The tunnel runs nevertheless."""
    async with stage.tunnel(
        ANNOUNCEMENT + WAIT, replace(PATIENT, extra=("--cli-key", "abc")), version="2.2.0"
    ) as tunnel:
        assert tunnel.ready.hookdeck_version == "2.2.0"
    warnings = [a.text for a in stage.published if isinstance(a, Warned)]
    assert "after the machine sleeps" in warnings[0]
    assert "can read the value of --cli-key in the process list" in warnings[1]
    assert "abc" not in "".join(warnings)


async def test_a_second_tunnel_to_the_port_is_refused(stage: Stage) -> None:
    """The two would share the events. The error names the first one's process."""
    async with stage.tunnel(ANNOUNCEMENT + WAIT):
        with pytest.raises(TunnelFailed, match=f"process {os.getpid()}"):
            async with stage.tunnel(ANNOUNCEMENT + WAIT):
                raise AssertionError("it cannot be ready")
        assert len(stage.runs()) == 1


async def test_a_source_that_another_tunnel_uses_is_a_warning(stage: Stage) -> None:
    """Tunnels with different sources cause none."""
    async with stage.tunnel(ANNOUNCEMENT + WAIT, replace(PATIENT, port=1001)):
        async with stage.tunnel(ANNOUNCEMENT + WAIT, replace(PATIENT, port=1002, source="mine")):
            assert not [a for a in stage.published if isinstance(a, Warned)]
        async with stage.tunnel(ANNOUNCEMENT + WAIT, replace(PATIENT, port=1003)):
            warning = await stage.until(Warned)
            assert isinstance(warning, Warned)
            assert "the tunnel to port 1001" in warning.text
    assert stage.is_clean()


async def test_an_orphan_is_ended_before_the_tunnel_starts_field_07(stage: Stage) -> None:
    """The two would share the events."""
    with process_group(LISTENER) as process:
        leave_run_file(stage.folder / "run", 1337, facts_of(process))
        async with stage.tunnel(ANNOUNCEMENT + WAIT):
            assert not group_is_alive(process.pid)
        ended = await stage.until(Warned)
        assert isinstance(ended, Warned)
        assert f"process group {process.pid}" in ended.text


@pytest.mark.parametrize("body", [WAIT, "sys.exit(1)"], ids=["starting", "waiting to restart"])
async def test_cancellation_before_it_is_ready_leaves_nothing(stage: Stage, body: str) -> None:
    """Ctrl-C during the start is a normal end."""
    async with anyio.create_task_group() as tasks:

        async def hold() -> None:
            async with stage.tunnel("say('here')\n" + body):
                raise AssertionError("it cannot be ready")

        tasks.start_soon(hold)
        await stage.until(TunnelOutput)
        tasks.cancel_scope.cancel()
    assert stage.is_clean()


async def test_a_hard_exit_kills_the_child(stage: Stage) -> None:
    """A second Ctrl-C kills the child's whole group at once."""
    async with stage.tunnel(ANNOUNCEMENT + "signal.signal(2, signal.SIG_IGN)\n" + WAIT):
        stage.last_acts[0]()
        restarting = await stage.until(TunnelRestarting)
        assert isinstance(restarting, TunnelRestarting)
        assert restarting.exit_code == -signal.SIGKILL
    assert stage.is_clean()
