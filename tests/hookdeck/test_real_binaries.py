"""``okhook tunnel`` with the real Hookdeck binaries, through the local stand-in of their cloud."""

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from okhook.runtime.child import group_is_alive
from okhook.runtime.run_files import RunDirectory, TunnelRun
from tests.hookdeck.binaries import VERSIONS, hookdeck_binary
from tests.hookdeck.cloud import API_KEY, HookdeckCloud, hookdeck_cloud_in_thread
from tests.support.in_process import run_okhook
from tests.support.okhook_process import OkhookProcess, running_okhook
from tests.support.ports import free_port
from tests.support.processes import processes_at_home_in
from tests.support.records import delivery_body
from tests.support.waiting import wait_until

BODY = delivery_body("event-1")
CHALLENGE = "X-Okta-Verification-Challenge"


@dataclass
class World:
    """A person's home, the cloud that the person's Hookdeck talks to, and the binary."""

    home: Path
    cloud: HookdeckCloud
    portal: BlockingPortal
    binary: Path

    def tunnel(self, port: int, *arguments: str) -> tuple[str, ...]:
        """Return the command line of a tunnel with JSON lines."""
        named = ("--hookdeck", str(self.binary), "--port", str(port), "--output", "json")
        return ("tunnel", *named, *arguments)

    def until_listening(self) -> None:
        """Wait until Hookdeck is connected: its webhook URL exists a moment before."""
        self.portal.call(self.cloud.until_listening, "okta")

    def post(self, body: bytes = BODY, below: str = "") -> httpx.Response:
        """Post to the webhook URL as Okta does."""
        return httpx.post(
            self.cloud.webhook_url("okta") + below,
            content=body,
            headers={"Content-Type": "application/json", "User-Agent": "Okta-Event-Hooks"},
            trust_env=False,
        )

    def child_pid(self, port: int) -> int:
        """Return the process id of the Hookdeck that the run file tells of."""
        run = RunDirectory(self.home / "state" / "run").read(TunnelRun, TunnelRun.name(port))
        assert run is not None
        assert run.child_pid is not None
        return run.child_pid


