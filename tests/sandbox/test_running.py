"""A sandbox from its start to its end: run file, port, restart, and an end in order."""

import json
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import anyio
import httpx
import pytest

from okhook.errors import ConfigurationError, PortInUse
from okhook.runtime.run_files import RunDirectory, SandboxRun
from okhook.sandbox.activities import HookVerification
from okhook.sandbox.faults import Allowance, RateMeter
from okhook.sandbox.running import SandboxConfig, generated_token, running_sandbox
from okhook.secret import Secret
from tests.sandbox.rig import TOKEN, deliveries_in, echo_then, hook_body, org_rig
from tests.support.answering import Asked, answering_server
from tests.support.cancelling import cancelled_after
from tests.support.okhook_process import PATIENCE_S
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

HOOKS = "/api/v1/eventHooks"


async def test_others_find_the_org_by_its_run_file(tmp_path: Path) -> None:
    """URL and token stand in a file for the owner alone, as long as the org runs."""
    directory = RunDirectory(tmp_path / "run")
    async with org_rig(tmp_path) as org:
        [run] = directory.running(SandboxRun)
        assert (run.org_url, run.token) == (org.sandbox.url, TOKEN)
        mode = (tmp_path / "run" / f"sandbox-{org.sandbox.port}.json").stat().st_mode
        assert mode & 0o777 == 0o600
    assert directory.running(SandboxRun) == []


async def test_the_org_listens_on_loopback_alone(tmp_path: Path) -> None:
    """It is for this machine, whatever the machine's other addresses are."""
    async with org_rig(tmp_path) as org:
        assert org.sandbox.url == f"http://127.0.0.1:{org.sandbox.port}"
        with socket.socket() as other:
            other.settimeout(PATIENCE_S)
            assert other.connect_ex(("127.0.0.2", org.sandbox.port)) != 0


async def test_a_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    """And the run file of whoever has it stays."""
    directory = RunDirectory(tmp_path / "run")
    async with org_rig(tmp_path) as org:
        config = SandboxConfig(Secret("x"), port=org.sandbox.port)
        with pytest.raises(PortInUse):
            async with running_sandbox(config, publish=lambda _: None, run_directory=directory):
                pytest.fail("it started on a port that is taken")
        assert len(directory.running(SandboxRun)) == 1


async def test_an_org_with_a_file_comes_back(tmp_path: Path) -> None:
    """Users, hooks, log and cursors; who has no secret receives on, who had one must verify.

    The restart took the secret from that hook, and its time tells so, within one second too.
    """
    data = tmp_path / "org.json"
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path, data=data) as org:
            user = await org.create_user()
            open_hook = await org.verified_hook(receiver.url, name="open")
            secret_hook = await org.verified_hook(receiver.url, name="secret", secret="hush")
            logs = await org.client.get("/api/v1/logs")
            cursor = logs.links["next"]["url"].partition("?")[2]
            before = {hook["id"]: hook["lastUpdated"] for hook in await org.ok("GET", HOOKS)}
        assert "hush" not in data.read_text()
        assert TOKEN not in data.read_text()
        async with org_rig(tmp_path, data=data) as org:
            assert org.sandbox.hooks_lacking_secret == ("secret",)
            assert (await org.ok("GET", f"/api/v1/users/{user['id']}"))["id"] == user["id"]
            hooks = {hook["id"]: hook for hook in await org.ok("GET", HOOKS)}
            assert hooks[open_hook["id"]]["verificationStatus"] == "VERIFIED"
            assert hooks[secret_hook["id"]]["verificationStatus"] == "UNVERIFIED"
            assert hooks[open_hook["id"]]["lastUpdated"] == before[open_hook["id"]]
            assert hooks[secret_hook["id"]]["lastUpdated"] > before[secret_hook["id"]]
            assert await org.log() == logs.json()
            verify = f"{HOOKS}/{secret_hook['id']}/lifecycle/verify"
            asked = len(receiver.asked)
            assert (await org.call("POST", verify)).status_code == 400
            assert len(receiver.asked) == asked
            [failed] = await org.wait_for(HookVerification)
            assert failed.attempts == 0
            body = hook_body(receiver.url, name="secret", secret="hush")
            await org.ok("PUT", f"{HOOKS}/{secret_hook['id']}", body=body)
            assert (await org.ok("POST", verify))["verificationStatus"] == "VERIFIED"
            await org.create_user("joe@example.com")
            [_, *since] = await org.log(f"?{cursor}")
    assert [entry["eventType"] for entry in since] == [
        "event_hook.updated",
        "event_hook.verified",
        "user.lifecycle.create",
        "user.lifecycle.activate",
    ]


