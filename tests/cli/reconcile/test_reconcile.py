"""``okhook reconcile``: compare a sandbox org's System Log with a store."""

import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from okhook.runtime.ids import utc_now
from okhook.sandbox.state import Json
from tests.cli.terminal import on_terminal
from tests.okta.setup import QUICK
from tests.sandbox.seeding import Seed, seed_file, seeded_hook
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, running_okhook
from tests.support.receiver import receiver
from tests.support.sandbox_org import SandboxOrg, sandbox_org
from tests.support.waiting import wait_until

SECRET = "a-secret-of-the-hook"
CREATED, ACTIVATED = "user.lifecycle.create", "user.lifecycle.activate"
NOBODY = "http://127.0.0.1:9/"


@dataclass
class Scene:
    """A sandbox org, and what is run against it."""

    org: SandboxOrg
    home: Path

    def create_user(self, login: str) -> str:
        return str(self.org.create_user(login, "?activate=false")["id"])

    def registered_at(self, url: str, **env: str) -> str:
        """Register a hook at ``url`` and return its id."""
        env = {"OKHOOK_ORG": "sandbox", **env}
        done = run_okhook("register", "--url", url, home=self.home, env=env)
        assert done.returncode == 0, done.stderr
        return str(self.org.hooks()[0]["id"])

    def run(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        environ = {"OKHOOK_ORG": "sandbox", **env}
        return run_okhook("reconcile", *arguments, "--output", "json", home=self.home, env=environ)

    def found(self, *arguments: str, code: int = 0, **env: str) -> list[dict[str, Any]]:
        done = self.run(*arguments, **env)
        assert done.returncode == code, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def records(self) -> list[dict[str, Any]]:
        done = run_okhook("deliveries", "list", "--output", "json", home=self.home)
        return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def scene(home: Path) -> Iterator[Scene]:
    with sandbox_org(home=home) as org:
        yield Scene(org, home)


@contextmanager
def seeded(home: Path, hook: Json, seeds: Sequence[Seed]) -> Iterator[Scene]:
    """Run an org in which ``seeds`` have happened, and which has ``hook``."""
    seed_file(home / "org.json", seeds, hooks=[hook])
    with sandbox_org(home=home, data=home / "org.json") as org:
        yield Scene(org, home)


def a_hook(*event_types: str, **more: Any) -> Json:  # noqa: ANN401 - passed on
    return seeded_hook(
        NOBODY, event_types or (CREATED,), created=utc_now() - timedelta(days=30), **more
    )


def ago(**span: float) -> Any:  # noqa: ANN401 - a time
    return utc_now() - timedelta(**span)


def the_last(lines: list[dict[str, Any]], type_: str = "reconciled") -> dict[str, Any]:
    return [line for line in lines if line["type"] == type_][-1]


def test_what_came_while_nothing_listened_is_found_and_fixed(tmp_path: Path) -> None:
    """Events of a real outage are named with the cause, rebuilt once, and then all is complete."""
    with scene(tmp_path) as org:
        with receiver(home=tmp_path, secret=SECRET) as serving:
            org.registered_at(serving.url, OKHOOK_AUTH_SECRET=SECRET)
            org.create_user("here@example.com")
            serving.wait_for(2)
        there = {org.create_user(f"gone{n}@example.com") for n in range(3)}
        missed = org.found("--grace", "0s", code=1)
        named = [line for line in missed if line["type"] == "missed"]
        assert {line["cause"] for line in named} == {"no_listener"}
        assert all("no receiver has run on this machine since" in line["detail"] for line in named)
        summed = the_last(missed)
        assert (summed["expected"], summed["received"], summed["missed"]) == (4, 1, 3)
        assert missed[-1]["type"] == "error"
        assert "reconcile --grace 0s --fix" in (missed[-1]["next_step"])
        mended = org.found("--grace", "0s", "--fix")
        assert the_last(mended)["reconstructed"] == 3
        again = org.found("--grace", "0s", "--fix")
        assert (the_last(again)["received"], the_last(again)["missed"]) == (4, 0)
        rebuilt = [record for record in org.records() if record["reconstructed"]]
        assert len(rebuilt) == 3
        assert len(org.records()) == 4
        targets = {record["events"][0]["target"][0]["id"] for record in rebuilt}
        assert targets == there
        assert {record["hook_id"] for record in rebuilt} == {summed["hook_id"]}


def test_what_is_rebuilt_has_the_shape_of_what_the_org_sends(tmp_path: Path) -> None:
    """A delivery of the org and one rebuilt from its log differ in their own id and time alone."""
    elsewhere = tmp_path / "elsewhere"
    with scene(tmp_path) as org, receiver(home=tmp_path) as serving:
        hook_id = org.registered_at(serving.url)
        org.create_user("jane@example.com")
        serving.wait_for(2)
        options = ("--org", org.org.url, "--hook", hook_id, "--grace", "0s", "--fix")
        env = {"OKHOOK_TOKEN": org.org.token}
        done = run_okhook("reconcile", *options, home=elsewhere, env=env)
        assert done.returncode == 0, done.stderr
        real, rebuilt = (body_of_the_first(home) for home in (tmp_path, elsewhere))
    for own in ("eventId", "eventTime"):
        assert real.pop(own)
        assert rebuilt.pop(own)
    assert rebuilt == real


def body_of_the_first(home: Path) -> dict[str, Any]:
    listed = run_okhook("deliveries", "list", "--output", "json", home=home)
    (record,) = [json.loads(line) for line in listed.stdout.splitlines()]
    shown = run_okhook("deliveries", "show", str(record["seq"]), "--output", "json", home=home)
    body: dict[str, Any] = json.loads(shown.stdout)["body"]
    return body


def test_pending_duplicated_and_other_hooks(tmp_path: Path) -> None:
    """What is young is pending, what is another hook's is not expected, what came twice is said."""
    hook = a_hook(CREATED, ACTIVATED)
    mine = (hook["id"],)
    seeds = [
        Seed(CREATED, ago(hours=3), mine),
        Seed(ACTIVATED, ago(hours=2), mine),
        Seed(CREATED, ago(hours=1), ("whoSomebodyElse000000",)),
        Seed("user.session.start", ago(minutes=50), mine),
        Seed(CREATED, ago(minutes=1), mine),
    ]
    with seeded(tmp_path, hook, seeds) as org:
        first = the_last(org.found("--hook", hook["id"], code=1))
        assert (first["expected"], first["missed"], first["pending"]) == (3, 2, 1)
        assert the_last(org.found("--hook", hook["name"], "--fix"))["reconstructed"] == 2
        replayed = run_okhook("deliveries", "list", "--output", "json", home=tmp_path)
        seq = json.loads(replayed.stdout.splitlines()[0])["seq"]
        with receiver(home=tmp_path) as serving:
            done = run_okhook("replay", str(seq), "--to", serving.url, home=tmp_path)
            assert done.returncode == 0, done.stderr
            assert serving.wait_for(3)[-1].duplicate_of == seq
        second = the_last(org.found("--hook", hook["id"]))
        counts = (second["received"], second["duplicated"], second["missed"], second["pending"])
        assert counts == (1, 1, 0, 1)
        by_type = {cell["event_type"]: cell for cell in second["cells"] if cell["duplicated"]}
        assert list(by_type) == [CREATED if seq == 1 else ACTIVATED]


def test_events_of_an_inactive_hook_are_missed_only_with_as_if_active(tmp_path: Path) -> None:
    """An org delivers nothing to an inactive hook, so its events are not missed by default."""
    with scene(tmp_path) as org, receiver(home=tmp_path) as serving:
        hook_id = org.registered_at(serving.url)
        org.org.hook_lifecycle(hook_id, "deactivate")
        org.create_user("off@example.com")
        created_ms = time.time_ns() // 1_000_000
        wait_until(lambda: time.time_ns() // 1_000_000 > created_ms)  # the log has milliseconds
        org.org.hook_lifecycle(hook_id, "activate")
        org.create_user("on@example.com")
        serving.wait_for(2)
        strict = org.run("--grace", "0s")
        assert strict.returncode == 0, strict.stderr
        assert "--as-if-active" in strict.stderr
        assert json.loads(strict.stdout)["passed_by"] == 1
        wide = org.found("--grace", "0s", "--as-if-active", "--fix")
        (missed,) = [line for line in wide if line["type"] == "missed"]
        assert missed["cause"] == "inactive"
        assert "INACTIVE since" in missed["detail"]
        assert serving.wait_for(3)[-1].is_reconstructed


@pytest.mark.parametrize(
    ("active", "verified", "told"),
    [(True, False, "UNVERIFIED"), (False, False, "INACTIVE"), (True, True, None)],
)
def test_a_hook_that_without_deliveries_is_warned_of(
    tmp_path: Path, active: bool, verified: bool, told: str | None
) -> None:
    """Nothing is expected of it, and nobody is to take that for a good sign."""
    hook = {
        **a_hook(),
        "status": "ACTIVE" if active else "INACTIVE",
        "verificationStatus": "VERIFIED" if verified else "UNVERIFIED",
    }
    with seeded(tmp_path, hook, []) as org:
        done = org.run("--hook", hook["id"])
        assert done.returncode == 0, done.stderr
        if told is None:
            assert "warning" not in done.stderr
            return
        assert f"the hook is {told}" in done.stderr
        step = "verify" if active else "activate"
        assert f"okhook hooks {step} {hook['id']}" in done.stderr
        assert "warning" not in org.run("--hook", hook["id"], "--as-if-active").stderr


def test_a_receiver_that_asks_for_another_secret_is_said(tmp_path: Path) -> None:
    """A refusal of the receiver is an error that names the secret; nothing counts as stored."""
    hook = a_hook()
    with (
        seeded(tmp_path, hook, [Seed(CREATED, ago(hours=1), (hook["id"],))]) as org,
        receiver(home=tmp_path, secret=SECRET),
    ):
        done = org.run("--hook", hook["id"], "--fix", OKHOOK_AUTH_SECRET="another-secret")
        assert done.returncode == 4, done.stderr
        assert "requires the hook's secret" in done.stderr
        assert "another-secret" not in done.stdout + done.stderr
        assert org.found("--hook", hook["id"], "--fix", code=0)[-1]["reconstructed"] == 1


def test_a_running_receiver_needs_no_telling_of_its_secret_field_21(tmp_path: Path) -> None:
    """The event comes through its control socket; it shows and forwards it like any other."""
    hook = a_hook()
    with (
        seeded(tmp_path, hook, [Seed(CREATED, ago(hours=1), (hook["id"],))]) as org,
        receiver(home=tmp_path, secret=SECRET) as running,
    ):
        done = org.run("--hook", hook["id"], "--fix")
        assert done.returncode == 0, done.stderr
        assert f"sending missed events to the receiver at {running.url}" in done.stderr
        (record,) = running.wait_for(1)
    assert record.is_reconstructed


def test_what_no_receiver_takes_in_is_skipped(tmp_path: Path) -> None:
    """It is shown and counted, the rest is stored, and a second run adds nothing."""
    hook = a_hook()
    seeds = [
        Seed(CREATED, ago(hours=3), (hook["id"],)),
        Seed(CREATED, ago(hours=2), (hook["id"],), targets=({"id": 7},)),
        Seed(CREATED, ago(hours=1), (hook["id"],)),
    ]
    with seeded(tmp_path, hook, seeds) as org:
        lines = org.found("--hook", hook["id"], "--fix", code=1)
        (refused,) = [line for line in lines if line["type"] == "not_reconstructed"]
        assert refused["uuid"] == seeds[1].uuid
        assert "target[0].id must be a string" in refused["reason"]
        summed = the_last(lines)
        assert (summed["missed"], summed["reconstructed"]) == (3, 2)
        assert summed["not_reconstructed"] == 1
        assert lines[-1]["what"] == "1 event was not stored"
        again = the_last(org.found("--hook", hook["id"], "--fix", code=1))
        assert (again["received"], again["missed"], again["reconstructed"]) == (2, 1, 0)
        assert [record["status"] for record in org.records()] == ["stored", "stored"]


def test_watching_mends_what_is_missed_from_then_on(tmp_path: Path) -> None:
    """Each look begins where the last one left off; Ctrl-C is an ordinary end."""
    hook = a_hook()
    with seeded(tmp_path, hook, [Seed(CREATED, ago(hours=1), (hook["id"],))]) as org:
        options = ("--hook", hook["id"], "--watch", "--every", "1s", "--grace", "0s", "--fix")
        arguments = ("reconcile", *options, "--as-if-active", "--output", "json")
        env = {"OKHOOK_ORG": "sandbox", "TZ": "EAST-5"}
        with running_okhook(*arguments, home=tmp_path, env=env) as watching:
            first = watching.wait_for_json("reconciled")
            assert first["reconstructed"] == 1
            since = datetime.fromisoformat(first["since"]).astimezone(timezone(timedelta(hours=5)))
            watching.wait_for_error(f"checking every 1 s, from {since:%Y-%m-%d %H:%M:%S}")
            org.create_user("later@example.com")
            watching.wait_for_json("reconciled", lambda line: line["since"] > first["since"])
            watching.send(signal.SIGINT)
            assert watching.wait() == 0
        assert len(org.records()) == 2


def test_a_watch_outlasts_its_org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that nobody answers, and goes on; what does not heal ends it, as any other run."""
    monkeypatch.setattr("okhook.cli.reconcile.run._SHORTEST_PAUSE_S", 0.0)
    monkeypatch.setattr("okhook.okta.client.RetryPolicy", lambda: QUICK)
    shown = {
        "id": "who1", "name": "a hook", "status": "ACTIVE", "verificationStatus": "VERIFIED",
        "events": {"type": "EVENT_TYPE", "items": [CREATED]},
        "channel": {"type": "HTTP", "version": "1.0.0", "config": {"uri": NOBODY}},
    }  # fmt: skip
    # The hook is asked for at the start and at each look; each try of a look that fails counts.
    statuses = iter([200, 200, *[503] * QUICK.tries, 200, 401])

    def org_of_the_moment(asked: Asked) -> bytes:
        if not asked.target.startswith("/api/v1/eventHooks"):
            return answer(200, b"[]")
        status = next(statuses)
        body = [shown] if status == 200 else {"errorCode": "E0000009"}
        return answer(status, json.dumps(body).encode())

    with answering_server(org_of_the_moment) as org:
        env = {"OKHOOK_TOKEN": "00t", "OKHOOK_ORG": org.url.removesuffix("/hook")}
        arguments = ("--hook", "who1", "--watch", "--every", "0s", "--output", "json")
        done = run_okhook("reconcile", *arguments, home=tmp_path, env=env)
    assert done.returncode == 4, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    told = [line["type"] for line in lines if line["type"] != "retrying"]
    assert told == ["reconciled", "look_failed", "reconciled", "error"]
    assert "HTTP 503" in the_last(lines, "look_failed")["what"]


def test_a_run_looks_back_to_what_the_last_one_left_open(tmp_path: Path) -> None:
    """What was missed days ago, and left open, is not forgotten by a run without --since."""
    hook = a_hook()
    with seeded(tmp_path, hook, [Seed(CREATED, ago(days=3), (hook["id"],))]) as org:
        assert the_last(org.found("--hook", hook["id"]))["missed"] == 0
        assert the_last(org.found("--hook", hook["id"], "--since", "7d", code=1))["missed"] == 1
        assert the_last(org.found("--hook", hook["id"], code=1))["missed"] == 1
        assert the_last(org.found("--hook", hook["id"], "--fix"))["reconstructed"] == 1
        last = the_last(org.found("--hook", hook["id"]))
        assert last["expected"] == 0
        assert last["since"] > str(ago(days=2).isoformat())


def test_what_the_log_has_no_more_is_said(tmp_path: Path) -> None:
    """A note says that the log does not reach back a year."""
    hook = a_hook()
    with seeded(tmp_path, hook, []) as org:
        done = org.run("--hook", hook["id"], "--since", "365d")
        assert done.returncode == 0, done.stderr
        assert "90 days" in done.stderr
        assert "90 days" not in org.run("--hook", hook["id"], "--since", "89d").stderr


def test_ctrl_c_before_the_end_is_said(tmp_path: Path) -> None:
    """A log that is not read to its end proves nothing: exit 130."""
    called = threading.Event()

    def silent(_: Asked) -> bytes:
        called.set()
        return SILENCE

    with answering_server(silent) as org:
        env = {"OKHOOK_TOKEN": "00t", "OKHOOK_ORG": org.url}
        arguments = ("reconcile", "--output", "json")
        with running_okhook(*arguments, home=tmp_path, env=env) as interrupted:
            assert called.wait(PATIENCE_S)
            interrupted.send(signal.SIGINT)
            assert interrupted.wait() == 130
            assert interrupted.lines == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "yesterday"), "invalid --since value"),
        (("--since", "2126-01-01"), "the time is in the future"),
        (("--grace", "soon"), "invalid --grace value 'soon'"),
        (("--watch", "--every", "0s"), "expected 1s or longer"),
        (("--watch", "--every", ""), "--every is empty"),
        (("--every", "1m"), "--every requires --watch"),
        (("--hook", ""), "--hook is empty"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """A flag is refused before the org is asked, with what to write instead."""
    done = run_okhook("reconcile", *arguments, home=tmp_path, env={"OKHOOK_ORG": "sandbox"})
    assert done.returncode == 2, done.stderr
    assert told in done.stderr


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_a_table_that_fits_field_28(tmp_path: Path, columns: int) -> None:
    """A person sees each missed event, and the counts by hour and type, harmless and aligned."""
    hook = a_hook(CREATED, ACTIVATED)
    seeds = [
        Seed(CREATED, ago(hours=2), (hook["id"],)),
        Seed(ACTIVATED, ago(hours=2), (hook["id"],)),
        Seed(CREATED, ago(hours=1), (hook["id"],)),
    ]
    with seeded(tmp_path, hook, seeds):
        code, written = on_terminal(
            "reconcile", "--org", "sandbox", "--hook", hook["id"], home=tmp_path, columns=columns
        )
    assert code == 1
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written).splitlines()]
    assert sum(line.startswith("missed  ") for line in lines) == 3
    head = next(line for line in lines if line.startswith("hour"))
    rows = [line for line in lines if line.startswith("20") and "lifecycle" in line]
    assert len(rows) == 3
    assert {len(row) for row in rows} == {len(head)}
    assert len(head) <= 80
    assert "3 missed" in next(line for line in lines if "expected" in line)


def test_rebuilt_deliveries_go_to_the_receiver_of_the_hook_field_03(tmp_path: Path) -> None:
    """Under its name while it does not run, and to it rather than to another one that runs."""
    with scene(tmp_path) as org:
        with receiver(home=tmp_path, name="mine") as mine:
            org.registered_at(mine.url)
            org.create_user("first@example.com")
            mine.wait_for(2)
        org.create_user("second@example.com")
        assert the_last(org.found("--grace", "0s", "--fix"))["reconstructed"] == 1
        with receiver(home=tmp_path, name="another"), receiver(home=tmp_path, name="mine"):
            org.create_user("third@example.com")
            assert the_last(org.found("--grace", "0s", "--fix"))["reconstructed"] == 1
        assert {record["receiver"] for record in org.records()} == {"mine"}
        assert len(org.records()) == 3
