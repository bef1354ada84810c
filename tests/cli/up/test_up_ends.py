"""How ``okhook up`` ends: what it cannot come to an end with, and what Ctrl-C means when."""

import signal
from pathlib import Path

import pytest

from tests.cli.up.runs import direct, of_type, running_up, up_lines
from tests.support.answering import Asked, answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.leaping_clock import leaping_clock
from tests.support.meanwhile import meanwhile
from tests.support.receiver import receiver
from tests.support.sandbox_org import sandbox_org
from tests.support.waiting import wait_until


def test_ctrl_c_before_ready_is_exit_130(tmp_path: Path) -> None:
    """The path is not proved yet, so the run did not do what it was started for."""
    with (
        receiver(home=tmp_path / "other") as other,
        running_up(tmp_path, "--sandbox", "--public-url", other.url) as run,
    ):
        run.wait_for_json("step", lambda line: line["step"] == "path")
        run.send(signal.SIGINT)
        assert run.wait() == 130
        assert "ready" not in [line["type"] for line in run.json_lines()]
        assert run.errors == []


def test_once_interrupted_before_its_event_is_exit_130(tmp_path: Path) -> None:
    """A script that waits for the event must not take it for one that came; the hook is at rest."""
    with sandbox_org(home=tmp_path) as org, running_up(tmp_path, *direct(), "--once") as run:
        run.wait_for_json("ready")
        run.send(signal.SIGINT)
        assert run.wait() == 130
        assert org.hooks()[0]["status"] == "INACTIVE"


def test_an_event_that_the_test_user_does_not_make_comes_with_how_to_make_it(
    tmp_path: Path,
) -> None:
    """The command that is named brings the event about, in the sandbox of this run."""
    with running_up(tmp_path, "--sandbox", "--event", "group.user_membership.add") as run:
        awaited = run.wait_for_json("awaited")
        assert awaited["event_types"] == ["group.user_membership.add"]
        command = ("trigger", "group.user_membership.add", "--org", "sandbox")
        done = run_okhook(*command, home=tmp_path)
        assert done.returncode == 0, done.stderr
        delivery = run.wait_for_json("delivery")
        assert delivery["events"][0]["event_type"] == "group.user_membership.add"


