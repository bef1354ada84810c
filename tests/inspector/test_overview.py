"""The overview adds counters up; days are Okta's, in UTC."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from okhook.inspector.overview import apps_of, arrivals_of, hook_state, running_of
from okhook.json_form import timestamp
from okhook.records.attempt import Backlog, Target
from okhook.runtime.run_files import DownApp, ReceiverRun, RunDirectory, UpRun
from okhook.runtime.state_file import StateFile
from okhook.store.contract import Arrivals, Latencies, Reader
from tests.support.found import APP

NOW = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
HOUR = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
OTHER = "http://127.0.0.1:3001/other"
ORG = "https://dev-1.okta.com"
CREATE, LOGIN = "user.lifecycle.create", "user.session.start"


class Counters:
    """Stands in for a reader: the counters alone are looked at."""

    def arrivals(self, since: datetime) -> list[Arrivals]:
        assert since == NOW - timedelta(days=30)
        return [
            Arrivals(HOUR - timedelta(hours=2), "delivery", None, 5),
            Arrivals(HOUR - timedelta(hours=2), "delivery", LOGIN, 5),
            Arrivals(HOUR, "canary", None, 9),
            Arrivals(HOUR, "delivery", None, 3),
            Arrivals(HOUR, "delivery", CREATE, 2),
            Arrivals(HOUR, "delivery", LOGIN, 1),
            Arrivals(HOUR, "refused", None, 1),
        ]

    def latencies(self, count: int) -> Latencies:
        assert count == 1000
        return Latencies([0.001, 0.003, 0.0024], [])

    def backlogs(self) -> list[tuple[Target, Backlog]]:
        return [
            (Target(APP, 0, 9, "one"), Backlog(pending=7, waiting=3, failed=1)),
            (Target(OTHER, 0, 9, "two"), Backlog(pending=0, waiting=1, failed=0)),
        ]


def test_counters_add_up_by_hour_day_type_and_status() -> None:
    """Canaries are not deliveries; an hour without any is there with a zero."""
    shown = arrivals_of(cast("Reader", Counters()), NOW)
    assert len(shown["hours"]) == 48
    assert shown["hours"][-3:] == [
        ("2026-11-28T23:00:00.000Z", 5),
        ("2026-11-29T00:00:00.000Z", 0),
        ("2026-11-29T01:00:00.000Z", 4),
    ]
    assert shown["days"][-2:] == [("2026-11-28", 5), ("2026-11-29", 4)]
    assert shown["types"] == [(LOGIN, 6), (CREATE, 2)]
    assert shown["latencies"] == {
        "commit": {"p50_ms": 2.4, "p99_ms": 3.0, "count": 3},
        "forward": None,
    }
    assert shown["statuses"] == {"delivery": 8, "refused": 1, "waiting": 11, "failed": 1}


def test_each_app_has_a_state_and_a_backlog_of_its_own() -> None:
    """Only an app that a receiver of its name forwards to now can be up or down."""
    since = NOW - timedelta(minutes=5)
    down = DownApp(APP, since, "connection refused")
    serving = ReceiverRun("http://127.0.0.1:1/", 1, forward_to=(APP,), receiver="one", down=(down,))
    elsewhere = ReceiverRun("http://127.0.0.1:2/", 2, forward_to=(OTHER,), receiver="three")
    one, two = apps_of(cast("Reader", Counters()), [serving, elsewhere])
    assert one == {
        "url": APP,
        "receiver": "one",
        "served": True,
        "down": {"url": APP, "since": timestamp(since), "reason": "connection refused"},
        "pending": 7,
        "waiting": 3,
        "failed": 1,
    }
    assert (two["served"], two["down"], two["waiting"]) == (False, None, 1)


@pytest.mark.parametrize(
    ("status", "verification", "why", "command"),
    [
        ("ACTIVE", "VERIFIED", None, None),
        ("ACTIVE", "UNVERIFIED", "Okta does not call it: it is UNVERIFIED", "verify"),
        ("INACTIVE", "VERIFIED", "Okta does not call it: it is INACTIVE", "activate"),
        (None, None, None, None),
    ],
)
def test_a_hook_that_okta_does_not_call_comes_with_a_command(
    status: str | None, verification: str | None, why: str | None, command: str | None
) -> None:
    """It is red in the Admin Console, or not at all; nothing arrives either way."""
    state = hook_state(UpRun(ORG, registered="who1"), status, verification)
    wanted = command and f"okhook hooks {command} who1 --org {ORG}"
    assert state == {"idle_because": why, "next_step": wanted}


def test_the_hook_and_its_path_are_what_up_knows(tmp_path: Path) -> None:
    """When the org last said so, when a canary last arrived, and what went wrong since."""
    runs = RunDirectory(tmp_path / "run")
    run = UpRun(
        ORG,
        registered="who1",
        status="ACTIVE",
        verification="VERIFIED",
        seen_at=NOW,
        webhook_url="https://hkdk.example/x",
        proved_at=NOW,
    )
    with runs.own("up-1") as file, runs.own("up-2") as other:
        file.write(run)
        other.write(replace(run, fault="Hookdeck lost its connection", next_step="look"))
        hooks = running_of(runs)["hooks"]
    assert [each["proved_at"] for each in hooks] == [timestamp(NOW)] * 2
    assert [each["seen_at"] for each in hooks] == [timestamp(NOW)] * 2
    assert [each["fault"] for each in hooks] == [None, "Hookdeck lost its connection"]
    assert [each["fault_step"] for each in hooks] == [None, "look"]
    assert [each["next_step"] for each in hooks] == [None, None]


def test_hooks_that_a_killed_command_left_are_named(tmp_path: Path) -> None:
    """They are still called; the next okhook up takes them over."""
    runs = RunDirectory(tmp_path / "run")
    (tmp_path / "run").mkdir()
    StateFile(tmp_path / "run" / "up-1.json", UpRun).write(UpRun(ORG, "who1", "who1"))
    assert running_of(runs)["left_over"] == [{"org": ORG, "hook_id": "who1"}]
    assert running_of(runs)["hooks"] == []
