"""``okhook tunnel`` around programs that behave as a hookdeck may."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from okhook.runtime.child import group_is_alive, group_members
from okhook.runtime.run_files import RunDirectory, TunnelRun
from tests.hookdeck.fake import ANNOUNCEMENT, CTRL_C, WAIT, fake_hookdeck
from tests.support.in_process import run_okhook
from tests.support.leaping_clock import leaping_clock
from tests.support.meanwhile import meanwhile
from tests.support.okhook_process import running_okhook
from tests.support.waiting import wait_until

URL = "https://hkdk.events/src_fake"
STUBBORN = "signal.signal(2, signal.SIG_IGN); signal.signal(15, signal.SIG_IGN)\n"
EVENT = (
    "say('2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms) → https://d.example/e')\n"
)


def runs(home: Path) -> list[dict[str, Any]]:
    """Return what each run of the program wrote down of itself."""
    file = home / "runs"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def nothing_left(home: Path) -> Iterator[None]:
    """Kill every run of the program at the end, whatever became of the test."""
    try:
        yield
    finally:
        for run in runs(home):
            with suppress(ProcessLookupError):
                os.killpg(run["pid"], signal.SIGKILL)


def tunnel(home: Path, body: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of a tunnel around a program that runs ``body``."""
    program = fake_hookdeck(home, body)
    return ("tunnel", "--hookdeck", str(program), *arguments)


def checked(lines: str, name: str) -> dict[str, Any]:
    """Return what the doctor's check ``name`` found."""
    found = (json.loads(line) for line in lines.splitlines())
    return next(each for each in found if each.get("name") == name)


def test_the_whole_life_of_a_tunnel_in_json_lines(tmp_path: Path) -> None:
    """Ready, an attempt, an unknown line and stopped have the fields that scripts rely on."""
    body = ANNOUNCEMENT + EVENT + "say('new\\x1b[2J', sys.stderr)\n" + CTRL_C + WAIT
    with nothing_left(tmp_path):
        done = run_okhook(*tunnel(tmp_path, body, "--output", "json"), home=tmp_path)
        assert done.returncode == 0
        assert not group_is_alive(runs(tmp_path)[0]["pid"])
    in_order = [json.loads(line) for line in done.stdout.splitlines()]
    lines = {line["type"]: line for line in in_order}
    assert lines["ready"] == {
        "type": "ready",
        "webhook_url": URL,
        "dashboard_url": "https://console.example/guest?token=t",
        "source": "okta",
        "forwards_to": "http://localhost:1337/okta-webhooks-endpoint",
        "hookdeck_version": "2.6.0",
        "guest": True,
    }
    assert lines["attempt"] == {
        "type": "attempt",
        "status": 204,
        "method": "POST",
        "url": "http://localhost:1337/h",
        "event_url": "https://d.example/e",
        "duration_ms": 1,
        "error": None,
    }
    assert lines["output"] == {"type": "output", "stream": "stderr", "text": "new"}
    assert in_order[-1] == {"type": "stopped", "exit_code": -2}
    assert RunDirectory(tmp_path / "state" / "run").running(TunnelRun) == []


def test_text_shows_url_sign_up_page_and_events(tmp_path: Path) -> None:
    """Each has a line of its own. An unknown line is shown as it is, without its controls."""
    hostile = "say('title \\x1b]0;owned\\x07 \\u202e[red]x')\n"
    command = tunnel(tmp_path, ANNOUNCEMENT + EVENT + hostile + CTRL_C + WAIT)
    with nothing_left(tmp_path):
        done = run_okhook(*command, home=tmp_path, env={"COLUMNS": "200"})
    assert done.returncode == 0
    shown = [line.strip() for line in done.stdout.splitlines()]
    assert f"Tunnel ready: {URL} → http://localhost:1337/okta-webhooks-endpoint" in shown
    assert "a guest's URL is temporary; sign up: https://console.example/guest?token=t" in shown
    assert "20:37:09  204  POST http://localhost:1337/h  1 ms  https://d.example/e" in shown
    assert "title  \\u202e[red]x" in shown
    assert shown[-1] == "tunnel closed"


