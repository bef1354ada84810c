"""``okhook sandbox`` as a user runs it: a process of its own."""

import json
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from okhook.activity import Activity
from okhook.cli.sandbox.view import render_sandbox
from okhook.sandbox.activities import (
    ApiCalled,
    FaultInjected,
    HookDelivery,
    HookDeliveryDropped,
    HookFilterNotUnderstood,
    HookVerification,
)
from okhook.text import plain
from tests.sandbox.rig import echo_then, hook_body, user_body
from tests.support.answering import answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, OkhookProcess, running_okhook
from tests.support.ports import free_port
from tests.support.sandbox_org import sandbox_org


def ask(org: dict[str, Any], method: str, path: str, body: object = None) -> httpx.Response:
    headers = {"Authorization": f"SSWS {org['token']}"}
    content = None if body is None else json.dumps(body).encode()
    return httpx.request(
        method, org["org_url"] + path, content=content, headers=headers, trust_env=False
    )


def call(org: dict[str, Any], method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    response = ask(org, method, path, body)
    assert response.is_success, response.text
    return response.json()


def ready(process: OkhookProcess) -> dict[str, Any]:
    return process.wait_for_json("ready")


def test_json_lines_from_ready_to_stopped(tmp_path: Path) -> None:
    """``ready`` first, then calls, verification, delivery and faults, ``stopped`` last.

    Settings come from the environment too, and a token from there gets no warning.
    """
    faults = ("--fault", "429=2@/api/v1/groups", "--fault", "cut@/api/v1/logs")
    env = {
        "OKHOOK_SANDBOX_PORT": "0",
        "OKHOOK_SANDBOX_RATE_LIMIT": "50",
        "OKHOOK_SANDBOX_TOKEN": "s3cret",
    }
    with (
        answering_server(echo_then(204)) as receiver,
        running_okhook("sandbox", "--output", "json", *faults, home=tmp_path, env=env) as process,
    ):
        org = ready(process)
        hook = call(org, "POST", "/api/v1/eventHooks", hook_body(receiver.url, secret="hush"))
        call(org, "POST", f"/api/v1/eventHooks/{hook['id']}/lifecycle/verify")
        call(org, "POST", "/api/v1/users", user_body())
        delivered = process.wait_for_json("hook_delivery")
        late, good = [ask(org, "GET", "/api/v1/groups") for _ in range(2)]
        with pytest.raises(httpx.RemoteProtocolError):
            ask(org, "GET", "/api/v1/logs")
        process.wait_for_json("api_call", lambda line: line["path"] == "/api/v1/logs")
        registered = run_okhook(
            *("register", "--org", "sandbox", "--url", receiver.url, "--output", "json"),
            home=tmp_path,
        )
        hooks = call(org, "GET", "/api/v1/eventHooks")
        process.send(signal.SIGINT)
        assert process.wait() == 0
    lines = process.json_lines()
    assert lines[0] == {"type": "ready", "org_url": org["org_url"], "token": "s3cret"}
    assert lines[-1] == {"type": "stopped"}
    assert not any("warning" in line for line in process.errors)
    assert delivered["event_types"] == ["user.lifecycle.create"]
    assert (delivered["delivered"], delivered["status"]) == (True, 204)
    verification = next(line for line in lines if line["type"] == "hook_verification")
    assert verification["verified"] is True
    assert [line["status"] for line in lines if line["type"] == "api_call"][:5] == [
        *(200, 200, 200),
        *(429, 200),
    ]
    told = [line for line in lines if line["type"] == "fault_injected"]
    assert [(line["fault"], line["method"], line["path"]) for line in told] == [
        ("429", "GET", "/api/v1/groups"),
        ("cut", "GET", "/api/v1/logs"),
    ]
    date = parsedate_to_datetime(late.headers["Date"]).timestamp()
    assert 2 <= int(late.headers["X-Rate-Limit-Reset"]) - date <= 4
    assert good.headers["X-Rate-Limit-Limit"] == "50"
    assert registered.returncode == 0, registered.stderr
    assert hooks[-1]["verificationStatus"] == "VERIFIED"
    assert "hush" not in process.transcript()


def test_a_person_gets_lines_to_paste(tmp_path: Path) -> None:
    """The variables of Okta's SDKs, as a shell takes them; then what happens, line by line.

    Others on the machine can read a token in argv: one warning says so, without repeating it.
    """
    token = "it's;$(mine)"
    with (
        answering_server(echo_then(500)) as receiver,
        running_okhook("sandbox", "--port", "0", "--token", token, home=tmp_path) as process,
    ):
        url = process.wait_for_line(lambda line: "ORGURL=" in line).rpartition("=")[2]
        org = {"org_url": url, "token": token}
        hook = call(org, "POST", "/api/v1/eventHooks", hook_body(receiver.url))
        call(org, "POST", f"/api/v1/eventHooks/{hook['id']}/lifecycle/verify")
        call(org, "POST", "/api/v1/users", user_body())
        failed = process.wait_for_line(lambda line: "not delivered" in line)
        process.wait_for_error("press Ctrl-C to stop")
        process.send(signal.SIGINT)
        assert process.wait() == 0
    assert "user.lifecycle.create" in failed
    assert "answered 500 after a retry" in failed
    assert process.lines[0] == f"Sandbox org at {url}"
    exports = "\n".join(line for line in process.lines if line.startswith("export "))
    script = f"{exports}\nenv -0"
    shell = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    pasted = shell.stdout.decode().split("\0")
    assert f"OKTA_CLIENT_ORGURL={url}" in pasted
    assert f"OKTA_CLIENT_TOKEN={token}" in pasted
    assert "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK=true" in pasted
    assert any("verified" in line for line in process.lines)
    [warning] = [line for line in process.errors if line.startswith("warning: ")]
    assert "OKHOOK_SANDBOX_TOKEN" in warning
    assert token not in "\n".join(process.errors)


def test_an_unknown_fault_is_an_error(tmp_path: Path) -> None:
    """Exit 2 for the flag and 3 for the variable, with what there is."""
    flag = run_okhook("sandbox", "--port", "0", "--fault", "fire", home=tmp_path)
    assert flag.returncode == 2
    assert "invalid --fault value 'fire': expected the kind 429, 500, slow" in flag.stderr
    env = {"OKHOOK_SANDBOX_FAULT": "fire"}
    variable = run_okhook("sandbox", "--port", "0", home=tmp_path, env=env)
    assert variable.returncode == 3
    assert "OKHOOK_SANDBOX_FAULT" in variable.stderr


HOSTILE = "\x1b[31m\n\u202e[bold]x"
AT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "activity",
    [
        ApiCalled(AT, "GET", HOSTILE, 404, "E0000007", "r"),
        HookVerification(AT, "who1", HOSTILE, 2, HOSTILE),
        HookDelivery(AT, "who1", HOSTILE, "e", (HOSTILE, HOSTILE), 2, None, HOSTILE),
        HookDeliveryDropped(AT, "who1", (HOSTILE,)),
        HookFilterNotUnderstood(AT, "who1", HOSTILE, "x", HOSTILE),
        FaultInjected(AT, "cut", "GET", HOSTILE),
    ],
    ids=lambda activity: activity.type,
)
def test_hostile_text_stays_on_its_line_and_is_text(activity: Activity) -> None:
    """One line for each, in which nothing steers a terminal and no markup is read."""
    [line] = render_sandbox(activity)
    assert plain(line.plain) == line.plain
    assert "\\x1b[31m\\n" in line.plain
    assert "[bold]" in line.plain