@pytest.fixture(params=VERSIONS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    binary = hookdeck_binary(request.param)
    with hookdeck_cloud_in_thread() as (cloud, portal):
        cloud.make_home(tmp_path)
        yield World(tmp_path, cloud, portal, binary)
    left = processes_at_home_in(tmp_path)
    for process in left:
        process.kill()
    assert left == []


def readies(process: OkhookProcess) -> list[dict[str, Any]]:
    """Return the lines that told of a tunnel so far."""
    return [line for line in process.json_lines() if line["type"] == "ready"]


@contextmanager
def running_tunnel(
    *command: str, home: Path, env: Mapping[str, str] | None = None
) -> Iterator[OkhookProcess]:
    """Run a tunnel and end it in order, so that its Hookdeck ends too."""
    with running_okhook(*command, home=home, env=env) as process:
        try:
            yield process
        finally:
            if process.popen.poll() is None:
                process.send(signal.SIGINT)
                process.wait()


@contextmanager
def receiver(home: Path) -> Iterator[tuple[OkhookProcess, int]]:
    """Run ``okhook serve`` and give its port."""
    serve = ("serve", "--port", "0", "--output", "json")
    with running_okhook(*serve, home=home) as process:
        yield process, int(httpx.URL(process.wait_for_json("ready")["url"]).port or 0)


def test_a_delivery_arrives_through_the_webhook_url(world: World) -> None:
    """The bytes that Okta posts are stored; the attempt is shown; Ctrl-C leaves no process."""
    with (
        receiver(world.home) as (serve, port),
        running_tunnel(*world.tunnel(port), home=world.home) as tunnel,
    ):
        ready = tunnel.wait_for_json("ready")
        assert ready["webhook_url"] == world.cloud.webhook_url("okta")
        assert ready["forwards_to"] == f"http://localhost:{port}/okta-webhooks-endpoint"
        assert ready["dashboard_url"].startswith(f"{world.cloud.base}/dashboard")
        assert "team_id=" in ready["dashboard_url"]
        assert (ready["source"], ready["guest"]) == ("okta", False)
        world.until_listening()
        assert world.post().status_code == 200
        assert serve.wait_for_json("delivery")["event_id"] == "event-1"
        attempt = tunnel.wait_for_json("attempt")
        assert (attempt["status"], attempt["method"]) == (204, "POST")
        assert attempt["url"] == ready["forwards_to"]
        assert attempt["event_url"].startswith(world.cloud.base)
        child = world.child_pid(port)
        tunnel.send(signal.SIGINT)
        assert tunnel.wait() == 0
        assert not group_is_alive(child)
    assert tunnel.json_lines()[-1]["type"] == "stopped"
    [answer] = world.cloud.relay.answers
    assert answer["status"] == 204


def test_the_cloud_answers_the_challenge_itself(world: World) -> None:
    """Okta's verification never reaches the receiver, as at Hookdeck: it proves nothing."""
    with running_tunnel(*world.tunnel(9), home=world.home) as tunnel:
        url = tunnel.wait_for_json("ready")["webhook_url"]
        answer = httpx.get(url, headers={CHALLENGE: "abc"}, trust_env=False)
        assert answer.json() == {"verification": "abc"}
    assert world.cloud.relay.answers == []


def test_a_receiver_that_is_not_there_is_a_failed_attempt(world: World) -> None:
    """Okta gets its 200 all the same; the attempt says why nothing arrived."""
    port = free_port()
    with running_tunnel(*world.tunnel(port), home=world.home) as tunnel:
        world.until_listening()
        assert world.post().status_code == 200
        attempt = tunnel.wait_for_json("attempt")
        assert attempt["status"] is None
        assert "refused" in attempt["error"]
        assert attempt["url"] == f"http://localhost:{port}/okta-webhooks-endpoint"


def test_a_hookdeck_that_is_killed_is_replaced(world: World) -> None:
    """The next one listens to the same webhook URL, and deliveries arrive again."""
    with (
        receiver(world.home) as (serve, port),
        running_tunnel(*world.tunnel(port), home=world.home) as tunnel,
    ):
        first = tunnel.wait_for_json("ready")
        world.until_listening()
        os.kill(world.child_pid(port), signal.SIGKILL)
        assert tunnel.wait_for_json("restarting")["reason"] == "ended by SIGKILL"
        world.portal.call(world.cloud.until_joined, 2)
        world.post()
        assert serve.wait_for_json("delivery")["event_id"] == "event-1"
        wait_until(lambda: readies(tunnel)[1:], tunnel.transcript)
        assert readies(tunnel) == [first, first]


def test_a_lost_connection_is_told_and_heals(world: World) -> None:
    """Hookdeck reconnects by itself: no restart, and deliveries arrive again."""
    with (
        receiver(world.home) as (serve, port),
        running_tunnel(*world.tunnel(port), home=world.home) as tunnel,
    ):
        world.portal.call(world.cloud.drop_until, lambda: tunnel.has_said("reconnecting"), "okta")
        tunnel.wait_for_json("reconnecting")
        world.until_listening()
        world.post()
        assert serve.wait_for_json("delivery")["event_id"] == "event-1"
        assert not tunnel.has_said("restarting")


def test_after_a_kill_nothing_is_left_and_the_next_run_works_field_07(world: World) -> None:
    """On Linux the kernel ends the binary; elsewhere the next run does."""
    with running_tunnel(*world.tunnel(9), home=world.home) as killed:
        killed.wait_for_json("ready")
        world.until_listening()
        orphan = world.child_pid(9)
        killed.send(signal.SIGKILL)
        killed.wait()
    if sys.platform == "linux":
        wait_until(lambda: not group_is_alive(orphan))
    with running_tunnel(*world.tunnel(9), home=world.home) as following:
        following.wait_for_json("ready")
        assert not group_is_alive(orphan)


def test_output_url_with_the_real_one(world: World) -> None:
    """Stdout is the webhook URL, alone."""
    command = ("tunnel", "--hookdeck", str(world.binary), "--port", "9", "--output", "url")
    with running_tunnel(*command, home=world.home) as tunnel:
        tunnel.wait_for_line(lambda line: line.startswith("http"))
        world.until_listening()
        tunnel.send(signal.SIGTERM)
        assert tunnel.wait() == 0
    assert tunnel.lines == [world.cloud.webhook_url("okta")]


def test_a_wrong_key_is_exit_7_at_once(world: World) -> None:
    """Hookdeck's own words are told, and it is not tried again."""
    world.cloud.make_home(world.home, api_key="some-other-key-0123456789")
    done = run_okhook(*world.tunnel(9), home=world.home)
    assert done.returncode == 7
    error = json.loads(done.stdout.splitlines()[-1])
    assert error["what"] == "Hookdeck refused the key"
    assert "nauthorized" in error["why"] or "Authentication failed" in error["why"]
    assert "some-other-key" not in done.stdout + done.stderr


def test_an_unknown_flag_is_exit_7_at_once(world: World) -> None:
    """What stands after ``--`` is the user's own, and so is the fault."""
    done = run_okhook(*world.tunnel(9, "--", "--nosuchflag"), home=world.home)
    assert done.returncode == 7
    assert "unknown flag: --nosuchflag" in done.stderr


def test_no_network_is_exit_7_when_the_time_is_up(world: World) -> None:
    """It is tried again until then, and the last words say what failed."""
    world.cloud.faults.hang()
    done = run_okhook(*world.tunnel(9, "--timeout", "2"), home=world.home)
    assert done.returncode == 7
    assert "no webhook URL within 2 s" in done.stderr


def test_a_guest_gets_a_sign_up_page(world: World) -> None:
    """Without a login Hookdeck makes a guest account; the URL is temporary, and that is said."""
    world.cloud.make_home(world.home, api_key=None)
    with running_tunnel(*world.tunnel(9), home=world.home) as tunnel:
        ready = tunnel.wait_for_json("ready")
        assert ready["guest"] is True
        assert ready["dashboard_url"].startswith(f"{world.cloud.base}/console/guest?token=")


def test_the_path_of_a_colleague_is_not_changed_in_silence(world: World) -> None:
    """Signed in, with a source that exists: --path goes onto its destination, and that is said."""
    source = world.cloud.records.add_source("okta")
    theirs = {"name": "cli-okta", "config": {"path": "/theirs"}}
    world.cloud.records.add_connection("cli-okta", source["id"], theirs)
    with running_tunnel(*world.tunnel(9), home=world.home) as tunnel:
        tunnel.wait_for_json("ready")
        warnings = [line["text"] for line in tunnel.json_lines() if line["type"] == "warning"]
    assert any("already existed" in warning for warning in warnings)
    [destination] = world.cloud.records.destinations.values()
    assert destination["config"]["path"] == "/okta-webhooks-endpoint"


def test_a_key_in_the_environment_reaches_hookdeck_alone(world: World) -> None:
    """``HOOKDECK_API_KEY`` signs in where there is no login; it stands in no argv and no output."""
    if world.binary.name.startswith("hookdeck-1"):
        pytest.skip("HOOKDECK_API_KEY came with 2.x")
    world.cloud.make_home(world.home, api_key=None)
    env = {"HOOKDECK_API_KEY": API_KEY}
    with running_tunnel(*world.tunnel(9), home=world.home, env=env) as tunnel:
        assert tunnel.wait_for_json("ready")["guest"] is False
        arguments = Path(f"/proc/{world.child_pid(9)}/cmdline")
        if arguments.exists():
            assert API_KEY.encode() not in arguments.read_bytes()
    assert API_KEY not in tunnel.transcript()
