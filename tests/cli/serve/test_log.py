"""``okhook serve --log-format json``: every line is a record, from the start to the error."""

import json
import logging
import signal
import socket
from pathlib import Path

import httpx
import pytest

from okhook.cli.log_console import LogConsole, all_logged
from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook
from tests.support.records import delivery_body

SERVE = ("serve", "--port", "0", "--log-format", "json")


def test_stdout_is_the_log_and_stderr_is_empty(tmp_path: Path) -> None:
    """Records with a time, a level, an event and a message; nobody's name is in them."""
    with running_okhook(*SERVE, "--admin", "127.0.0.1:0", home=tmp_path) as serve:
        ready = json.loads(serve.wait_for_line(lambda line: '"ready"' in line))
        for body in (delivery_body(), b"x"):
            httpx.post(ready["url"], content=body, trust_env=False)
        serve.wait_for_line(lambda line: '"refused"' in line)
        serve.send(signal.SIGTERM)
        assert serve.wait() == 0
    records = [json.loads(line) for line in serve.lines]
    assert {type(record["time"]) for record in records} == {str}
    events = [(record["level"], record["event"]) for record in records]
    assert [each for each in events if each[1] != "note"] == [
        ("info", "ready"),
        ("info", "admin"),
        ("info", "delivery"),
        ("warning", "refused"),
        ("info", "stopped"),
    ]
    assert serve.errors == []
    assert "jane.doe" not in "".join(serve.lines)


def test_the_events_are_there_if_they_are_asked_for(tmp_path: Path) -> None:
    """For those whose log is where they look for people."""
    with running_okhook(*SERVE, "--log-events", home=tmp_path) as serve:
        ready = json.loads(serve.wait_for_line(lambda line: '"ready"' in line))
        httpx.post(ready["url"], content=delivery_body(), trust_env=False)
        line = serve.wait_for_line(lambda line: '"delivery"' in line)
    assert "jane.doe" in json.dumps(json.loads(line)["events"])


def test_the_error_at_the_end_is_a_record(tmp_path: Path) -> None:
    """With its exit code and what to do next, however the format was chosen."""
    (tmp_path / "user.toml").write_text('log_format = "json"')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_okhook("serve", "--port", str(port), home=tmp_path)
    assert (done.returncode, done.stderr) == (10, "")
    error = json.loads(done.stdout.splitlines()[-1])
    assert (error["level"], error["event"], error["exit_code"]) == ("error", "error", 10)
    assert f"port {port}" in error["message"]
    assert "--port" in error["next_step"]


def test_it_cannot_be_mixed_with_json_lines(tmp_path: Path) -> None:
    """Both are for stdout; the error says which one is for whom."""
    done = run_okhook(*SERVE, "--output", "json", home=tmp_path)
    assert done.returncode == 2
    assert "--log-format and --output cannot be used together" in done.stderr
    assert "log collector" in done.stderr


def test_events_are_for_the_json_log(tmp_path: Path) -> None:
    """In the text for people they are anyway."""
    done = run_okhook("serve", "--log-events", home=tmp_path)
    assert done.returncode == 2
    assert "--log-events requires --log-format json" in done.stderr


def test_other_commands_do_not_log(tmp_path: Path) -> None:
    """In a container with OKHOOK_LOG_FORMAT, a person still reads what they ask for."""
    done = run_okhook("deliveries", "list", home=tmp_path, env={"OKHOOK_LOG_FORMAT": "json"})
    assert "{" not in done.stdout + done.stderr


def test_what_libraries_log_is_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    """The kind of an exception is named; its text and its traceback may hold anything."""
    with all_logged(LogConsole(quiet=False, events=False)):
        try:
            raise ValueError("jane.doe@example.com")
        except ValueError:
            logging.getLogger("asyncio").exception("a task failed\n\x1b[2J")
        logging.getLogger("asyncio").info("not worth a line")
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        **json.loads(out),
        "level": "error",
        "event": "library",
        "message": r"a task failed\n\x1b[2J",
        "logger": "asyncio",
        "error": "ValueError",
    }
    assert "jane" not in out
