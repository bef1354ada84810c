"""``okhook up``: everything comes up in order, and leaves nothing behind."""

import json
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from okhook.trigger.scenario import ACTIONS
from tests.cli.up.runs import (
    create_user_once_ready,
    direct,
    of_type,
    running_up,
    up_lines,
    url_in,
    wait_until_ready,
)
from tests.okta.setup import QUICK
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.leaping_clock import leaping_clock
from tests.support.meanwhile import meanwhile
from tests.support.ports import free_port
from tests.support.receiver import receiver
from tests.support.records import delivery_body
from tests.support.sandbox_org import SandboxOrg, sandbox_org


def test_once_in_the_sandbox_shows_a_real_event_and_leaves(tmp_path: Path) -> None:
    """The newcomer's line: an org, a proved path, a verified hook, Jane's event, and out.

    Canary, challenge and event are stored in the order in which they came.
    """
    lines = up_lines("--sandbox", "--once", home=tmp_path)
    types = [line["type"] for line in lines]
    assert types.count("ready") == 1
    assert types.index("canary") < types.index("ready") < types.index("delivery")
    assert types[-1] == "stopped"
    ready = lines[types.index("ready")]
    delivery = lines[types.index("delivery")]
    assert delivery["hook_id"] == ready["hook_id"]
    assert delivery["events"][0]["event_type"] == "user.lifecycle.create"
    assert delivery["events"][0]["target"][0]["alternate_id"] == "jane.doe@hookdeckexample.com"
    kinds = [record.kind for record in kept_in(tmp_path)]
    assert kinds[-2:] == ["verification", "delivery"]
    assert set(kinds[:-2]) == {"canary"}  # one that comes late is sent again


def test_the_steps_are_lines_with_their_time(tmp_path: Path) -> None:
    """In text each step is one line, then Ready with what there is to know."""
    done = run_okhook("up", "--sandbox", "--once", "--port", "0", home=tmp_path)
    shown = done.stdout.splitlines()
    steps = [line.split()[1] for line in shown if line.startswith("✓")]
    assert steps[:5] == ["store", "receiver", "sandbox", "path", "hook"]
    assert all(line.endswith(" s") for line in shown if line.startswith("✓"))
    ready = shown.index("Ready")
    names = [line.split()[0] for line in shown[ready + 1 : ready + 5]]
    assert names == ["org", "hook", "webhook", "receiver"]
    assert any("Jane Doe (jane.doe@hookdeckexample.com, 00u" in line for line in shown)


def test_ctrl_c_deactivates_the_hook_of_this_run(tmp_path: Path) -> None:
    """The org keeps the hook, and delivers nothing to a receiver that is gone.

    Where no secret is set one is made: whoever learns the URL cannot post to it.
    """
    with sandbox_org(home=tmp_path) as org, running_up(tmp_path, *direct()) as run:
        ready = run.wait_for_json("ready")
        (hook,) = org.hooks()
        assert (hook["id"], hook["status"]) == (ready["hook_id"], "ACTIVE")
        assert hook["verificationStatus"] == "VERIFIED"
        stranger = httpx.post(ready["receiver_url"], content=delivery_body(), trust_env=False)
        assert stranger.status_code == 401
        org.create_user("jo@example.com")
        run.wait_for_json("delivery")
        run.send(signal.SIGINT)
        assert run.wait() == 0
        assert run.json_lines()[-1] == {"type": "stopped"}
        (hook,) = org.hooks()
        assert (hook["id"], hook["status"]) == (ready["hook_id"], "INACTIVE")


def test_keep_leaves_the_hook_active(tmp_path: Path) -> None:
    """The flag lets events flow on; and what the next run did not activate stays active as well."""
    flags, secret = direct(), {"OKHOOK_AUTH_SECRET": "same"}
    with sandbox_org(home=tmp_path) as org:
        with running_up(tmp_path, *flags, "--keep", **secret) as run:
            run.wait_for_json("ready")
            run.send(signal.SIGTERM)
            assert run.wait() == 0
        assert org.hooks()[0]["status"] == "ACTIVE"
        with meanwhile(lambda: create_user_once_ready(tmp_path, org)):
            (registered,) = of_type(
                up_lines(*flags, "--once", home=tmp_path, env=secret), "registered"
            )
        assert registered["action"] == "unchanged"
        assert org.hooks()[0]["status"] == "ACTIVE"


