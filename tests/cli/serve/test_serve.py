"""``okhook serve`` as a process: what it says, what it answers, how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.okhook_process import (
    PATIENCE_S,
    OkhookProcess,
    environment,
    running_okhook,
    running_program,
)
from tests.support.patient_end import PATIENT_OKHOOK
from tests.support.ports import refuses_connections
from tests.support.records import EVENT_SHOWN, delivery_body, event
from tests.support.waiting import wait_until

SERVE = ("serve", "--port", "0", "--output", "json")


def url_of(process: OkhookProcess) -> str:
    return str(process.wait_for_json("ready")["url"])


def test_the_whole_life_of_a_receiver_in_json_lines(tmp_path: Path) -> None:
    """Ready, verified, delivered, duplicate, refused, stopped: each is one line with its fields."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        ready = serve.wait_for_json("ready")
        assert ready["auth"] is False
        url = ready["url"]
        httpx.get(url, headers={"X-Okta-Verification-Challenge": "abc"}, trust_env=False)
        for _ in range(2):
            httpx.post(url, content=delivery_body("event-1"), trust_env=False)
        httpx.post(url, content=b"{", trust_env=False)
        serve.wait_for_json("refused")
        serve.send(signal.SIGINT)
        assert serve.wait() == 0
        lines = serve.json_lines()
    assert [line["type"] for line in lines] == [
        "ready",
        "verification",
        "delivery",
        "delivery",
        "refused",
        "stopped",
    ]
    delivery = lines[2]
    assert {key: delivery[key] for key in ("seq", "event_id", "hook_id", "duplicate")} == {
        "seq": 2,
        "event_id": "event-1",
        "hook_id": "who123",
        "duplicate": False,
    }
    assert delivery["events"] == [EVENT_SHOWN]
    assert lines[3]["duplicate"] is True
    assert lines[4]["status"] == 400


def test_stdout_is_json_lines_and_nothing_else(tmp_path: Path) -> None:
    """Notes and warnings go to stderr, where they cannot break jq; all of stdout is ASCII."""
    hostile = event()
    hostile["target"][0]["displayName"] = "\x1b]0;title\x07\u202eJané"
    with running_okhook(*SERVE, "--auth-secret", "visible", home=tmp_path) as serve:
        url = url_of(serve)
        headers = {"Authorization": "visible"}
        httpx.post(url, content=delivery_body("e", hostile), headers=headers, trust_env=False)
        line = serve.wait_for_json("delivery")
        assert line["events"][0]["target"][0]["display_name"] == "\x1b]0;title\x07\u202eJané"
        serve.wait_for_error("process list")
    assert all(line.isascii() and line.isprintable() for line in serve.lines)
    assert sum("process list" in line for line in serve.errors) == 1
    assert "visible" not in serve.transcript()


def test_hostile_text_cannot_move_colour_or_forge(tmp_path: Path) -> None:
    """On a screen a name from a payload is text on its own line, whatever it holds."""
    hostile = event()
    hostile["target"][0]["displayName"] = (
        "Eve\x1b[2J\x1b]8;;http://evil\x07[red]x[/red]\n12:00:00  forged.line  SUCCESS\u202e\x9b31m"
    )
    with running_okhook("serve", "--port", "0", "-v", home=tmp_path) as serve:
        url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
        httpx.post(url, content=delivery_body("event-1", hostile), trust_env=False)
        shown = serve.wait_for_line(lambda line: "Eve" in line)
        serve.wait_for_line(lambda line: line == "}")
    assert "[red]x[/red]\\n12:00:00  forged.line" in shown
    assert not any(line.lstrip().startswith("12:00:00  forged") for line in serve.lines)
    for line in serve.lines:
        assert line.isprintable()


def test_several_events_are_several_lines_under_one_delivery(tmp_path: Path) -> None:
    """A delivery that carries three events says so, and shows each."""
    body = delivery_body("event-3", *(event(f"uuid-{n}", f"user.type.{n}") for n in range(3)))
    with running_okhook("serve", "--port", "0", home=tmp_path) as serve:
        url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
        httpx.post(url, content=body, trust_env=False)
        serve.wait_for_line(lambda line: "user.type.2" in line)
    head = next(number for number, line in enumerate(serve.lines) if "3 events" in line)
    for number in range(3):
        line = serve.lines[head + 1 + number]
        assert f"user.type.{number}" in line
        assert "admin@example.com → jane.doe@hookdeckexample.com" in line


def test_secrets_come_from_the_environment_and_from_a_file(tmp_path: Path) -> None:
    """Neither way warns, and both are asked for."""
    (tmp_path / "secret.txt").write_text("from-file\n")
    ways = [
        ((), {"OKHOOK_AUTH_SECRET": "from-env"}, "from-env"),
        ((), {"OKHOOK_BASIC_AUTH": "u:p"}, "Basic dTpw"),
        (("--auth-secret-file", "secret.txt"), {}, "from-file"),
    ]
    for flags, env, secret in ways:
        with running_okhook(*SERVE, *flags, home=tmp_path, env=env) as serve:
            url = url_of(serve)
            assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 401
            answer = httpx.post(
                url, content=delivery_body(), headers={"Authorization": secret}, trust_env=False
            )
            assert answer.status_code == 204
            assert not any("process list" in line for line in serve.errors)


