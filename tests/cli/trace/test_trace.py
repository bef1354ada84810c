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
def test_every_name_of_a_delivery_tells_all_of_its_story(looked_back_at: Path, query: str) -> None:
    """Received, tried twice, repeated, and where it ended; also when the duplicate is asked for."""
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


def test_the_command_that_mends_it_is_last(looked_back_at: Path) -> None:
    """What failed says where, after how many attempts, with which answer, and what to run."""
    lines = run_okhook("trace", "uuid-3", home=looked_back_at).stdout.splitlines()
    assert lines[-2:] == [
        f"✗ {FAILED}  failed at {APP} after 2 attempts, last 500",
        f"→ okhook replay {FAILED} --to {APP}",
    ]
    assert "timeout" in lines[1]


def test_a_login_tells_of_all_that_concerned_somebody(looked_back_at: Path) -> None:
    """Every delivery of a person, in order of time; of many, the newest."""
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


def test_what_nobody_knows(looked_back_at: Path) -> None:
    """The answer is no, with another way to look."""
    done = run_okhook("trace", "it's nobody", home=looked_back_at)
    assert (done.returncode, done.stdout) == (1, "")
    assert "found no delivery for it's nobody" in done.stderr
    assert """okhook deliveries search 'it'"'"'s nobody'""" in done.stderr


@pytest.mark.parametrize(("query", "words"), [("", "is empty"), ("\udcff", "is not UTF-8")])
def test_what_cannot_be_anybodys_name(looked_back_at: Path, query: str, words: str) -> None:
    """Nothing, or bytes that are no characters: exit 2 says so."""
    done = run_okhook("trace", query, home=looked_back_at)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
