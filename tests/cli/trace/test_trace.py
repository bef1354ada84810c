"""``okhook trace`` as a process: the story of an event, by any of its names or by a person's."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.history import CREATED, FAILED, PENDING, REPEATED
from tests.support.found import APP
from tests.support.in_process import run_okhook


def told(home: Path, query: str, *flags: str) -> list[dict[str, Any]]:
    done = run_okhook("trace", query, *flags, "--output", "json", home=home)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("query", ["event-1", "uuid-1", "1", "2"])
def test_every_id_of_a_delivery_shows_its_whole_trace(looked_back_at: Path, query: str) -> None:
    """Received, tried twice, repeated, and its state; also for the id of the duplicate."""
    *steps, end = told(looked_back_at, query)
    assert [(step["type"], step["step"], step["seq"]) for step in steps] == [
        ("trace_step", "received", CREATED),
        ("trace_step", "attempts", CREATED),
        ("trace_step", "attempts", CREATED),
        ("trace_step", "duplicate", REPEATED),
    ]
    assert end["type"] == "trace_end"
    assert [(each["seq"], each["where"], each["target"]) for each in end["ends"]] == [
        (CREATED, "forwarded", APP)
    ]
    assert end["next_steps"] == []


def test_the_next_command_is_last(looked_back_at: Path) -> None:
    """A failed delivery shows the app, the attempts and the answer before."""
    lines = run_okhook("trace", "uuid-3", home=looked_back_at).stdout.splitlines()
    assert lines[-2:] == [
        f"✗ {FAILED}  failed at {APP} after 2 attempts, last 500",
        f"→ okhook replay {FAILED} --to {APP}",
    ]
    assert "timeout" in lines[1]


def test_a_login_shows_all_deliveries_of_a_user(looked_back_at: Path) -> None:
    """In order of time; of many, the newest."""
    *steps, end = told(looked_back_at, "jane.doe@hookdeckexample.com")
    arrived = [step["seq"] for step in steps if step["step"] != "attempts"]
    assert arrived == [CREATED, REPEATED, FAILED, PENDING]
    assert {each["seq"]: each["where"] for each in end["ends"]} == {
        CREATED: "forwarded", FAILED: "failed", PENDING: "pending",
    }  # fmt: skip
    assert end["next_steps"] == [
        f"okhook replay {FAILED} --to {APP}",
        f"okhook serve --forward-to {APP}",
    ]
    newest = run_okhook(
        "trace", "jane.doe@hookdeckexample.com", "--limit", "1", home=looked_back_at
    )
    assert "showing the 1 newest" in newest.stderr
    assert newest.stdout.count("received") == 1


def test_an_unknown_query_is_exit_1(looked_back_at: Path) -> None:
    """The error suggests a search."""
    done = run_okhook("trace", "it's nobody", home=looked_back_at)
    assert (done.returncode, done.stdout) == (1, "")
    assert "found no delivery for it's nobody" in done.stderr
    assert """okhook deliveries search 'it'"'"'s nobody'""" in done.stderr


@pytest.mark.parametrize(("query", "words"), [("", "is empty"), ("\udcff", "is not UTF-8")])
def test_an_invalid_query_is_exit_2(looked_back_at: Path, query: str, words: str) -> None:
    """It is empty, or not UTF-8."""
    done = run_okhook("trace", query, home=looked_back_at)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