def test_a_port_in_use_is_exit_10_with_port_and_process(tmp_path: Path) -> None:
    """The error names both, and the JSON line says the same to a script."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_okhook("serve", "--port", str(port), "--output", "json", home=tmp_path)
    assert done.returncode == 10
    assert f"port {port}" in done.stderr
    assert f"process {os.getpid()}" in done.stderr
    assert json.loads(done.stdout)["exit_code"] == 10


def test_a_port_of_another_okhook_names_the_command_that_frees_it(tmp_path: Path) -> None:
    """To paste; a receiver and a sandbox alike, and the flag is that of the command."""
    with running_okhook("up", "--sandbox", *SERVE[1:], home=tmp_path) as up:
        ready = up.wait_for_json("ready")
        port = urlsplit(ready["receiver_url"]).port
        sandbox_port = urlsplit(ready["org"]).port
        serve = run_okhook("serve", "--port", str(port), home=tmp_path)
        sandbox = run_okhook(
            *("up", "--sandbox", "--port", "0", "--sandbox-port", str(sandbox_port)), home=tmp_path
        )
        elsewhere = run_okhook("serve", "--port", str(port), home=tmp_path / "another")
    for done, flag in ((serve, "--port"), (sandbox, "--sandbox-port")):
        assert done.returncode == 10
        assert (
            f"→ stop it: `okhook down {port}`, or choose another port with {flag}\n" in done.stderr
        )
    assert "→ stop it, or choose another port with --port\n" in elsewhere.stderr


def test_sigterm_ends_in_order_with_0(tmp_path: Path) -> None:
    """A supervisor's TERM gets the same clean end as Ctrl-C: it is how a service is stopped."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url_of(serve)
        serve.send(signal.SIGTERM)
        assert serve.wait() == 0
        assert serve.json_lines()[-1] == {"type": "stopped"}


def test_a_killed_receiver_has_what_it_answered(tmp_path: Path) -> None:
    """After SIGKILL every delivery that was answered 204 is in the store."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = url_of(serve)
        with httpx.Client(trust_env=False) as client:
            bodies = [delivery_body(f"event-{n}", event(f"uuid-{n}")) for n in range(20)]
            assert {client.post(url, content=body).status_code for body in bodies} == {204}
        serve.send(signal.SIGKILL)
        serve.wait()
    kept = kept_in(tmp_path)
    assert [record.request.body for record in kept] == bodies
    with running_okhook(*SERVE, home=tmp_path) as again:
        url = url_of(again)
        httpx.post(url, content=bodies[0], trust_env=False)
        assert again.wait_for_json("delivery")["duplicate"] is True


def test_a_reader_that_stops_reading_holds_up_no_answer(tmp_path: Path) -> None:
    """With a full pipe behind stdout deliveries are still answered, and Ctrl-C still ends it."""
    with subprocess.Popen(
        [sys.executable, "-m", "okhook", *SERVE, "-v"],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as popen:
        assert popen.stdout is not None
        url = json.loads(popen.stdout.readline())["url"]
        with httpx.Client(trust_env=False) as client:
            for number in range(400):
                body = delivery_body(f"event-{number}", event("u" * 600 + str(number)))
                assert client.post(url, content=body, timeout=PATIENCE_S).status_code == 204
        popen.send_signal(signal.SIGINT)
        assert popen.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("output", ["json", "text"])
def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path, output: str) -> None:
    """`okhook serve | head -1`: no traceback, and the port is free again."""
    with subprocess.Popen(
        [sys.executable, "-m", "okhook", *SERVE[:-1], output],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as popen:
        assert popen.stdout is not None
        assert popen.stderr is not None
        url = popen.stdout.readline().decode().split()[-1]
        if output == "json":
            url = json.loads(url)["url"]
        popen.stdout.close()
        httpx.post(url, content=delivery_body(), trust_env=False)
        assert popen.wait(PATIENCE_S) == 1
        assert b"Traceback" not in popen.stderr.read()


def test_a_store_that_cannot_be_opened_is_exit_9(tmp_path: Path) -> None:
    """The receiver does not start without a place to keep things."""
    (tmp_path / "state").write_text("in the way")
    done = run_okhook("serve", "--port", "0", home=tmp_path)
    assert done.returncode == 9
    assert "store" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("serve", "--port", "99999"), 2, "invalid --port value '99999'"),
        (("serve", "--path", "no-slash"), 2, "invalid --path value 'no-slash'"),
        (("serve", "--output", "xml"), 2, "output"),
        (("serve", "--no-such-flag"), 2, "no-such-flag"),
        (("serve", "--auth-secret", "a", "--basic-auth", "b:c"), 2, "cannot be used together"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_bad_usage_says_what_is_wrong(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What cannot be meant is exit 2 with the flag's name in it, and no traceback."""
    done = run_okhook(*arguments, home=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def stalling(serve: OkhookProcess) -> Iterator[None]:
    """Send one byte of a body of nine, and hold that request open."""
    to = urlsplit(url_of(serve))
    with socket.create_connection((to.hostname or "", to.port or 0)) as stalled:
        head = "POST /okta-webhooks-endpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"
        stalled.sendall(head.encode())
        httpx.get(url_of(serve), trust_env=False)
        serve.wait_for_json("refused")  # so the request before it has been read too
        yield


def test_ctrl_c_ends_it_whoever_stalls(tmp_path: Path) -> None:
    """A sender that holds a request open cannot keep the receiver from ending."""
    with running_okhook(*SERVE, home=tmp_path) as serve, stalling(serve):
        serve.send(signal.SIGINT)
        assert serve.wait() == 0


def test_a_second_ctrl_c_leaves_at_once(tmp_path: Path) -> None:
    """While the first one still waits for a request in flight, the second ends it with 130."""
    patient = running_program(*PATIENT_OKHOOK, *SERVE, home=tmp_path)
    with patient as serve, stalling(serve):
        serve.send(signal.SIGINT)
        wait_until(lambda: refuses_connections(url_of(serve)))  # the first has been taken
        serve.send(signal.SIGINT)
        assert serve.wait() == 130