def test_output_url_is_the_url_alone(tmp_path: Path) -> None:
    """Stdout holds the webhook URL and nothing else, while the tunnel stays up and restarts."""
    then = "if run == 1:\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    command = tunnel(tmp_path, ANNOUNCEMENT + EVENT + then + CTRL_C + WAIT, "--output", "url")
    with nothing_left(tmp_path):
        done = run_okhook(*command, home=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{URL}\n")
    assert "restarting in" in done.stderr
    assert done.stderr.count("Tunnel ready") == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(tmp_path: Path, number: signal.Signals) -> None:
    """A grandchild that ignores SIGINT and SIGTERM ends too."""
    body = f"subprocess.Popen([sys.executable, '-c', {'import signal, time;' + STUBBORN!r} + '''"
    body += WAIT + "'''])\n"
    command = tunnel(tmp_path, body + ANNOUNCEMENT + WAIT, "--output", "json")
    with nothing_left(tmp_path), running_okhook(*command, home=tmp_path) as run:
        run.wait_for_json("ready")
        run.send(number)
        assert run.wait() == 0
        assert not group_is_alive(runs(tmp_path)[0]["pid"])


def test_ctrl_c_before_there_is_a_webhook_url_is_exit_130(tmp_path: Path) -> None:
    """A script that waits for the URL must not go on without one."""
    command = tunnel(tmp_path, "say('still connecting')\n" + CTRL_C + WAIT)
    with nothing_left(tmp_path):
        assert run_okhook(*command, home=tmp_path).returncode == 130
        assert not group_is_alive(runs(tmp_path)[0]["pid"])


def test_a_second_interrupt_leaves_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    """While the child still has its time to end, the second Ctrl-C kills it."""
    command = tunnel(tmp_path, STUBBORN + ANNOUNCEMENT + WAIT, "--output", "json")
    with nothing_left(tmp_path), running_okhook(*command, home=tmp_path) as run:
        run.wait_for_json("ready")
        assert run.insist() == 130
        wait_until(lambda: not group_is_alive(runs(tmp_path)[0]["pid"]))


@pytest.mark.parametrize(
    ("body", "timeout", "what", "why"),
    [
        ("say('unknown flag: --x'); sys.exit(1)", "20", "does not accept its arguments", "--x"),
        ("say('Authentication failed: no'); sys.exit(1)", "20", "refused the key", "failed: no"),
        (WAIT, "0.5", "no webhook URL within 0.5 s", ""),
    ],
    ids=["flag", "key", "silence"],
)
def test_a_hookdeck_that_cannot_work_is_exit_7(
    tmp_path: Path, body: str, timeout: str, what: str, why: str
) -> None:
    """The error holds Hookdeck's own last words, as text for people and as a JSON line."""
    command = tunnel(tmp_path, body, "--timeout", timeout, "--output", "json")
    with nothing_left(tmp_path):
        done = run_okhook(*command, home=tmp_path)
    assert done.returncode == 7
    error = json.loads(done.stdout.splitlines()[-1])
    assert (error["type"], error["exit_code"]) == ("error", 7)
    assert what in error["what"]
    assert why in error["why"]
    assert what in done.stderr


def test_offline_is_told_once_with_the_reason_field_08(tmp_path: Path) -> None:
    """Several runs of the program are one block of its lines; the error has the time limit."""
    line = 'Post "https://api.x/c": dial tcp: lookup api.x on 10.0.0.%s:53: no such host'
    body = f"say('Creating a guest account...'); say({line!r} % run)\nsys.exit(1)\n"

    def leap_after_two_runs() -> None:
        wait_until(lambda: len(runs(tmp_path)) > 1)
        leap(100)

    with nothing_left(tmp_path), leaping_clock() as leap, meanwhile(leap_after_two_runs):
        done = run_okhook(*tunnel(tmp_path, body, "--timeout", "100"), home=tmp_path)
    assert done.returncode == 7
    shown = " ".join(done.stdout.split())
    assert shown.count("Creating a guest account") == 1
    assert shown.count("could not reach api.x: no such host (DNS); restarting in 1 s") == 1
    assert "error: Hookdeck could not reach api.x: no such host (DNS)" in done.stderr
    assert "Hookdeck printed no webhook URL within 100 s" in done.stderr


def test_a_binary_built_from_source_is_tried_field_08(tmp_path: Path) -> None:
    """`hookdeck version master` is a warning, and the tunnel starts."""
    program = fake_hookdeck(tmp_path, ANNOUNCEMENT + CTRL_C + WAIT, version="master")
    with nothing_left(tmp_path):
        done = run_okhook("tunnel", "--hookdeck", str(program), "--output", "json", home=tmp_path)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert "does not know the Hookdeck CLI master" in lines[0]["text"]
    assert next(o for o in lines if o["type"] == "ready")["hookdeck_version"] == "master"


def test_without_hookdeck_it_says_how_to_install_it(tmp_path: Path) -> None:
    """Neither hookdeck nor npx on PATH: exit 7."""
    done = run_okhook("tunnel", home=tmp_path, env={"PATH": str(tmp_path)})
    assert done.returncode == 7
    assert "npm install -g hookdeck-cli" in done.stderr


def test_a_binary_named_in_the_settings_that_is_not_there(tmp_path: Path) -> None:
    """The error names the setting, not only the path."""
    done = run_okhook("tunnel", home=tmp_path, env={"OKHOOK_HOOKDECK": "/nowhere/hookdeck"})
    assert done.returncode == 7
    assert "OKHOOK_HOOKDECK is not an executable program: /nowhere/hookdeck" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (("--source", "a,b"), "--source"),
        (("--source=-x",), "--source"),
        (("--source", "*"), "--source"),
        (("--path", "hook"), "--path"),
        (("--port", "0"), "--port"),
        (("--timeout=-1",), "--timeout"),
    ],
)
def test_an_invalid_value_is_exit_2(tmp_path: Path, arguments: tuple[str, ...], flag: str) -> None:
    """Several sources, a flag in place of a name, a path without its slash: usage errors."""
    done = run_okhook(*tunnel(tmp_path, WAIT, *arguments), home=tmp_path)
    assert done.returncode == 2
    assert flag in done.stderr
    assert not (tmp_path / "runs").exists()