def test_two_runs_do_not_share_a_hook_unless_the_first_is_dead(tmp_path: Path) -> None:
    """A second run would take the hook away from the first, so it is told who has it.

    SIGKILL leaves an active hook behind: the next run has it, and deactivates it at its end.
    """
    with sandbox_org(home=tmp_path) as org:
        with running_up(tmp_path, *direct()) as killed:
            hook_id = killed.wait_for_json("ready")["hook_id"]
            second = run_okhook("up", *direct(), home=tmp_path)
            assert second.returncode == 3
            assert f"process {killed.popen.pid}" in second.stderr
            with meanwhile(lambda: create_user_once_ready(tmp_path, org, "to-another@example.com")):
                up_lines(*direct(), "--name", "another", "--once", home=tmp_path)
            assert len(org.hooks()) == 2
            killed.send(signal.SIGKILL)
            killed.wait()
        assert org.hook(hook_id)["status"] == "ACTIVE"
        with meanwhile(lambda: create_user_once_ready(tmp_path, org)):
            (ready,) = of_type(up_lines(*direct(), "--once", home=tmp_path), "ready")
        assert ready["hook_id"] == hook_id
        assert org.hook(hook_id)["status"] == "INACTIVE"


def test_the_secret_is_nowhere_to_be_read(tmp_path: Path) -> None:
    """Not on screen, not in the store, not in the run files; and without it nobody gets in."""
    secret, flags = "do-not-show-this-anywhere", direct()

    def look_around(org: SandboxOrg) -> None:
        wait_until_ready(tmp_path, org)
        stranger = httpx.post(url_in(flags), content=b"{}", trust_env=False)
        assert stranger.status_code == 401
        files = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
        assert len(files) > 3
        assert [file for file in files if secret.encode() in file.read_bytes()] == []
        org.create_user()

    with sandbox_org(home=tmp_path) as org, meanwhile(lambda: look_around(org)):
        done = run_okhook("up", *flags, "--once", home=tmp_path, env={"OKHOOK_AUTH_SECRET": secret})
    assert done.returncode == 0, done.stderr
    assert secret not in done.stdout + done.stderr


def test_ready_is_never_said_of_a_path_that_leads_elsewhere(tmp_path: Path) -> None:
    """A public URL that answers 204 by itself is no proof: the run ends, and no hook is made."""

    def leap_after_an_answer() -> None:
        other.wait_for(2)
        leap(30)

    with (
        sandbox_org(home=tmp_path) as org,
        receiver(home=tmp_path / "other") as other,
        leaping_clock() as leap,
        meanwhile(leap_after_an_answer),
    ):
        flags = ("--org", "sandbox", "--public-url", other.url, "--timeout", "30")
        lines = up_lines(*flags, home=tmp_path, code=7)
        assert org.hooks() == []
    assert of_type(lines, "ready") == []
    assert "did not arrive at this receiver" in lines[-1]["what"]


def test_a_wrong_token_is_exit_4_and_says_where_it_came_from(tmp_path: Path) -> None:
    """The org refuses; what was up by then is down again."""
    with sandbox_org(home=tmp_path) as org:
        env = {"OKHOOK_TOKEN": "wrong-token"}
        done = run_okhook("up", *direct(org=org.url), home=tmp_path / "other", env=env)
    assert done.returncode == 4
    assert "OKHOOK_TOKEN" in done.stderr
    assert "wrong-token" not in done.stdout + done.stderr


