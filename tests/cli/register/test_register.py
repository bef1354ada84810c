"""``okhook register`` as a process, against an org and an endpoint of the tests' own."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from okhook.okta.event_hooks import body_of
from okhook.runtime.run_files import ReceiverRun, RunDirectory, SandboxRun, TunnelRun
from tests.okta.fake_org import (
    TOKEN,
    FakeOrg,
    answering,
    cut_after_carrying_out,
    error,
    running_in_thread,
    serving_in_thread,
    too_many,
)
from tests.okta.setup import SECRET, WANTED
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, running_okhook

NOWHERE = "https://hooks.example.com/okta"


@pytest.fixture
def org() -> Iterator[FakeOrg]:
    """Return an org on loopback that verifies whatever it is given."""
    org = FakeOrg()
    with running_in_thread(org):
        yield org


def register(org: FakeOrg, home: Path, *arguments: str, **env: str) -> Any:  # noqa: ANN401 - a CompletedProcess
    environ = {"OKHOOK_TOKEN": TOKEN, "OKHOOK_AUTH_SECRET": SECRET, **env}
    return run_okhook("register", "--org", org.url, *arguments, home=home, env=environ)


def json_lines(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_created_then_unchanged(org: FakeOrg, tmp_path: Path) -> None:
    """The contract's JSON line, Okta's object in it; the second run writes nothing."""
    flags = ("--url", NOWHERE, "--name", "mine", "--output", "json")
    first = register(org, tmp_path, *flags)
    assert first.returncode == 0, first.stderr
    [line] = json_lines(first.stdout)
    assert set(line) == {"type", "org", "action", "verified", "hook"}
    assert (line["type"], line["org"]) == ("registered", org.url)
    assert (line["action"], line["verified"]) == ("created", True)
    assert line["hook"]["id"] == org.only_hook()["id"]
    assert line["hook"]["events"]["items"] == ["user.lifecycle.create"]
    assert line["hook"]["channel"]["config"]["authScheme"] == {
        "type": "HEADER",
        "key": "Authorization",
    }
    org.seen.clear()
    second = register(org, tmp_path, *flags)
    [line] = json_lines(second.stdout)
    assert (second.returncode, line["action"], line["verified"]) == (0, "unchanged", True)
    assert org.writes == []


def test_every_flag_reaches_the_org(org: FakeOrg, tmp_path: Path) -> None:
    """Events, headers, filters, description and another field for the secret."""
    done = register(
        org, tmp_path, "--url", NOWHERE, "--event", "user.session.start", "--event",
        "user.lifecycle.create", "--header", "X-Stage: test:1", "--auth-field", "X-Key",
        "--description", "for tests", "--filter", "user.session.start=event.actor.id eq 'x=1'",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    hook = org.only_hook()
    assert hook["name"].startswith("okhook ")
    assert "@" in hook["name"]
    assert set(hook["events"]["items"]) == {"user.session.start", "user.lifecycle.create"}
    [only] = hook["events"]["filter"]["eventFilterMap"]
    assert only["condition"]["expression"] == "event.actor.id eq 'x=1'"
    config = hook["channel"]["config"]
    assert config["headers"] == [{"key": "X-Stage", "value": "test:1"}]
    assert config["authScheme"] == {"type": "HEADER", "key": "X-Key", "value": SECRET}
    assert hook["description"] == "for tests"


def test_people_read_what_became_of_it(org: FakeOrg, tmp_path: Path) -> None:
    """Text on stdout: action, name, id, URL, events and both kinds of status."""
    done = register(org, tmp_path, "--url", NOWHERE, "--name", "mine \u202e", "--event", "user.x")
    assert done.returncode == 2
    done = register(org, tmp_path, "--url", NOWHERE, "--name", "[red]mine", "--event", "user.x")
    assert done.returncode == 0
    assert "user.x is not an event type" in done.stderr
    assert done.stdout.splitlines()[0].startswith("created  [red]mine  who0")
    assert "ACTIVE, VERIFIED" in done.stdout
    assert "\x1b" not in done.stdout


class Endpoint:
    """Answers 404 to whoever calls, and repeats the secret that it was sent."""

    def __init__(self) -> None:
        self.called = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.called += 1
        said = f"no route; you sent {Request(scope, receive).headers['authorization']}"
        await PlainTextResponse(said, 404)(scope, receive, send)


def test_what_cannot_be_verified_is_exit_8_with_its_cause(org: FakeOrg, tmp_path: Path) -> None:
    """The hook is there, unverified; the probe's steps and the cause follow, without the secret."""
    org.verifies = lambda _: False
    with serving_in_thread(Endpoint()) as url:
        flags = ("--url", url, "--wait", "0")
        done = register(org, tmp_path, *flags, "--output", "json")
        text = register(org, tmp_path, *flags)
    assert (done.returncode, text.returncode) == (8, 8)
    registered, probe, error_line = json_lines(done.stdout)
    assert (registered["type"], registered["verified"]) == ("registered", False)
    steps = {step["name"]: step["ok"] for step in probe["steps"]}
    assert probe["type"] == "probe"
    assert (steps["connection"], steps["status"], steps["echo"]) == (True, False, None)
    assert "nothing at that path" in probe["cause"]
    assert error_line["exit_code"] == 8
    assert "✗ status" in text.stdout
    assert "nothing at that path" in text.stderr
    assert "Unable to verify event hook" in text.stderr
    assert SECRET not in done.stdout + done.stderr + text.stdout + text.stderr