async def test_two_orgs_do_not_share_a_file(tmp_path: Path) -> None:
    """The second is refused, whatever way it writes the name; once the first ended it is free."""
    data = tmp_path / "org.json"
    async with org_rig(tmp_path, data=data):
        with pytest.raises(ConfigurationError, match="another sandbox"):
            async with org_rig(tmp_path, data=tmp_path / "run" / ".." / "org.json"):
                pytest.fail("it started with the file of another")
    async with org_rig(tmp_path, data=data):
        pass


async def test_the_file_follows_the_org_while_it_runs(tmp_path: Path) -> None:
    """A killed org has lost no more than the last moment."""
    data = tmp_path / "org.json"
    async with org_rig(tmp_path, data=data) as org:
        assert len(json.loads(data.read_text())["users"]) == 1
        await org.create_user()
        await until(lambda: len(json.loads(data.read_text())["users"]) == 2)


async def test_the_org_can_stop_while_deliveries_wait(tmp_path: Path) -> None:
    """They are dropped: the org does not stay for them."""
    with answering_server(echo_then(204)) as receiver:
        with anyio.fail_after(PATIENCE_S):
            async with org_rig(tmp_path, delay_s=60) as org:
                await org.verified_hook(receiver.url)
                await org.create_user()
        assert not deliveries_in(receiver.asked)


async def test_a_start_can_be_cancelled_at_any_moment(tmp_path: Path) -> None:
    """A Ctrl-C or a time limit that comes before the org is up ends it, too."""

    async def run(scope: anyio.CancelScope) -> None:
        with scope:
            async with org_rig(tmp_path):
                await anyio.sleep_forever()

    with anyio.fail_after(PATIENCE_S):
        for turns in range(16):
            await cancelled_after(turns, run)


async def test_a_cancelled_org_answers_open_calls_and_saves_their_changes(tmp_path: Path) -> None:
    """Ctrl-C while a verification is awaited: its answer still leaves, and the file has it."""
    data = tmp_path / "org.json"
    asked, released = threading.Event(), threading.Event()
    statuses: list[int] = []

    def patient(request: Asked) -> bytes:
        asked.set()
        released.wait(PATIENCE_S)
        return echo_then(204)(request)

    async def verify(url: str, hook_id: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            path = f"{HOOKS}/{hook_id}/lifecycle/verify"
            answered = await client.post(f"{url}{path}", headers={"Authorization": f"SSWS{TOKEN}"})
            statuses.append(answered.status_code)

    with answering_server(patient) as receiver:
        async with anyio.create_task_group() as tasks:
            with anyio.CancelScope() as ctrl_c:
                async with org_rig(tmp_path, data=data) as org:
                    hook = await org.create_hook(receiver.url)
                    tasks.start_soon(verify, org.sandbox.url, hook["id"])
                    await anyio.to_thread.run_sync(asked.wait, PATIENCE_S)
                    ctrl_c.cancel()
                    tasks.start_soon(anyio.to_thread.run_sync, released.set)
                    await anyio.sleep_forever()
    saved = json.loads(data.read_text())
    assert (statuses, saved["hooks"][0]["verificationStatus"]) == ([200], "VERIFIED")


def test_a_generated_token_is_fresh_and_hidden() -> None:
    """Of Okta's length, never the same, and in no repr."""
    one, other = generated_token(), generated_token()
    assert one != other
    assert len(one.reveal()) == 42
    assert one.reveal().startswith("00")
    assert one.reveal() not in repr(SandboxConfig(one))


def test_calls_are_counted_by_endpoint_and_window() -> None:
    """What is left falls to nothing, and is whole again in the next window."""
    meter = RateMeter(2)
    at = [datetime.fromtimestamp(second, UTC) for second in (60, 119.9, 119.95, 120)]
    assert [meter.count("a", moment) for moment in at] == [
        Allowance(2, 1, 120, exceeded=False),
        Allowance(2, 0, 120, exceeded=False),
        Allowance(2, 0, 120, exceeded=True),
        Allowance(2, 1, 180, exceeded=False),
    ]
    assert meter.count("b", at[0]).remaining == 1
