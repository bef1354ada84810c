"""``okhook trigger`` as processes: against a sandbox org, a receiver, and hooks of every state."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from okhook.trigger.lifecycle import DEEDS
from okhook.trigger.scenario_file import read_scenario
from tests.answering import answering_server, free_port
from tests.okhook_process import (
    PATIENCE_S,
    JsonLine,
    OkhookProcess,
    environment,
    run_okhook,
    running_okhook,
)
from tests.sandbox.rig import echo_then, hook_body

ENV = {"OKHOOK_ORG": "sandbox"}
CREATE = "user.lifecycle.create"


@dataclass
class Place:
    """A sandbox org and a receiver, both of one home."""

    home: Path
    org_url: str
    token: str
    receiver_url: str

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"SSWS {self.token}"}
        url = self.org_url + path
        answer = httpx.request(method, url, headers=headers, json=body, trust_env=False)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def hook(self, url: str | None = None, *, verify: bool = True, **changes: Any) -> str:  # noqa: ANN401 - passed on
        """Make an event hook, for all that can be triggered, and return its id."""
        body = hook_body(url or self.receiver_url, **{"events": tuple(DEEDS), **changes})
        hook_id: str = self.call("POST", "/api/v1/eventHooks", body)["id"]
        if verify:
            self.call("POST", f"/api/v1/eventHooks/{hook_id}/lifecycle/verify")
        return hook_id

    def test_users(self) -> list[str]:
        """Return the logins of all users that carry our mark, whatever their state."""
        users = self.call("GET", "/api/v1/users?filter=status pr&limit=200")
        logins = (user["profile"]["login"] for user in users)
        return [login for login in logins if login.startswith("okhook-")]

    def test_groups(self) -> list[str]:
        names = (group["profile"]["name"] for group in self.call("GET", "/api/v1/groups"))
        return [name for name in names if name.startswith("okhook ")]

    def run(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return run_okhook("trigger", *arguments, home=self.home, env={**ENV, **env})

    def lines(self, *arguments: str, code: int = 0) -> list[JsonLine]:
        done = self.run(*arguments, "--output", "json")
        assert done.returncode == code, done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    @contextmanager
    def running(self, *arguments: str) -> Iterator[OkhookProcess]:
        with running_okhook(
            "trigger", *arguments, "--output", "json", home=self.home, env=ENV
        ) as process:
            yield process


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    sandbox = ("sandbox", "--port", "0", "--rate-limit", "10000", "--output", "json")
    serve = ("serve", "--port", "0", "--output", "json")
    with running_okhook(*sandbox, home=home) as org, running_okhook(*serve, home=home) as receiver:
        ready, listens = org.wait_for_json("ready"), receiver.wait_for_json("ready")
        yield Place(home, ready["org_url"], ready["token"], listens["url"])


@pytest.fixture
def place(shared: Place) -> Place:
    """Let every test begin with an org without hooks and without what another test left."""
    for hook in shared.call("GET", "/api/v1/eventHooks"):
        path = f"/api/v1/eventHooks/{hook['id']}"
        if hook["status"] == "ACTIVE":
            shared.call("POST", f"{path}/lifecycle/deactivate")
        shared.call("DELETE", path)
    shared.lines("--cleanup-only")
    return shared


def of_type(lines: list[JsonLine], type_: str) -> list[JsonLine]:
    return [line for line in lines if line["type"] == type_]


def finding(lines: list[JsonLine], question: str) -> JsonLine:
    [lost] = of_type(lines, "trigger_lost")
    [found] = [each for each in lost["findings"] if each["question"] == question]
    return dict(found)


@pytest.mark.parametrize("event_type", DEEDS)
def test_each_type_is_done_arrives_and_leaves_nothing(place: Place, event_type: str) -> None:
    """The event is waited for in the store, and what was made for it is gone afterwards."""
    hook_id = place.hook(events=(event_type,))
    lines = place.lines(event_type, "--cleanup")
    [arrived] = of_type(lines, "trigger_arrived")
    assert arrived["event_type"] == event_type
    assert arrived["hook_id"] == hook_id
    assert 0 <= arrived["took_ms"] < PATIENCE_S * 1000
    shown = run_okhook("deliveries", "show", arrived["uuid"], "--output", "json", home=place.home)
    assert json.loads(shown.stdout)["id"] == arrived["seq"]
    assert place.test_users() == place.test_groups() == []


def test_the_shipped_scenario_arrives_step_by_step(place: Place) -> None:
    """Joiner, mover, leaver: eight events, each waited for before the next step."""
    place.hook()
    lines = place.lines("--scenario", "joiner-mover-leaver", "--cleanup")
    told = [line["type"] for line in lines]
    assert told == ["trigger_step", "trigger_arrived"] * 8 + ["triggered", "trigger_cleaned_up"]
    arrived = of_type(lines, "trigger_arrived")
    done = of_type(lines, "trigger_step")
    assert [e["event_type"] for e in arrived] == [step["event_type"] for step in done]
    assert len({e["uuid"] for e in arrived}) == 8
    assert of_type(lines, "triggered")[0]["arrived"] == 8
    assert place.test_users() == place.test_groups() == []


def test_a_scenario_of_ones_own_may_do_a_thing_twice(place: Place, tmp_path: Path) -> None:
    """Two events of one type about one user are told apart."""
    place.hook()
    verbs = ("create", "activate", "suspend", "unsuspend", "suspend")
    step = '[[steps]]\nevent = "user.lifecycle.{}"\nuser = "joe"\n'
    file = tmp_path / "mine.toml"
    file.write_text("[users.joe]\n" + "".join(step.format(verb) for verb in verbs))
    lines = place.lines("--scenario", str(file), "--cleanup")
    arrived = of_type(lines, "trigger_arrived")
    assert [e["event_type"].rpartition(".")[2] for e in arrived] == list(verbs)
    assert len({e["uuid"] for e in arrived}) == 5


def test_an_unverified_hook_is_named_with_the_command_that_mends_it(place: Place) -> None:
    """The event is in the log, is for nobody, and the wait ends before its time."""
    hook_id = place.hook(verify=False)
    lines = place.lines(CREATE, "--cleanup", code=1)
    [lost] = of_type(lines, "trigger_lost")
    assert lost["certain"] is True
    assert lost["uuid"] is not None
    answers = {each["question"]: each["answer"] for each in lost["findings"]}
    assert answers == {
        "logged": "yes",
        "subscribed": "no",
        "meant_for_hook": "no",
        "delivery_failed": "no",
        "tunnel": "yes",
        "received": "no",
    }
    assert "UNVERIFIED" in finding(lines, "subscribed")["evidence"]
    assert finding(lines, "subscribed")["next_step"] == f"okhook hooks verify {hook_id}"
    assert f"okhook hooks verify {hook_id}" in lines[-1]["next_step"]
    assert place.test_users() == []


def test_a_hook_without_the_type_is_named_and_how_it_gets_it(place: Place) -> None:
    """What the hook lacks is a command to paste."""
    hook_id = place.hook(events=("user.session.start",))
    done = place.run(CREATE, "--cleanup")
    assert done.returncode == 1
    assert f"okhook hooks edit {hook_id} --add-event {CREATE}" in done.stdout
    assert f"okhook hooks edit {hook_id} --add-event {CREATE}" in done.stderr


def test_a_receiver_with_another_secret_is_found_out(place: Place) -> None:
    """Okta's failure is named, and the record that the receiver refused."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/okta-webhooks-endpoint"
    with answering_server(echo_then(200), port=port):
        hook_id = place.hook(url)
    serve = ("serve", "--port", str(port), "--output", "json")
    secret = {"OKHOOK_AUTH_SECRET": "the-receivers-own-secret"}
    with running_okhook(*serve, home=place.home, env=secret) as strict:
        strict.wait_for_json("ready")
        lines = place.lines(CREATE, "--cleanup", code=1)
        refused = strict.wait_for_json("refused")
    assert finding(lines, "meant_for_hook")["evidence"] == f"for {hook_id}"
    assert finding(lines, "delivery_failed")["answer"] == "yes"
    assert "answered 401" in finding(lines, "delivery_failed")["evidence"]
    assert f"#{refused['seq']} was answered 401" in finding(lines, "received")["evidence"]
    assert "different secrets" in finding(lines, "received")["next_step"]
    assert place.test_users() == []


