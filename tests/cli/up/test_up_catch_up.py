"""``okhook up`` after a break: what happened in the org meanwhile comes in after all."""

import json
import os
import pty
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.up.test_up import direct, free_port, sandbox, up
from tests.sandbox.keys import ec_key, pem, public_pem
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, environment, running_okhook

APP = "0oaWithoutTheLog00000"


def records(home: Path) -> list[dict[str, Any]]:
    done = run_okhook("deliveries", "list", "--output", "json", home=home)
    return [json.loads(line) for line in done.stdout.splitlines()]


def a_run_that_ended(home: Path, *arguments: str) -> None:
    """Bring all up once, and take it down in order: the hook is inactive afterwards."""
    with up(home, *arguments) as run:
        run.wait_for_json("ready")
        run.send(signal.SIGINT)
        assert run.wait() == 0


def age_the_last_run(home: Path) -> None:
    """Let the run that is noted have ended two hours ago."""
    for noted in (home / "state" / "uptime").glob("*.json"):
        content = json.loads(noted.read_text())
        earlier = {
            name: (datetime.fromisoformat(moment) - timedelta(hours=2)).isoformat()
            for name, moment in content.items()
        }
        noted.write_text(json.dumps(earlier))


def test_catch_up_brings_what_happened_in_between(tmp_path: Path) -> None:
    """Users of the break come as reconstructed deliveries, forwarded and once; then it is live."""
    port = free_port()
    with sandbox(tmp_path) as org:
        a_run_that_ended(tmp_path, *direct(port))
        org.create_user("one@example.com")
        org.create_user("two@example.com")
        with up(tmp_path, *direct(port), "--catch-up") as run:
            caught = run.wait_for_json(
                "step", lambda line: line["step"] == "catch up" and line["state"] == "done"
            )
            assert "2 of 2 events" in caught["detail"]
            org.create_user("three@example.com")
            run.wait_for_json("delivery", lambda line: not line["reconstructed"])
        with up(tmp_path, *direct(port), "--catch-up") as again:
            caught = again.wait_for_json(
                "step", lambda line: line["step"] == "catch up" and line["state"] == "done"
            )
            assert "nothing was missed" in caught["detail"]
    logins = sorted(
        record["events"][0]["target"][0]["alternate_id"] for record in records(tmp_path)
    )
    assert logins == ["one@example.com", "three@example.com", "two@example.com"]


def test_once_does_not_end_with_what_is_caught_up(tmp_path: Path) -> None:
    """--once waits for an event that the org delivers."""
    port = free_port()
    with sandbox(tmp_path) as org:
        a_run_that_ended(tmp_path, *direct(port))
        org.create_user("before@example.com")
        with up(tmp_path, *direct(port), "--catch-up", "--once") as run:
            run.wait_for_json("delivery", lambda line: line["reconstructed"])
            assert run.popen.poll() is None
            org.create_user("now@example.com")
            assert run.wait() == 0
            (live,) = [
                line
                for line in run.json_lines()
                if line["type"] == "delivery" and not line["reconstructed"]
            ]
    assert live["events"][0]["target"][0]["alternate_id"] == "now@example.com"


def test_a_first_run_has_nothing_to_catch_up_with(tmp_path: Path) -> None:
    """--catch-up in a script does no harm where nothing ever ran."""
    port = free_port()
    with sandbox(tmp_path), up(tmp_path, *direct(port), "--catch-up") as run:
        run.wait_for_json("ready")
        assert any("nothing to catch up with" in line for line in run.errors)


def test_a_log_that_may_not_be_read_stops_nothing(tmp_path: Path) -> None:
    """An app without the log's scope has its hook all the same, and is told what it lacks."""
    port = free_port()
    key = ec_key()
    (tmp_path / "app.pem").write_text(pem(key))
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "app.pub.pem").write_text(public_pem(key))
    arguments = ("sandbox", "--port", "0", "--output", "json")
    app = ("--service-app", f"{APP}=app.pub.pem", "--grant", f"{APP}=okta.eventHooks.manage")
    env = {"OKHOOK_CLIENT_ID": APP, "OKHOOK_PRIVATE_KEY_FILE": str(tmp_path / "app.pem")}
    with running_okhook(*arguments, *app, home=tmp_path / "org") as org:
        org_url = org.wait_for_json("ready")["org_url"]
        flags = ("--org", org_url, *direct(port)[2:])
        with up(tmp_path, *flags, **env) as first:
            first.wait_for_json("ready")
        with up(tmp_path, *flags, "--catch-up", **env) as run:
            warned = run.wait_for_json(
                "warning", lambda line: "could not be fetched" in line["text"]
            )
            assert "okta.logs.read" in warned["text"]
            assert run.popen.poll() is None
            run.send(signal.SIGINT)
            assert run.wait() == 0


def test_whoever_cannot_be_asked_is_told_of_the_flag(tmp_path: Path) -> None:
    """Without a terminal nobody is asked, and nothing is fetched unasked."""
    port = free_port()
    with sandbox(tmp_path) as org:
        a_run_that_ended(tmp_path, *direct(port))
        age_the_last_run(tmp_path)
        org.create_user("between@example.com")
        with up(tmp_path, *direct(port)) as run:
            run.wait_for_json("ready")
            assert any("--catch-up" in line for line in run.errors)
            assert not any(line.get("step") == "catch up" for line in run.json_lines())
        with up(tmp_path, *direct(port), "--no-catch-up") as run:
            run.wait_for_json("ready")
            assert not any("--catch-up" in line for line in run.errors)


def test_a_person_is_asked_and_may_say_yes(tmp_path: Path) -> None:
    """On a terminal the question comes before anything starts; yes fetches what happened."""
    port = free_port()
    with sandbox(tmp_path) as org:
        a_run_that_ended(tmp_path, *direct(port))
        age_the_last_run(tmp_path)
        org.create_user("asked@example.com")
        written = _answering_yes(tmp_path, *direct(port))
    assert "fetch what happened in the org since then? [y/N]" in written
    assert "1 of 1 events" in written
    assert any(record["reconstructed"] for record in records(tmp_path))


def _answering_yes(home: Path, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "okhook", "up", *arguments],
        env={**environment(home), "TERM": "dumb", "COLUMNS": "200"},
        cwd=home,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    written = ""
    try:
        while "came in now" not in written:
            written += os.read(ours, 65536).decode()
            if "[y/N] " in written and "yes" not in written:
                os.write(ours, b"yes\n")
    finally:
        process.send_signal(signal.SIGINT)
        while _more(ours):
            pass
        process.wait(PATIENCE_S)
        os.close(ours)
    return written


def _more(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
