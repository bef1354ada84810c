"""``okhook send-sample --recent``: what the Admin Console calls Preview."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from okhook.runtime.ids import utc_now
from tests.sandbox.seeding import Seed, seed_file
from tests.support.answering import answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.sandbox_org import sandbox_org

TYPE = "user.lifecycle.create"
HOOK = "whoOfTheEvent0000000"


@contextmanager
def org_with(home: Path, *seeds: Seed) -> Iterator[None]:
    seed_file(home / "org.json", seeds)
    with sandbox_org(home=home, data=home / "org.json"):
        yield


def sent(home: Path, *arguments: str) -> tuple[list[dict[str, Any]], str]:
    """Send, and return the bodies that came with what was said beside them."""
    with answering_server(lambda _: answer(204)) as receiver:
        options = ("--recent", "--org", "sandbox", "--to", receiver.url)
        done = run_okhook("send-sample", *options, *arguments, home=home, env={"TZ": "EAST-5"})
        assert done.returncode == 0, done.stderr
        return [json.loads(asked.body) for asked in receiver.asked], done.stderr


def test_the_newest_event_of_the_type_goes_out_in_the_hooks_shape(tmp_path: Path) -> None:
    """Of several events of the type the newest, with the envelope of a delivery around it."""
    seeds = [
        Seed(TYPE, utc_now() - timedelta(days=40)),
        Seed(TYPE, utc_now() - timedelta(days=20), (HOOK,)),
        Seed("user.lifecycle.activate", utc_now() - timedelta(days=1)),
    ]
    with org_with(tmp_path, *seeds):
        (body,), said = sent(tmp_path)
    (event,) = body["data"]["events"]
    assert event["uuid"] == seeds[1].uuid
    assert "request" not in event
    assert event["client"]["ipChain"] == seeds[1].entry()["request"]["ipChain"]
    assert (event["client"]["zone"], event["device"], event["insertionTimestamp"]) == (
        "null",
        None,
        None,
    )
    assert body["source"].endswith(f"/api/v1/eventHooks/{HOOK}")
    assert body["eventType"] == "com.okta.event_hook"
    east = seeds[1].published.astimezone(timezone(timedelta(hours=5)))
    assert f"{TYPE} of {east:%Y-%m-%d %H:%M:%S}, {seeds[1].uuid}" in said


def test_each_is_a_delivery_of_its_own_and_can_be_changed(tmp_path: Path) -> None:
    """Two deliveries of one event have two ids, and --set changes what goes out."""
    with org_with(tmp_path, Seed(TYPE, utc_now() - timedelta(hours=1))):
        bodies, _ = sent(
            tmp_path, "--count", "2", "--set", 'data.events[0].outcome.result="FAILURE"'
        )
    assert len({body["eventId"] for body in bodies}) == 2
    assert {body["data"]["events"][0]["outcome"]["result"] for body in bodies} == {"FAILURE"}


def test_the_sample_stands_in_where_the_log_has_none(tmp_path: Path) -> None:
    """An org in which nothing of the type happened gives Jane Doe, and says so."""
    with org_with(tmp_path, Seed("user.session.start", utc_now())):
        (body,), said = sent(tmp_path)
    assert body["data"]["events"][0]["target"][0]["displayName"] == "Jane Doe"
    assert f"found no {TYPE} in the 90 days" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--recent", "--login", "sam@example.com"), "--recent cannot be used with --login"),
        (("--recent", "--file", "-"), "--recent cannot be used with --file"),
        (("--org", "sandbox"), "--org can only be used with --recent"),
    ],
)
def test_flags_that_contradict_each_other(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    """An event that happened is what it is."""
    done = run_okhook("send-sample", *arguments, home=tmp_path, stdin=b"{}")
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
