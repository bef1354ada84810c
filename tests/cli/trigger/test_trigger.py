"""``okhook trigger``: against a sandbox org, a receiver, and hooks of every state."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from okhook.records.record import RecordKind
from okhook.trigger import running
from okhook.trigger.scenario import ACTIONS, UPDATE_PROFILE
from okhook.trigger.scenario_file import read_scenario
from tests.cli.terminal import answered
from tests.okta.fake_org import (
    TOKEN,
    FakeOrg,
    answering,
    error,
    never,
    running_in_thread,
)
from tests.okta.fake_people import FakePeople
from tests.sandbox.rig import echo_then
from tests.support.answering import answering_server
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.okhook_process import (
    PATIENCE_S,
    JsonLine,
    OkhookProcess,
    running_okhook,
)
from tests.support.ports import free_port
from tests.support.receiver import receiver
from tests.support.sandbox_org import SandboxOrg, sandbox_org

ENV = {"OKHOOK_ORG": "sandbox"}
CREATE = "user.lifecycle.create"


@dataclass
class Place:
    """A sandbox org and a receiver, both of one home."""

    home: Path
    org: SandboxOrg
    receiver_url: str

    def hook(self, url: str | None = None, *, verify: bool = True, **changes: Any) -> str:  # noqa: ANN401 - passed on
        """Make an event hook, for all that can be triggered, and return its id."""
        make = self.org.verified_hook if verify else self.org.create_hook
        changes = {"events": tuple(ACTIONS), **changes}
        return str(make(url or self.receiver_url, **changes)["id"])

    def test_users(self) -> list[str]:
        """Return the logins of all users that carry our mark, whatever their state."""
        users = self.org.call("GET", "/api/v1/users?search=status pr&limit=200")
        logins = (user["profile"]["login"] for user in users)
        return [login for login in logins if login.startswith("okhook-")]

    def test_groups(self) -> list[str]:
        names = (group["profile"]["name"] for group in self.org.call("GET", "/api/v1/groups"))
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
    with sandbox_org(home=home) as org, receiver(home=home) as running_receiver:
        yield Place(home, org, running_receiver.url)


@pytest.fixture
def place(shared: Place) -> Place:
    """Let every test begin with an org without hooks and without what another test left."""
    shared.org.clean()
    (shared.home / "state" / "triggered.json").unlink(missing_ok=True)
    return shared


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the org sooner than a real one allows."""
    monkeypatch.setattr(running, "ORG_LOOKS_S", (0.1,))
    monkeypatch.setattr(running, "AFTER_A_FAILURE_S", 0.5)


def of_type(lines: list[JsonLine], type_: str) -> list[JsonLine]:
    return [line for line in lines if line["type"] == type_]


def finding(lines: list[JsonLine], question: str) -> JsonLine:
    [lost] = of_type(lines, "trigger_lost")
    [found] = [each for each in lost["findings"] if each["question"] == question]
    return dict(found)


@pytest.mark.parametrize("event_type", ACTIONS)
def test_each_type_is_done_arrives_and_leaves_nothing(place: Place, event_type: str) -> None:
    """The event is waited for in the store, and what was made for it is gone afterwards."""
    hook_id = place.hook(events=(event_type,))
    lines = place.lines(event_type, "--cleanup")
    [arrived] = of_type(lines, "trigger_arrived")
    assert arrived["event_type"] == event_type
    assert arrived["hook_id"] == hook_id
    assert 0 <= arrived["took_ms"] < PATIENCE_S * 1000
    shown = run_okhook("deliveries", "show", arrived["uuid"], "--output", "json", home=place.home)
    assert json.loads(shown.stdout)["seq"] == arrived["seq"]
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


def test_a_step_sets_attributes_of_a_profile_field_18(place: Place, tmp_path: Path) -> None:
    """The event names them; the same update again would cause none, so a step sets others."""
    place.hook()
    steps = [("user.lifecycle.create", ""), (UPDATE_PROFILE, ""), (UPDATE_PROFILE, "")]
    steps.append((UPDATE_PROFILE, 'profile = { department = "Sales", title = "Boss" }'))
    text = "[users.jane]\n" + "".join(
        f'[[steps]]\nevent = "{event}"\nuser = "jane"\n{more}\n' for event, more in steps
    )
    path = tmp_path / "mine.toml"
    path.write_text(text)
    lines = place.lines("--scenario", str(path), "--cleanup")
    assert len(of_type(lines, "trigger_arrived")) == 4
    last = of_type(lines, "trigger_arrived")[-1]
    [entry] = [each for each in place.org.log("?limit=1000") if each["uuid"] == last["uuid"]]
    assert entry["debugContext"]["debugData"]["changedAttributes"] == "department,title"


