"""``okhook up`` through the real Hookdeck binaries and a local stand-in of their cloud.

This is the main job on real input: a real tunnel, a real HTTP org, a real user-creation event.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from okhook.runtime.child import group_is_alive
from okhook.runtime.run_files import RunDirectory, TunnelRun
from tests.hookdeck.binaries import VERSIONS, hookdeck_binary
from tests.hookdeck.cloud import HookdeckCloud, hookdeck_cloud_in_thread
from tests.support.answering import answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import OkhookProcess, running_okhook


@dataclass
class World:
    """A person's home with a Hookdeck that talks to the stand-in."""

    home: Path
    cloud: HookdeckCloud
    portal: BlockingPortal
    binary: Path

    @contextmanager
    def up(self, *arguments: str) -> Iterator[OkhookProcess]:
        """Run ``okhook up --sandbox --tunnel``."""
        with running_okhook(*self.command(*arguments), home=self.home) as process:
            yield process

    def command(self, *arguments: str) -> tuple[str, ...]:
        hookdeck = ("--hookdeck", str(self.binary))
        return ("up", "--sandbox", "--tunnel", "--port", "0", *hookdeck, *arguments)

    def child_pids(self) -> list[int]:
        """Return the process ids of the Hookdecks that run files tell of."""
        directory = RunDirectory(self.home / "state" / "run")
        return [run.child_pid or 0 for run in directory.running(TunnelRun)]


@pytest.fixture(params=VERSIONS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    binary = hookdeck_binary(request.param)
    with hookdeck_cloud_in_thread() as (cloud, portal):
        cloud.make_home(tmp_path)
        yield World(tmp_path, cloud, portal, binary)


def test_a_users_creation_comes_through_the_tunnel(world: World) -> None:
    """Org → Hookdeck → tunnel → receiver → store → screen; Ctrl-C leaves no process behind."""
    with world.up("--output", "json") as up:
        ready = up.wait_for_json("ready")
        assert ready["webhook_url"] == world.cloud.webhook_url("okta")
        delivery = up.wait_for_json("delivery")
        assert delivery["hook_id"] == ready["hook_id"]
        assert delivery["events"][0]["target"][0]["display_name"] == "Jane Doe"
        types = [line["type"] for line in up.json_lines()]
        assert types.index("canary") < types.index("ready") < types.index("delivery")
        (child,) = world.child_pids()
        up.send(signal.SIGINT)
        assert up.wait() == 0
        assert not group_is_alive(child)
    steps = [line["step"] for line in up.json_lines() if line.get("state") == "done"]
    assert steps == [
        "store",
        "receiver",
        "sandbox",
        "tunnel",
        "path",
        "hook",
        "test user",
        "deactivate",
    ]


def test_what_comes_through_the_tunnel_goes_on_to_the_app(world: World) -> None:
    """The app gets the bytes of the event, with Hookdeck's headers; `show` has the attempt."""
    with (
        answering_server(lambda _: answer(204)) as app,
        world.up("--output", "json", "--forward-to", app.url) as up,
    ):
        forwarded = up.wait_for_json("forward")
        assert (forwarded["status"], forwarded["state"]) == (204, "done")
    (asked,) = app.asked
    seq = str(forwarded["seq"])
    raw = run_okhook("deliveries", "show", seq, "--raw", home=world.home).stdout
    assert asked.body == raw.encode()
    assert asked.header("x-hookdeck-eventid")
    shown = run_okhook("deliveries", "show", seq, "--output", "json", home=world.home).stdout
    assert json.loads(shown)["attempts"][0]["status"] == 204


def test_once_ends_with_the_event_on_screen(world: World) -> None:
    """In text the canary, the steps and the event are there, and it ends by itself."""
    done = run_okhook(*world.command("--once"), home=world.home)
    assert done.returncode == 0, done.stderr
    assert "Ready" in done.stdout
    assert "Jane Doe (jane.doe@hookdeckexample.com" in done.stdout


def test_a_killed_hookdeck_comes_back_and_is_proved_anew(world: World) -> None:
    """After a restart nothing is taken on trust: another canary has to come through."""
    with world.up("--output", "json") as up:
        up.wait_for_json("delivery")
        (child,) = world.child_pids()
        os.kill(child, signal.SIGKILL)
        up.wait_for_json("tunnel_came_back")
        first = up.wait_for_json("canary")
        up.wait_for_json("canary", lambda line: bool(line["event_id"] != first["event_id"]))


def test_a_lost_connection_is_proved_again_field_06(world: World) -> None:
    """2.6 says when it is connected again; 1.7 does not, so okhook waits a moment."""
    with world.up("--output", "json") as up:
        up.wait_for_json("delivery")
        world.portal.call(world.cloud.drop_until, lambda: up.has_said("path_lost"), "okta")
        up.wait_for_json("path_proved")
        if "2.6" in world.binary.name:
            up.wait_for_json("reconnected")


def test_a_stopped_hookdeck_is_proved_when_it_runs_again_field_06(world: World) -> None:
    """The real one, through its own connection."""
    with world.up("--output", "json") as up:
        up.wait_for_json("delivery")
        (child,) = world.child_pids()
        os.kill(child, signal.SIGSTOP)
        up.wait_for_json("path_lost")
        os.kill(child, signal.SIGCONT)
        up.wait_for_json("path_proved")


def test_a_cloud_that_connects_nobody_is_never_ready(world: World) -> None:
    """A webhook URL that accepts and carries nothing: exit 7, no hook, no Ready."""
    world.cloud.faults.refuse_session = True
    with world.up("--output", "json", "--timeout", "3") as up:
        assert up.wait() == 7
    assert not up.has_said("ready")
    assert not up.has_said("registered")