def test_once_is_refused_where_nobody_makes_its_event(tmp_path: Path) -> None:
    """It would wait for ever: nothing is started, and both ways out are named."""
    flags = ("--sandbox", "--once", "--event", "group.user_membership.add")
    done = run_okhook("up", *flags, home=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "the test user does not cause group.user_membership.add" in done.stderr
    assert "--event user.lifecycle.create" in done.stderr
    assert "okhook trigger group.user_membership.add --org sandbox" in done.stderr


def test_once_waits_no_longer_than_it_is_told_to_field_26(tmp_path: Path) -> None:
    """Exit 6 names the types that did not come, in words and in JSON; the hook is at rest."""
    types = ("group.user_membership.add", "user.session.start")
    events = [word for each in types for word in ("--event", each)]

    def leap_once_ready() -> None:
        wait_until(lambda: [*(tmp_path / "state" / "uptime").glob("*.json")])  # a run that is ready
        leap(90)

    with (
        sandbox_org(home=tmp_path) as org,
        leaping_clock() as leap,
        meanwhile(leap_once_ready),
    ):
        lines = up_lines(*direct(), "--once", "--within", "90s", *events, home=tmp_path, code=6)
        assert org.hooks()[0]["status"] == "INACTIVE"
    assert lines[-1]["type"] == "error"
    assert lines[-1]["exit_code"] == 6
    assert lines[-1]["what"] == f"no delivery of {' or '.join(types)} arrived within 90 s"


def test_once_within_names_the_step_that_was_not_done_field_26(tmp_path: Path) -> None:
    """The time runs from the beginning: a script knows how long the command takes at most."""

    def leap_at_the_canary() -> None:
        other.wait_for(1)
        leap(90)

    with (
        receiver(home=tmp_path / "other") as other,
        leaping_clock() as leap,
        meanwhile(leap_at_the_canary),
    ):
        flags = ("--sandbox", "--public-url", other.url, "--once", "--within", "90s")
        lines = up_lines(*flags, "--timeout", "200", home=tmp_path, code=6)
    assert lines[-1]["what"] == (
        "okhook up was not ready within 90 s: the step 'path' took too long"
    )


def test_once_within_an_event_that_comes_is_a_success_field_26(tmp_path: Path) -> None:
    """It also ends the wait for an event that the test user does not cause."""
    (delivery,) = of_type(
        up_lines("--sandbox", "--once", "--within", "60s", home=tmp_path), "delivery"
    )
    assert delivery["events"][0]["event_type"] == "user.lifecycle.create"
    event = ("--event", "group.user_membership.add")
    up_lines("--sandbox", "--once", "--within", "0.5", *event, home=tmp_path, code=6)


@pytest.mark.parametrize(("status", "code"), [(204, 0), (404, 1), (500, 6)])
def test_once_within_waits_for_the_app_field_26(tmp_path: Path, status: int, code: int) -> None:
    """A check in CI does not pass where the app refuses the event or answers 500."""

    def answering(_: Asked) -> bytes:
        if len(app.asked) > 1:  # a retry
            leap(90)
        return answer(status)

    with leaping_clock() as leap, answering_server(answering) as app:
        flags = ("--sandbox", "--once", "--within", "90s", "--forward-to", app.url)
        last = up_lines(*flags, home=tmp_path, code=code)[-1]
    assert ("did not accept" in last.get("what", "")) is (code != 0)
    assert code != 1 or last["why"] == "it answered HTTP 404"


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (("--within", "5s"), "--within requires --once"),
        (("--once", "--within", "0s"), "invalid --within value '0s': expected more than 0"),
        (("--once", "--within", "soon"), "invalid --within value 'soon'"),
        (("--once", "--within", "-1"), "invalid --within value '-1'"),
    ],
)
def test_a_wrong_within_is_refused_field_26(
    tmp_path: Path, flags: tuple[str, ...], what: str
) -> None:
    """Nothing is started."""
    done = run_okhook("up", "--sandbox", *flags, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"error: {what}" in done.stderr


@pytest.mark.parametrize("other", ["user.lifecycle.create", "user.lifecycle.activate"])
def test_once_ends_where_one_of_its_events_is_made(tmp_path: Path, other: str) -> None:
    """Creating the test user, active at once, makes two types of events."""
    flags = ("--sandbox", "--once", "--event", "group.user_membership.add", "--event", other)
    (delivery,) = of_type(up_lines(*flags, home=tmp_path), "delivery")
    assert delivery["events"][0]["event_type"] == other


@pytest.mark.parametrize(
    "route", [("--sandbox",), ("--org", "dev-1.okta.com", "--public-url", "https://x.example")]
)
def test_arguments_for_hookdeck_are_refused_where_none_is_run(
    tmp_path: Path, route: tuple[str, ...]
) -> None:
    """A word that slipped in, or an option that lost its dashes, is not swallowed."""
    done = run_okhook("up", *route, "stray", home=tmp_path, env={"OKHOOK_TOKEN": "t"})
    assert done.returncode == 2
    assert "unexpected argument stray: Hookdeck is not used" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["up", "tunnel"])
def test_the_usage_line_can_be_read(tmp_path: Path, command: str) -> None:
    """One pair of brackets, and dots for more."""
    done = run_okhook(command, "--help", home=tmp_path, env={"COLUMNS": "100", "TERM": "dumb"})
    (usage,) = [line.strip() for line in done.stdout.splitlines() if "Usage:" in line]
    assert usage.endswith(f"{command} [OPTIONS] [HOOKDECK_ARGS]...")


def test_quiet_shows_what_scripts_and_people_need(tmp_path: Path) -> None:
    """Ready with its facts, and what came: no steps that went well, and no hints."""
    one_type = ("--event", "user.lifecycle.create")
    done = run_okhook(
        "up", "--sandbox", *one_type, "--once", "--quiet", "--port", "0", home=tmp_path
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    ready = shown.index("Ready")
    facts = [line.split()[0] for line in shown[ready + 1 : ready + 6]]
    assert facts == ["org", "hook", "webhook", "receiver", "token"]
    assert "user.lifecycle.create" in shown[ready + 6]
    assert len(shown) == ready + 7
    assert not any(line.startswith("✓") for line in shown)