def test_what_goes_elsewhere_is_waited_for_until_the_time_is_up(place: Place) -> None:
    """A hook with a URL that is not known here may lead here all the same."""
    with answering_server(echo_then(204)) as elsewhere:
        hook_id = place.hook(elsewhere.url)
        lines = place.lines(CREATE, "--cleanup", "--timeout", "2s", code=1)
    [lost] = of_type(lines, "trigger_lost")
    assert lost["certain"] is False
    assert lost["waited_ms"] >= 2000
    assert finding(lines, "meant_for_hook")["answer"] == "yes"
    assert finding(lines, "tunnel")["answer"] == "unknown"
    assert f"{hook_id} calls {elsewhere.url}" in finding(lines, "tunnel")["evidence"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_the_wait_cleans_up(
    place: Place, number: signal.Signals, code: int
) -> None:
    """With --cleanup no user is left in the org, whoever ends the wait."""
    with answering_server(echo_then(204)) as elsewhere:
        place.hook(elsewhere.url)
        with place.running("group.user_membership.add", "--cleanup") as process:
            process.wait_for_json("trigger_step", lambda line: line["purpose"] == "event")
            assert len(place.test_users()) == len(place.test_groups()) == 1
            process.send(number)
            assert process.wait() == code
    [cleaned] = of_type(process.json_lines(), "trigger_cleaned_up")
    assert [made["kind"] for made in cleaned["removed"]] == ["user", "group"]
    assert cleaned["left"] == []
    assert place.test_users() == place.test_groups() == []


def test_what_is_left_is_told_and_removed_later(place: Place) -> None:
    """Without --cleanup the user stays, is named, and --cleanup-only finds it once."""
    place.hook()
    lines = place.lines(CREATE)
    [left] = of_type(lines, "trigger_left")
    [login] = place.test_users()
    assert [made["name"] for made in left["left"]] == [login]
    assert left["next_step"] == "okhook trigger --cleanup-only"
    [cleaned] = of_type(place.lines("--cleanup-only"), "trigger_cleaned_up")
    assert [made["name"] for made in cleaned["removed"]] == [login]
    assert place.test_users() == []
    [again] = of_type(place.lines("--cleanup-only"), "trigger_cleaned_up")
    assert again["removed"] == []


def test_what_a_killed_run_left_is_removed_later(place: Place) -> None:
    """A thing is written down before it is made, so that SIGKILL loses nothing."""
    with answering_server(echo_then(204)) as elsewhere:
        place.hook(elsewhere.url)
        with place.running("user.lifecycle.suspend", "--cleanup") as process:
            process.wait_for_json("trigger_step", lambda line: line["purpose"] == "event")
            process.send(signal.SIGKILL)
            process.wait()
    assert len(place.test_users()) == 1
    place.lines("--cleanup-only")
    assert place.test_users() == []


def test_without_a_receiver_nothing_is_written(place: Place, tmp_path: Path) -> None:
    """Where nothing could arrive, the org is left alone; --no-wait does it all the same."""
    org = ("--org", place.org_url)
    env = {"OKHOOK_TOKEN": place.token}
    done = run_okhook("trigger", CREATE, *org, home=tmp_path, env=env)
    assert done.returncode == 2
    assert "no receiver runs here" in done.stderr
    assert "okhook up" in done.stderr
    assert "--no-wait" in done.stderr
    assert place.test_users() == []
    done = run_okhook("trigger", CREATE, *org, "--no-wait", home=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    [login] = place.test_users()
    assert login in done.stdout
    done = run_okhook("trigger", "--cleanup-only", *org, home=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert place.test_users() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("user.lifecycle.creat",), CREATE),
        (("policy.rule.add",), "okhook send-sample --event policy.rule.add"),
        ((), "--list"),
        ((CREATE, "--scenario", "joiner-mover-leaver"), "contradict"),
        (("--scenario", "joiner"), "joiner-mover-leaver"),
        (("--scenario", "./not-there.toml"), "there is no file"),
        ((CREATE, "--timeout", "soon"), "--timeout: write"),
        (("--show", "joiner"), "joiner-mover-leaver"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(
    place: Place, arguments: tuple[str, ...], says: str
) -> None:
    """Exit 2, and the error names what to write instead."""
    done = place.run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_list_and_show_need_no_org(tmp_path: Path) -> None:
    """What is shown can be saved and is a scenario again."""
    listed = run_okhook("trigger", "--list", home=tmp_path)
    assert all(event_type in listed.stdout for event_type in DEEDS)
    assert "joiner-mover-leaver" in listed.stdout
    shown = run_okhook("trigger", "--show", "joiner-mover-leaver", home=tmp_path)
    scenario = read_scenario(shown.stdout, "shown")
    assert len(scenario.steps) == 8


def test_an_org_that_is_no_test_org_is_not_written_to_unasked(tmp_path: Path) -> None:
    """Where nobody can be asked, the way to mark the org is said."""
    arguments = ("trigger", CREATE, "--no-wait", "--org", "dev-123.okta.com")
    done = run_okhook(*arguments, home=tmp_path, env={"OKHOOK_TOKEN": "00t"})
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert 'test_orgs = ["dev-123.okta.com"]' in done.stderr


def test_a_person_is_asked_before_an_org_is_written_to(tmp_path: Path) -> None:
    """No is no, and exit 1."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "okhook", "trigger", CREATE, "--no-wait", "--org", "x.okta.com"],
        env=environment(tmp_path, {"OKHOOK_TOKEN": "00t", "NO_COLOR": "1"}),
        cwd=tmp_path,
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 1000)
    os.write(ours, b"n\n")
    assert process.wait(PATIENCE_S) == 1
    os.close(ours)
    assert b"make test users and groups in x.okta.com" in said
