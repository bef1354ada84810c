"""``okhook up`` after a break: what happened in the org meanwhile comes in after all."""

import json
import os
import signal
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from okhook.records.record import RecordKind
from okhook.sandbox.activities import ApiCalled
from okhook.sandbox.oauth.jwts import ServiceApp, public_keys_in
from tests.cli.terminal import read, read_to_end, started
from tests.cli.up.runs import UP, create_user_once_ready, direct, of_type, up_lines
from tests.sandbox.keys import ec_key, pem, public_pem
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.meanwhile import meanwhile
from tests.support.okhook_process import PATIENCE_S
from tests.support.sandbox_org import SandboxOrg, sandbox_org
from tests.support.waiting import wait_until

APP = "0oaWithoutTheLog00000"


def a_run(
    home: Path,
    org: SandboxOrg,
    *arguments: str,
    login: str = "live@example.com",
    env: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Bring all up, make an event, and take all down in order: the hook is inactive afterwards."""
    with meanwhile(lambda: create_user_once_ready(home, org, login)):
        return up_lines(*arguments, "--once", home=home, env=env)


def caught_up(lines: list[dict[str, Any]]) -> list[str]:
    """Return what the step of catching up says."""
    steps = [step for step in of_type(lines, "step") if step["state"] == "done"]
    return [step["detail"] for step in steps if step["step"] == "catch up"]


def logins(deliveries: list[dict[str, Any]]) -> list[str]:
    return sorted(each["events"][0]["target"][0]["alternate_id"] for each in deliveries)


def age_the_last_run(home: Path) -> None:
    """Let the run that is noted have ended two hours ago."""
    for noted in (home / "state" / "uptime").glob("*.json"):
        content = json.loads(noted.read_text())
        earlier = {
            name: (datetime.fromisoformat(moment) - timedelta(hours=2)).isoformat()
            for name, moment in content.items()
        }
        noted.write_text(json.dumps(earlier))


def create_user_once_caught_up(org: SandboxOrg, login: str) -> None:
    """Wait until a run reads the org's log, up to the moment before, and then make an event."""

    def reads() -> int:
        return sum("/api/v1/logs" in call.path for call in org.activities.of(ApiCalled))

    before = reads()
    wait_until(lambda: reads() > before)
    org.create_user(login)


def test_catch_up_brings_what_happened_in_between(tmp_path: Path) -> None:
    """Users of the break come once, as reconstructed deliveries; --once waits for one of the org.

    Where nothing ever ran, --catch-up in a script does no harm.
    """
    flags = (*direct(), "--catch-up")

    def create_user_after_them(org: SandboxOrg) -> None:
        """Wait until both are in the store, and then make one more event."""
        wait_until(lambda: sum(r.kind is RecordKind.DELIVERY for r in kept_in(tmp_path)) >= 3)
        org.create_user("three@example.com")

    with sandbox_org(home=tmp_path) as org:
        with meanwhile(lambda: create_user_once_ready(tmp_path, org, "zero@example.com")):
            first = run_okhook(*UP, *flags, "--once", home=tmp_path)
        assert first.returncode == 0, first.stderr
        assert "no missed events to fetch" in first.stderr
        org.create_user("one@example.com")
        org.create_user("two@example.com")
        with meanwhile(lambda: create_user_after_them(org)):
            second = up_lines(*flags, "--once", home=tmp_path)
        (detail,) = caught_up(second)
        assert "2 of 3 events" in detail
        deliveries = of_type(second, "delivery")
        rebuilt = [each for each in deliveries if each["reconstructed"]]
        assert logins(rebuilt) == ["one@example.com", "two@example.com"]
        assert logins([each for each in deliveries if each not in rebuilt]) == ["three@example.com"]
        with meanwhile(lambda: create_user_once_caught_up(org, "four@example.com")):
            third = up_lines(*flags, "--once", home=tmp_path)
        (detail,) = caught_up(third)
        assert "no events were missed" in detail


def test_a_log_that_may_not_be_read_stops_nothing(tmp_path: Path) -> None:
    """An app without the log's scope has its hook all the same, and is told what it lacks."""
    (tmp_path / "app.pem").write_text(pem(ec_key()))
    public = tmp_path / "app.pub.pem"
    public.write_text(public_pem(ec_key()))
    keys = public_keys_in(public, "--service-app")
    app = ServiceApp(APP, keys, ("okta.eventHooks.manage",))
    env = {"OKHOOK_CLIENT_ID": APP, "OKHOOK_PRIVATE_KEY_FILE": str(tmp_path / "app.pem")}
    with sandbox_org(service_apps=(app,)) as org:
        flags = direct(org=org.url)
        a_run(tmp_path, org, *flags, env=env)
        lines = a_run(tmp_path, org, *flags, "--catch-up", login="again@example.com", env=env)
    (warned,) = [each for each in of_type(lines, "warning") if "could not catch up" in each["text"]]
    assert "okta.logs.read" in warned["text"]
    assert of_type(lines, "ready")


def test_whoever_cannot_be_asked_is_told_of_the_flag(tmp_path: Path) -> None:
    """Without a terminal nobody is asked, and nothing is fetched unasked."""
    flags = direct()
    with sandbox_org(home=tmp_path) as org:
        a_run(tmp_path, org, *flags)
        for more, told in (((), True), (("--no-catch-up",), False)):
            age_the_last_run(tmp_path)
            org.create_user(f"between-{told}@example.com")
            with meanwhile(lambda: create_user_once_ready(tmp_path, org, f"{told}@example.com")):  # noqa: B023 - it ends with this turn
                done = run_okhook(*UP, *flags, *more, "--once", home=tmp_path)
            assert done.returncode == 0, done.stderr
            assert ("--catch-up" in done.stderr) == told
            assert "catch up" not in done.stdout


def test_a_person_is_asked_and_may_say_yes(tmp_path: Path) -> None:
    """On a terminal the question comes before anything starts; yes fetches what happened."""
    flags = direct()
    with sandbox_org(home=tmp_path) as org:
        a_run(tmp_path, org, *flags)
        age_the_last_run(tmp_path)
        org.create_user("asked@example.com")
        written = _answering_yes(tmp_path, *flags)
    assert "receive the org's events since then? [y/N]" in written
    assert "1 of 2 events" in written


def _answering_yes(home: Path, *arguments: str) -> str:
    process, terminal = started(
        ["-m", "okhook", "up", *arguments], home=home, env={"TERM": "dumb", "COLUMNS": "200"}
    )
    try:
        written = read(terminal, ("[y/N] ",))
        os.write(terminal, b"yes\n")
        written += read(terminal, ("received now",))
    finally:
        process.send_signal(signal.SIGINT)
        rest = read_to_end(terminal)
        process.wait(PATIENCE_S)
    return written + rest