def test_the_org_outlives_its_process_with_data(tmp_path: Path) -> None:
    """Users and hooks are there again after SIGKILL, whose run file is no obstacle."""
    arguments = ["sandbox", "--port", str(free_port()), "--output", "json", "--data", "org.json"]
    with running_okhook(*arguments, home=tmp_path) as process:
        org = ready(process)
        user = call(org, "POST", "/api/v1/users", user_body())
        hook = call(
            org, "POST", "/api/v1/eventHooks", hook_body("https://a.example.com", secret="s")
        )
        give_up_at = time.monotonic() + PATIENCE_S
        while hook["id"] not in (tmp_path / "org.json").read_text():
            assert time.monotonic() < give_up_at
            time.sleep(0.01)
        process.send(signal.SIGKILL)
        process.wait()
    with running_okhook(*arguments, home=tmp_path) as process:
        org = ready(process)
        process.wait_for_error("was not saved")
        assert call(org, "GET", f"/api/v1/users/{user['id']}")["id"] == user["id"]
        assert call(org, "GET", f"/api/v1/eventHooks/{hook['id']}")["name"] == hook["name"]
        process.send(signal.SIGTERM)
        assert process.wait() == 0


def test_a_broken_file_is_a_configuration_error(tmp_path: Path) -> None:
    """Exit 3, with the file named and left alone."""
    (tmp_path / "org.json").write_text("{")
    done = run_okhook("sandbox", "--port", "0", "--data", "org.json", home=tmp_path)
    assert done.returncode == 3
    assert "org.json is not the file of a sandbox org" in done.stderr
    assert (tmp_path / "org.json").read_text() == "{"


def test_a_file_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    """Exit 3 before the org says that it is ready."""
    (tmp_path / "file").write_text("")
    done = run_okhook("sandbox", "--port", "0", "--data", "file/org.json", home=tmp_path)
    assert done.returncode == 3
    assert "file/org.json" in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_exit_10(tmp_path: Path) -> None:
    """The message names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_okhook("sandbox", "--port", port, home=tmp_path)
    assert done.returncode == 10
    assert f"port {port}" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (["--port", "70000"], "--port"),
        (["--port", "-1"], "--port"),
        (["--batch-window", "-0.1"], "--batch-window"),
        (["--delay", "nan"], "--delay"),
        (["--rate-limit", "0"], "--rate-limit"),
        (["--token", "a b"], "--token"),
    ],
)
def test_an_invalid_flag_is_named_as_it_was_written(
    tmp_path: Path, arguments: list[str], flag: str
) -> None:
    """Exit 2; the setting's name in files and variables does not confuse who typed a flag."""
    done = run_okhook("sandbox", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert f"error: invalid {flag}" in done.stderr


def test_other_machines_need_a_flag_field_24(tmp_path: Path) -> None:
    """Without it the sandbox stays on loopback; with it, the warning says what guards it."""
    host = ("sandbox", "--host", "0.0.0.0", "--port", "0", "--output", "json")  # noqa: S104 - of a test
    refused = run_okhook(*host, home=tmp_path)
    assert refused.returncode == 2
    assert "--allow-remote" in refused.stderr
    with running_okhook(*host, "--allow-remote", home=tmp_path) as sandbox:
        url = sandbox.wait_for_json("ready")["org_url"]
        sandbox.wait_for_error("its token")
        assert url.startswith("http://127.0.0.1:")
        listed = run_okhook("hooks", "list", home=tmp_path)
    assert listed.returncode == 0, listed.stderr


def test_links_have_the_address_of_the_caller_field_24(tmp_path: Path) -> None:
    """A container that follows a link to 127.0.0.1 would call itself."""
    with sandbox_org(home=tmp_path) as org:
        org.create_user()
        answer = org.send("GET", "/api/v1/users?limit=1", headers={"Host": "sandbox.test:8137"})
    assert "<http://sandbox.test:8137/api/v1/users" in answer.headers["Link"]