def test_an_endpoint_that_comes_up_within_the_wait(org: FakeOrg, tmp_path: Path) -> None:
    """The org is asked again, and each try is told with its cause."""
    endpoint = Endpoint()

    org.verifies = lambda _: endpoint.called > 0
    with serving_in_thread(endpoint) as url:
        done = register(org, tmp_path, "--url", url, "--output", "json")
    assert done.returncode == 0, done.stderr
    lines = json_lines(done.stdout)
    assert [line["type"] for line in lines] == ["verifying_again", "registered"]
    assert "nothing at that path" in lines[0]["cause"]
    assert lines[-1]["verified"] is True


def test_verified_later(org: FakeOrg, tmp_path: Path) -> None:
    """`--no-verify` leaves it, `--verify-only` does it and writes nothing else."""
    first = register(org, tmp_path, "--url", NOWHERE, "--no-verify", "--output", "json")
    assert (first.returncode, json_lines(first.stdout)[0]["verified"]) == (0, False)
    org.seen.clear()
    done = register(org, tmp_path, "--verify-only", "--output", "json")
    [line] = json_lines(done.stdout)
    assert (done.returncode, line["action"], line["verified"]) == (0, "updated", True)
    assert [request.path.rsplit("/", 1)[-1] for request in org.writes] == ["verify"]
    again = register(org, tmp_path, "--url", NOWHERE, "--output", "json")
    assert json_lines(again.stdout)[0]["action"] == "unchanged"


def test_verify_only_sends_no_secret_to_a_url_of_the_orgs(org: FakeOrg, tmp_path: Path) -> None:
    """The probe goes to where the org says the hook is; the secret only where we said so."""
    org.verifies = lambda _: False
    sent: list[str | None] = []

    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        sent.append(Request(scope, receive).headers.get("authorization"))
        await PlainTextResponse("", 404)(scope, receive, send)

    with serving_in_thread(watching) as url:
        hook = body_of(WANTED, description=None)
        hook["channel"]["config"]["uri"] = url
        org.add(hook)
        flags = ("--verify-only", "--name", WANTED.name, "--wait", "0")
        assert register(org, tmp_path, *flags).returncode == 8
        assert register(org, tmp_path, *flags, "--url", url).returncode == 8
    assert sent == [None, SECRET]