def test_an_unverified_hook_is_named_with_the_command_that_fixes_it(place: Place) -> None:
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
        hook_id = place.hook(url, events=(CREATE,))
    with receiver(home=place.home, secret="the-receivers-own-secret", port=port):
        lines = place.lines(CREATE, "--cleanup", code=1)
    refused = next(
        each for each in reversed(kept_in(place.home)) if each.kind is RecordKind.REFUSED
    )
    assert finding(lines, "meant_for_hook")["evidence"] == f"for {hook_id}"
    assert finding(lines, "delivery_failed")["answer"] == "yes"
    assert "answered 401" in finding(lines, "delivery_failed")["evidence"]
    assert f"#{refused.seq} was answered 401" in finding(lines, "received")["evidence"]
    assert "different secrets" in finding(lines, "received")["next_step"]
    assert place.test_users() == []


def test_a_filter_that_lets_nothing_pass_is_found_out(place: Place) -> None:
    """The wait ends before its time, and the expression is named."""
    expression = 'event.actor.alternateId eq "nobody"'
    hook_id = place.hook()
    filtering = ("hooks", "edit", hook_id, "--add-filter", f"{CREATE}={expression}")
    assert run_okhook(*filtering, home=place.home, env=ENV).returncode == 0
    lines = place.lines(CREATE, "--cleanup", code=1)
    assert of_type(lines, "trigger_lost")[0]["certain"] is True
    assert finding(lines, "subscribed")["answer"] == "yes"
    assert expression in finding(lines, "meant_for_hook")["evidence"]
    remedy = f"okhook hooks edit {hook_id} --remove-filter {CREATE}"
    assert lines[-1]["next_step"] == remedy


def test_the_hook_of_okhook_up_gets_what_it_lacks_field_25(tmp_path: Path) -> None:
    """While it runs: the remedy works when pasted, and the next event arrives."""
    up = ("up", "--sandbox", "--event", CREATE, "--port", "0", "--output", "json")
    with running_okhook(*up, home=tmp_path) as started:
        started.wait_for_json("ready")
        done = run_okhook("trigger", "user.lifecycle.activate", home=tmp_path, env=ENV)
        assert done.returncode == 1
        [remedy] = [line for line in done.stdout.splitlines() if "okhook hooks edit" in line]
        assert remedy.endswith("--add-event user.lifecycle.activate")
        edited = run_okhook(*remedy.split()[2:], home=tmp_path, env=ENV)
        assert edited.returncode == 0, edited.stderr
        again = run_okhook("trigger", "user.lifecycle.activate", home=tmp_path, env=ENV)
    assert again.returncode == 0, again.stdout + again.stderr


def test_what_goes_elsewhere_is_waited_for_until_the_time_is_up(place: Place) -> None:
    """A hook with a URL that is not known here may lead here all the same."""
    with answering_server(echo_then(204)) as elsewhere:
        hook_id = place.hook(elsewhere.url)
        lines = place.lines(CREATE, "--cleanup", "--timeout", "1s", code=1)
    [lost] = of_type(lines, "trigger_lost")
    assert lost["certain"] is False
    assert lost["waited_ms"] >= 1000
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


def test_what_a_run_that_goes_on_has_made_is_left_alone(place: Place) -> None:
    """--cleanup-only in another terminal takes nobody's user away."""
    with answering_server(echo_then(204)) as elsewhere:
        place.hook(elsewhere.url)
        with place.running(CREATE, "--cleanup") as process:
            process.wait_for_json("trigger_step")
            done = place.run("--cleanup-only")
            assert "skipping 1 of 1" in done.stderr
            assert len(place.test_users()) == 1
            process.send(signal.SIGINT)
            assert process.wait() == 130
    assert place.test_users() == []


@contextmanager
def org_of_people(home: Path) -> Iterator[tuple[FakePeople, dict[str, str]]]:
    org = FakePeople()
    with running_in_thread(org) as url:
        yield org, {"OKHOOK_ORG": url, "OKHOOK_TOKEN": TOKEN}