def test_an_org_that_cannot_be_reached_is_exit_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network: the error names the org and what is respected on the way to it."""
    monkeypatch.setattr("okhook.okta.client.RetryPolicy", lambda: QUICK)
    nobody = f"127.0.0.1:{free_port()}"
    flags = direct(org=f"http://{nobody}")
    done = run_okhook("up", *flags, home=tmp_path, env={"OKHOOK_TOKEN": "t"})
    assert done.returncode == 6
    assert nobody in done.stderr


def test_a_taken_port_is_exit_10(tmp_path: Path) -> None:
    """As with serve: the port and the process that has it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_okhook("up", "--sandbox", "--port", str(port), home=tmp_path)
    assert done.returncode == 10
    assert f"process {os.getpid()}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sandbox", "--org", "dev-1.okta.com"), "cannot be used together"),
        (("--sandbox", "--tunnel", "--public-url", "https://x.example"), "cannot be used together"),
        (("--sandbox", "--public-url", "https://[::1"), "invalid URL"),
        (("--sandbox", "--public-url", "https://x.example:99999"), "from 1 to 65535"),
        (("--sandbox", "--public-url", "https://a b.example/"), "invalid character"),
        (("--sandbox", "--public-url", "https://u:hush@x.example/"), "OKHOOK_BASIC_AUTH"),
        (("--org", "{yourOktaDomain}"), "placeholder"),
        (("--org", "http://dev-1.okta.com"), "https"),
    ],
)
def test_what_contradicts_itself_is_refused_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    """Exit 2, with nothing started."""
    done = run_okhook("up", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "hush" not in done.stderr
    assert "✓" not in done.stdout


def test_no_org_at_all_is_exit_3(tmp_path: Path) -> None:
    """Someone who types `okhook up` alone is told of both ways."""
    done = run_okhook("up", home=tmp_path)
    assert done.returncode == 3
    assert "--org" in done.stderr
    assert "--sandbox" in done.stderr


def test_an_org_on_this_machine_needs_no_tunnel_field_24(tmp_path: Path) -> None:
    """The org calls the receiver itself; there is no Hookdeck to run."""
    with sandbox_org(home=tmp_path) as org:
        org_flags = ("--org", "sandbox", "--hookdeck", "/nonexistent")
        with meanwhile(lambda: create_user_once_ready(tmp_path, org)):
            [ready] = of_type(up_lines(*org_flags, "--once", home=tmp_path), "ready")
        tunnel = run_okhook("up", "--tunnel", "--port", "0", *org_flags, home=tmp_path)
    assert ready["webhook_url"] == ready["receiver_url"]
    assert "/nonexistent" in tunnel.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - of a test
def test_a_receiver_on_every_address_field_24(tmp_path: Path, host: str) -> None:
    """The sandbox calls it on loopback."""
    [ready] = of_type(up_lines("--sandbox", "--once", "--host", host, home=tmp_path), "ready")
    assert ready["receiver_url"].startswith(("http://127.0.0.1:", "http://[::1]:"))


def test_the_shipped_scenario_passes_beside_up_field_23(tmp_path: Path) -> None:
    """The hook of a sandbox has all that trigger can cause."""
    with running_up(tmp_path, "--sandbox") as run:
        run.wait_for_json("ready")
        done = run_okhook(
            "trigger", "--scenario", "joiner-mover-leaver", "--cleanup", home=tmp_path
        )
        shown = run_okhook("hooks", "list", "--output", "json", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(json.loads(shown.stdout)["hook"]["events"]["items"]) == set(ACTIONS)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), {"user.lifecycle.create", "user.session.start"}),
        (("--event", "user.lifecycle.create"), {"user.lifecycle.create"}),
    ],
)
def test_up_keeps_the_event_types_that_its_hook_has_field_23(
    tmp_path: Path, flags: tuple[str, ...], expected: set[str]
) -> None:
    """Somebody edited the hook between two runs; --event still replaces all."""
    with sandbox_org(home=tmp_path) as org:
        events = ["user.lifecycle.create", "user.session.start"]
        hook = org.create_hook("https://example.com/a", name="mine", events=events)
        with meanwhile(lambda: create_user_once_ready(tmp_path, org)):
            up_lines(*direct(), "--name", "mine", *flags, "--once", home=tmp_path)
        assert set(org.hook(hook["id"])["events"]["items"]) == expected


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """As any name that Okta could not show."""
    flags = ("--sandbox", "--port", "0", "--name", "a\udcffb")
    done = run_okhook("up", *flags, home=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "the hook's name contains a line break or another unprintable character" in done.stderr