def test_settings_come_from_the_project_file_too(tmp_path: Path) -> None:
    """``okhook.toml`` in the directory names source, path and port; ``--`` passes the rest on."""
    (tmp_path / "okhook.toml").write_text('source = "mine"\npath = "/h"\nport = 4242\n')
    command = tunnel(tmp_path, ANNOUNCEMENT + CTRL_C + WAIT, "--", "--log-level", "x")
    with nothing_left(tmp_path):
        done = run_okhook(*command, home=tmp_path)
    assert "http://localhost:4242/h" in done.stdout
    assert runs(tmp_path)[0]["argv"] == [
        *("listen", "4242", "mine", "--path", "/h"),
        *("--output", "compact", "--log-level", "x"),
    ]


def test_a_second_tunnel_to_the_port_is_exit_7(tmp_path: Path) -> None:
    """The error names the process of the first one, and no Hookdeck is started."""
    command = tunnel(tmp_path, ANNOUNCEMENT + WAIT)
    with RunDirectory(tmp_path / "state" / "run").own("tunnel-1337") as first:
        first.write(TunnelRun())
        second = run_okhook(*command, home=tmp_path, env={"COLUMNS": "200"})
    assert second.returncode == 7
    assert f"another okhook has a tunnel to port 1337 (process {os.getpid()})" in second.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel must end it")
def test_after_a_kill_hookdeck_ends_by_itself_field_07(tmp_path: Path) -> None:
    """Even one that ignores signals. What it started ends with the next run, which says so."""
    listener = (
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600) # hookdeck'])\n"
    )
    command = tunnel(tmp_path, STUBBORN + listener + ANNOUNCEMENT + WAIT, "--output", "json")
    with nothing_left(tmp_path):
        with running_okhook(*command, home=tmp_path) as killed:
            killed.wait_for_json("ready")
            killed.send(signal.SIGKILL)
            assert killed.wait() == -signal.SIGKILL
        orphan = runs(tmp_path)[0]["pid"]
        wait_until(lambda: orphan not in group_members(orphan))
        assert group_is_alive(orphan)
        seen = run_okhook("doctor", "--check-timeout", "60", "--output", "json", home=tmp_path)
        assert f"kill -- -{orphan}" in checked(seen.stdout, "tunnel")["remedy"]
        assert group_is_alive(orphan)
        with running_okhook(*command, home=tmp_path) as following:
            following.wait_for_json("ready")
            assert not group_is_alive(orphan)
            ended = following.wait_for_json("warning")
            assert f"process group {orphan}" in ended["text"]


def test_only_the_first_run_warns_of_a_source_that_existed(tmp_path: Path) -> None:
    """In an account the path is stored for all who use the source: the first run warns of that."""
    account = ANNOUNCEMENT.replace("say('Source \"okta\" not found.')\n", "").replace(
        "Sign up to make your webhook URL permanent: https://console.example/guest?token=t",
        "Open dashboard to inspect, retry & bookmark events: https://dashboard.example/e",
    )
    command = tunnel(tmp_path, account + CTRL_C + WAIT, "--output", "json")
    with nothing_left(tmp_path):
        written = [run_okhook(*command, home=tmp_path).stdout for _ in range(2)]
    assert '"guest":false' in written[0]
    assert [lines.count("already existed") for lines in written] == [1, 0]


def test_hookdeck_does_not_take_itself_for_the_service(tmp_path: Path) -> None:
    """What systemd passes in variables is for okhook alone."""
    command = tunnel(tmp_path, ANNOUNCEMENT + CTRL_C + WAIT, "--output", "url")
    passed = {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "1", "LISTEN_FDS": "1", "LISTEN_PID": "1"}
    with nothing_left(tmp_path):
        assert run_okhook(*command, home=tmp_path, env=passed).returncode == 0
    assert runs(tmp_path)[0]["env"].keys().isdisjoint(passed)