def test_the_running_tunnels_url_is_the_default(org: FakeOrg, tmp_path: Path) -> None:
    """One tunnel is taken; none and several are exit 2 with what to do."""
    none = register(org, tmp_path)
    assert none.returncode == 2
    assert "--url http://127.0.0.1:1337/okta-webhooks-endpoint" in none.stderr
    runs = RunDirectory(tmp_path / "state" / "run")
    with runs.own("tunnel-1337") as file:
        file.write(TunnelRun("one", "/", 1337, webhook_url="https://events.hookdeck.com/e/one"))
        one = register(org, tmp_path)
        with runs.own("tunnel-1338") as other:
            other.write(
                TunnelRun("two", "/", 1338, webhook_url="https://events.hookdeck.com/e/two")
            )
            two = register(org, tmp_path)
    assert one.returncode == 0
    assert org.only_hook()["channel"]["config"]["uri"] == "https://events.hookdeck.com/e/one"
    assert "Hookdeck answers the verification challenge itself" in one.stderr
    assert two.returncode == 2
    assert "https://events.hookdeck.com/e/two" in two.stderr


def test_an_org_of_this_machine_calls_the_running_receiver(org: FakeOrg, tmp_path: Path) -> None:
    """It needs no tunnel."""
    with RunDirectory(tmp_path / "state" / "run").own("receiver-4000") as file:
        file.write(ReceiverRun("http://127.0.0.1:4000/hook", 4000))
        done = register(org, tmp_path)
    assert done.returncode == 0, done.stderr
    assert org.only_hook()["channel"]["config"]["uri"] == "http://127.0.0.1:4000/hook"


