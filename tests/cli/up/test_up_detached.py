"""``up --detach``, and ``status`` and ``down`` for what runs in the background."""

import json
import re
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.up.runs import UP, direct, of_type
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.okhook_process import running_okhook
from tests.support.processes import processes_at_home_in
from tests.support.receiver import receiver
from tests.support.sandbox_org import sandbox_org
from tests.support.waiting import wait_until


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a home whose background commands are ended after the test."""
    yield tmp_path
    for process in processes_at_home_in(tmp_path):
        process.kill()


def json_of(*command: str, home: Path, code: int = 0) -> list[dict[str, Any]]:
    done = run_okhook(*command, "--output", "json", home=home)
    assert done.returncode == code, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_detach_returns_when_ready_and_goes_on_field_26(home: Path) -> None:
    """Its lines are those of the foreground; then status shows it, and down ends it in order."""
    for name in ("okhook.py", "rich.py"):  # a module of a project is not run
        (home / name).write_text("raise SystemExit(99)")
    with sandbox_org(home=home) as org:
        target = "http://127.0.0.1:9/app"
        lines = json_of(*UP[:-2], *direct(), "--detach", "--forward-to", target, home=home)
        assert lines[-1]["type"] == "ready"
        assert of_type(lines, "step")[0]["step"] == "store"
        up, sandbox = json_of("status", home=home)
        assert sandbox["command"] == "sandbox"
        assert (up["command"], up["running"]) == ("up", True)
        assert (up["org"], up["hook_id"]) == (org.url, lines[-1]["hook_id"])
        assert (up["receiver_url"], up["forward_to"]) == (lines[-1]["receiver_url"], [target])
        org.create_user()
        wait_until(lambda: "delivery" in [record.kind for record in kept_in(home)])
        (ended,) = json_of("down", up["name"], home=home)
        assert (ended["name"], ended["pid"]) == (up["name"], up["pid"])
        assert processes_at_home_in(home) == []
        assert org.hooks()[0]["status"] == "INACTIVE"
    log = Path(up["log"])
    assert log.is_relative_to(home / "state")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    types = [json.loads(each)["type"] for each in log.read_text().splitlines() if each[0] == "{"]
    assert types[0] == "step"
    assert types[-1] == "stopped"
    assert "delivery" in types


def test_several_are_listed_and_one_is_chosen_field_26(home: Path) -> None:
    """Nothing is ended by guess: a name or a port chooses, --all ends them all."""
    for more in ((), ("--receiver", "staging")):
        done = run_okhook("up", "--sandbox", "--detach", "--port", "0", *more, home=home)
        assert done.returncode == 0, done.stderr
        assert "Run okhook down to stop; this deactivates the hook" in done.stdout
    shown = {each["name"]: each for each in json_of("status", home=home)}
    assert sorted(shown) == ["0/okta-webhooks-endpoint", "staging"]
    refused = run_okhook("down", home=home)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "2 okhook commands are running" in refused.stderr
    port = shown["staging"]["receiver_url"].split(":")[2].split("/")[0]
    assert f"  staging or {port}  okhook up, process " in refused.stderr
    (command,) = re.findall("choose one, such as `okhook (down [0-9]+)`,", refused.stderr)
    (ended,) = json_of(*command.split(), home=home)
    (left,) = json_of("status", home=home)
    assert {left["name"], ended["name"]} == set(shown)
    assert run_okhook("status", home=home).stdout.startswith(f"{left['name']}  okhook up, process ")
    (ended,) = json_of("down", left["name"], home=home)
    assert ended["name"] == left["name"]
    assert processes_at_home_in(home) == []


def test_a_failed_start_ends_as_in_the_foreground_field_26(home: Path) -> None:
    """The same error, exit code and JSON line; nothing is left running."""
    with receiver(home=home / "other") as other:
        port = other.url.split(":")[2].split("/")[0]
        run = ("up", "--sandbox", "--port", port)
        attached = json_of(*run, home=home, code=10)
        detached = json_of(*run, "--detach", home=home, code=10)
    assert detached[-1] == attached[-1]
    assert [each["type"] for each in detached] == [each["type"] for each in attached]
    assert processes_at_home_in(home) == []


def test_ctrl_c_before_ready_ends_what_was_started_field_26(home: Path) -> None:
    """The command that waits is the only one that the terminal reaches."""
    with receiver(home=home / "other") as other:
        flags = ("--sandbox", "--public-url", other.url, "--detach")
        with running_okhook(*UP, *flags, home=home) as run:
            run.wait_for_json("step", lambda line: line["step"] == "path")
            run.send(signal.SIGINT)
            assert run.wait() == 130
    assert processes_at_home_in(home) == []


def test_one_that_was_killed_is_shown_with_its_log_field_26(home: Path) -> None:
    """Until down, or the next one: then there is nothing to say about it any more."""
    assert run_okhook("up", "--sandbox", "--detach", "--port", "0", home=home).returncode == 0
    (process,) = processes_at_home_in(home)
    process.kill()
    wait_until(lambda: not json_of("status", home=home)[0]["running"])
    (left,) = json_of("status", home=home)
    assert Path(left["log"]).exists()
    shown = run_okhook("status", home=home)
    assert ": was killed" in shown.stdout
    assert "no okhook command is running" in shown.stderr
    assert json_of("down", home=home) == []
    assert json_of("status", home=home) == []


def test_where_nothing_runs_that_is_said_field_26(home: Path) -> None:
    """No error: a script may look, and end what it did not start. A wrong name is one."""
    for command in ("status", "down"):
        done = run_okhook(command, home=home)
        assert (done.returncode, done.stdout, done.stderr) == (
            0,
            "",
            "no okhook command is running\n",
        )
    assert "no okhook command called x is running" in run_okhook("down", "x", home=home).stderr
    json_of("down", "x", home=home, code=1)
    json_of("down", "x", "--all", home=home, code=2)
    json_of("up", "--sandbox", "--detach", "--once", home=home, code=2)


def test_what_runs_in_terminals_is_shown_and_ended_field_26(home: Path) -> None:
    """Each by its command; as with Ctrl-C, it is a success."""
    with (
        running_okhook("serve", "--port", "0", "--output", "json", home=home) as serve,
        running_okhook("sandbox", "--port", "0", "--output", "json", home=home) as sandbox,
    ):
        url = serve.wait_for_json("ready")["url"]
        org = sandbox.wait_for_json("ready")["org_url"]
        shown = json_of("status", home=home)
        assert [each["command"] for each in shown] == ["serve", "sandbox"]
        assert [shown[0]["receiver_url"], shown[1]["org"]] == [url, org]
        assert len(json_of("down", "--all", home=home)) == 2
        assert (serve.wait(), sandbox.wait()) == (0, 0)


def test_the_log_holds_no_link_and_status_gives_one(home: Path) -> None:
    """Who reads the log later cannot open the inspector with it."""
    on = {"OKHOOK_NO_INSPECTOR": "", "OKHOOK_INSPECTOR_PORT": "0"}
    done = run_okhook("up", "--sandbox", "--detach", "--port", "0", home=home, env=on)
    assert done.returncode == 0, done.stderr
    shown = run_okhook("status", home=home).stdout
    assert "?token=" in shown
    (log,) = re.findall(r"log +(\S+)", shown)
    assert "/i-" in Path(log).read_text()
    assert "token=" not in Path(log).read_text()
    assert "token=" not in json.dumps(json_of("status", home=home))