def test_what_cannot_be_removed_is_no_success(tmp_path: Path) -> None:
    """In CI nobody reads the screen: exit 1 where --cleanup left something."""
    arguments = ("trigger", CREATE, "--no-wait", "--cleanup")
    with org_of_people(tmp_path) as (org, env):
        org.fail_next("DELETE", answering(lambda: error(403, "E0000006", "no permission")))
        done = run_okhook(*arguments, home=tmp_path, env=env)
        assert done.returncode == 1
        assert "no permission" in done.stdout
        assert "okhook trigger --cleanup-only" in done.stdout
        assert "could not remove 1 of the test users and groups" in done.stderr
        done = run_okhook("trigger", "--cleanup-only", home=tmp_path, env=env)
    assert done.returncode == 0
    assert not org.users


def test_a_second_ctrl_c_says_what_it_leaves(tmp_path: Path) -> None:
    """Cleaning up is waited for once; whoever insists is told the command for the rest."""
    arguments = ("trigger", CREATE, "--no-wait", "--cleanup")
    with org_of_people(tmp_path) as (org, env):
        asked = threading.Event()

        async def hang(org: FakeOrg, request: Request) -> Response | None:
            asked.set()
            return await never(org, request)

        org.fail_next("DELETE", hang)
        with running_okhook(*arguments, home=tmp_path, env=env) as process:
            assert asked.wait(PATIENCE_S)
            assert process.insist() == 130
            assert "run okhook trigger --cleanup-only" in "".join(process.errors)
        org.faults.clear()
        run_okhook("trigger", "--cleanup-only", home=tmp_path, env=env)
    assert not org.users


def test_without_a_receiver_nothing_is_written(place: Place, tmp_path: Path) -> None:
    """Where nothing could arrive, the org is left alone; --no-wait does it all the same."""
    org = ("--org", place.org.url)
    env = {"OKHOOK_TOKEN": place.org.token}
    done = run_okhook("trigger", CREATE, *org, home=tmp_path, env=env)
    assert done.returncode == 2
    assert "no receiver runs on this machine" in done.stderr
    assert f"okhook up --org {place.org.url}" in done.stderr
    assert str(tmp_path / "state") in done.stderr
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
        (
            (CREATE, "--scenario", "joiner-mover-leaver"),
            "an event type and --scenario cannot be used",
        ),
        ((CREATE, "--cleanup-only"), "an event type and --cleanup-only cannot be used"),
        (("--list", "--show", "joiner-mover-leaver"), "--list and --show cannot be used"),
        ((), "missing event type or scenario"),
        (("joiner-mover-leaver",), "run okhook trigger --scenario joiner-mover-leaver"),
        (("",), "TYPE is empty"),
        (("--scenario", ""), "--scenario is empty"),
        (("--scenario", "joiner"), "joiner-mover-leaver"),
        (("--scenario", "./not-there.toml"), "found no scenario file"),
        ((CREATE, "--timeout", "soon"), "invalid --timeout value"),
        ((CREATE, "--timeout", "5x"), "invalid --timeout value"),
        ((CREATE, "--timeout=-5s"), "invalid --timeout value"),
        ((CREATE, "--timeout", "0s"), "--no-wait"),
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
    assert all(event_type in listed.stdout for event_type in ACTIONS)
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
    arguments = ("trigger", CREATE, "--no-wait", "--org", "x.okta.com")
    env = {"OKHOOK_TOKEN": "00t", "NO_COLOR": "1"}
    code, said = answered(*arguments, home=tmp_path, answer="n", env=env)
    assert code == 1
    assert "create 1 test user in x.okta.com?" in said


@pytest.mark.parametrize(
    ("words", "position", "offered"),
    [
        ("okhook trigger group", 2, {t for t in ACTIONS if t.startswith("group")}),
        ("okhook trigger --scenario j", 3, {"joiner-mover-leaver"}),
        ("okhook trigger --show ", 3, {"joiner-mover-leaver"}),
    ],
)
def test_a_shell_offers_types_and_scenarios(
    tmp_path: Path, words: str, position: int, offered: set[str]
) -> None:
    """What can be triggered can be found with the tab key."""
    env = {
        "_OKHOOK_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(position),
    }
    done = run_okhook(home=tmp_path, env=env)
    assert set(done.stdout.split()) == offered