def test_the_running_sandbox_is_an_org(org: FakeOrg, tmp_path: Path) -> None:
    """`--org sandbox` finds address and token by the run file."""
    with RunDirectory(tmp_path / "state" / "run").own("sandbox-8137") as file:
        file.write(SandboxRun(org.url, TOKEN))
        done = run_okhook("register", "--org", "sandbox", "--url", NOWHERE, home=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_wrong_token_is_exit_4_and_stays_private(org: FakeOrg, tmp_path: Path) -> None:
    """It is told by its place, and shown nowhere; a missing one says what to set."""
    done = register(org, tmp_path, "--url", NOWHERE, OKHOOK_TOKEN="00not-the-token")
    assert done.returncode == 4
    assert "OKHOOK_TOKEN" in done.stderr
    assert "00not" not in done.stdout + done.stderr
    missing = run_okhook("register", "--org", org.url, "--url", NOWHERE, home=tmp_path)
    assert missing.returncode == 4
    assert "OKHOOK_TOKEN" in missing.stderr


def test_no_permission_is_exit_5(org: FakeOrg, tmp_path: Path) -> None:
    """And the permission is named."""
    org.fail_next("GET", answering(lambda: error(403, "E0000006", "You do not have permission")))
    done = register(org, tmp_path, "--url", NOWHERE)
    assert done.returncode == 5
    assert "okta.eventhooks.manage" in done.stderr


@pytest.mark.usefixtures("quick_retries")
def test_no_network_is_exit_6(tmp_path: Path) -> None:
    """An org that is not there is tried a few times, which is told, and given up."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = FakeOrg(url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        done = register(nobody, tmp_path, "--url", NOWHERE, "--output", "json")
    assert done.returncode == 6
    assert [line["type"] for line in json_lines(done.stdout)] == ["retrying"] * 3 + ["error"]


def test_a_rate_limit_is_waited_out_with_a_countdown(org: FakeOrg, tmp_path: Path) -> None:
    """A 429 shows when it goes on, and then it does."""
    org.fail_next("GET", too_many(1))
    done = register(org, tmp_path, "--url", NOWHERE, "--output", "json")
    assert done.returncode == 0, done.stderr
    waited, registered = json_lines(done.stdout)
    assert (waited["type"], waited["remaining_s"]) == ("rate_limited", 2.0)
    assert registered["action"] == "created"


@pytest.mark.usefixtures("quick_retries")
def test_a_cut_connection_doubles_nothing(org: FakeOrg, tmp_path: Path) -> None:
    """The create was carried out and its answer lost, on a real socket: one hook."""
    org.fail_next("POST", cut_after_carrying_out)
    done = register(org, tmp_path, "--url", NOWHERE, "--output", "json")
    assert done.returncode == 0, done.stderr
    assert json_lines(done.stdout)[-1]["action"] == "created"
    assert len(org.hooks) == 1


def test_ctrl_c_while_it_waits(org: FakeOrg, tmp_path: Path) -> None:
    """Exit 130, soon; the hook stays, to be verified later."""
    org.verifies = lambda _: False
    env = {"OKHOOK_TOKEN": TOKEN}
    flags = ("--org", org.url, "--url", "http://127.0.0.1:1/", "--output", "json")
    with running_okhook("register", *flags, home=tmp_path, env=env) as process:
        process.wait_for_json("verifying_again")
        process.send(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
    assert org.only_hook()["verificationStatus"] == "UNVERIFIED"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--url", "http://hooks.example.com/"), "https"),
        (("--url", NOWHERE, "--header", "novalue"), "--header"),
        (("--url", NOWHERE, "--hook-id", "../users"), "invalid event hook id"),
        (("--url", NOWHERE, "--wait", "-1"), "--wait"),
        (("--no-verify", "--verify-only"), "cannot be used together"),
    ],
)
def test_invalid_input_is_exit_2(
    org: FakeOrg, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """It is said before the org is written to."""
    done = register(org, tmp_path, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert org.writes == []


def test_the_admin_consoles_address_is_normalised_aloud(tmp_path: Path) -> None:
    """What people copy from the browser is understood, and it is said as what."""
    done = run_okhook(
        "register", "--org", "dev-123-admin.okta.com", "--url", NOWHERE,
        "--event", "no type", home=tmp_path, env={"OKHOOK_TOKEN": TOKEN},
    )  # fmt: skip
    assert done.returncode == 2
    assert "using the org's address, https://dev-123.okta.com" in done.stderr


def test_no_secret_in_any_output_or_file(org: FakeOrg, tmp_path: Path) -> None:
    """Neither the token nor the hook's secret is printed or written down, whatever happens."""
    outputs = []
    runs = ((), ("--output", "json", "--event", "user.session.start"), ("--hook-id", "who9"))
    for flags in runs:
        done = register(org, tmp_path, "--url", NOWHERE, *flags)
        outputs += [done.stdout, done.stderr]
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    for text in (*outputs, *written):
        assert TOKEN not in text
        assert SECRET not in text


def test_without_event_a_hook_keeps_its_own_field_23(org: FakeOrg, tmp_path: Path) -> None:
    """With their filters; a new hook gets the guide's event type, and --event replaces all."""
    flags = ("--url", NOWHERE, "--name", "mine")
    types = ("--event", "user.session.start", "--event", "user.lifecycle.create")
    filter_ = ("--filter", "user.session.start=event.outcome.result eq 'FAILURE'")
    assert register(org, tmp_path, *flags).returncode == 0
    assert org.only_hook()["events"]["items"] == ["user.lifecycle.create"]
    assert register(org, tmp_path, *flags, *types, *filter_).returncode == 0
    before = org.only_hook()["events"]
    assert register(org, tmp_path, *flags, "--description", "new").returncode == 0
    after = org.only_hook()
    assert after["description"] == "new"
    assert set(after["events"]["items"]) == set(before["items"])
    assert after["events"]["filter"] == before["filter"]
    assert register(org, tmp_path, *flags, "--event", "group.create").returncode == 0
    assert org.only_hook()["events"]["items"] == ["group.create"]


def test_a_filter_needs_an_event_type_of_the_hook_field_23(org: FakeOrg, tmp_path: Path) -> None:
    """Also where the hook keeps its event types."""
    done = register(org, tmp_path, "--url", NOWHERE, "--filter", "user.session.start=true")
    assert done.returncode == 2
    assert "user.session.start, which is not one of the hook's" in done.stderr
    assert not org.hooks
