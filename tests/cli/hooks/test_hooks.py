"""``okhook hooks``: against a sandbox org, and against an org with faults."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from okhook.okta.event_hooks import body_of
from tests.cli.hooks.rig import Sandbox, endpoint, json_lines, of_fake
from tests.okta.fake_org import (
    TOKEN,
    FakeOrg,
    answering,
    cut_after_carrying_out,
    error,
    server_error,
    shown,
    too_many,
)
from tests.okta.setup import SECRET, WANTED
from tests.sandbox.rig import echo_then, hook_body
from tests.support.answering import answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, environment
from tests.support.waiting import wait_until

HOSTILE = "\x1b[31m\n\u202e[bold]x"


def test_list_shows_what_receives_nothing(org: Sandbox) -> None:
    """Status and verification beside each other; what mends it stands below, ready to paste."""
    with answering_server(echo_then(204)) as receiver:
        verified = org.create(receiver.url, name="verified")
        org.call("POST", f"/api/v1/eventHooks/{verified['id']}/lifecycle/verify")
    unverified = org.create("https://a.example.com/", name="not")
    inactive = org.create("https://b.example.com/", name="off", events=["user.session.start"])
    org.call("POST", f"/api/v1/eventHooks/{inactive['id']}/lifecycle/deactivate")
    done = org.run("list", "--org", org.url)
    assert done.returncode == 0, done.stderr
    first, second, mending, third = done.stdout.splitlines()
    assert first.split()[:4] == ["ACTIVE", "VERIFIED", verified["id"], "verified"]
    assert second.split()[:4] == ["ACTIVE", "UNVERIFIED", unverified["id"], "not"]
    assert mending.endswith(f"okhook hooks verify {unverified['id']} --org {org.url}")
    assert third.split()[:4] == ["INACTIVE", "UNVERIFIED", inactive["id"], "off"]
    assert len({line.index("http") for line in (first, second, third)}) == 1
    assert "3 event hooks, 2 of them active" in done.stderr
    lines = org.lines("list")
    assert [line["hook"] for line in lines] == org.call("GET", "/api/v1/eventHooks")
    assert {tuple(line) for line in lines} == {("type", "org", "hook")}


def test_an_org_without_hooks(org: Sandbox) -> None:
    """Nothing on stdout, and what to do on stderr."""
    done = org.run("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "okhook register" in done.stderr
    assert org.lines("list") == []


def test_show_is_oktas_object(org: Sandbox) -> None:
    """As JSON it is what the org answered, member by member; people get all of it in words."""
    hook = org.create(
        "https://a.example.com/", name="mine", secret="hush-hush", description="for tests",
        config={"headers": [{"key": "X-Stage", "value": "test"}]},
        events=["user.lifecycle.create"],
    )  # fmt: skip
    done = org.run("show", "mine", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == org.hook(hook["id"])
    assert list(json.loads(done.stdout)) == list(hook)
    text = org.run("show", hook["id"])
    for said in (
        "mine", hook["id"], "ACTIVE, UNVERIFIED", "https://a.example.com/", "X-Stage: test",
        "in the header Authorization", "user.lifecycle.create", "for tests", hook["created"],
    ):  # fmt: skip
        assert said in text.stdout
    assert f"okhook hooks verify {hook['id']}" in text.stderr
    assert "hush-hush" not in done.stdout + text.stdout


def test_a_name_that_two_hooks_have(org: Sandbox) -> None:
    """Every command lists both ids, asks for one of them, and touches neither hook."""
    ids = [org.create("https://a.example.com/", name="twin")["id"] for _ in range(2)]
    before = org.call("GET", "/api/v1/eventHooks")
    for command in (
        ("show",), ("verify",), ("activate",), ("deactivate",), ("delete", "--yes"),
        ("edit", "--description", "x"),
    ):  # fmt: skip
        done = org.run(*command, "twin")
        assert done.returncode == 2
        assert all(hook_id in done.stderr for hook_id in ids)
        assert "the hook's id" in done.stderr
    assert org.call("GET", "/api/v1/eventHooks") == before
    assert org.run("show", ids[1]).returncode == 0


def test_a_hook_that_is_not_there(org: Sandbox) -> None:
    """Exit 5, with what is there."""
    hook = org.create("https://a.example.com/", name="mine")
    done = org.run("show", "mien")
    assert done.returncode == 5
    assert hook["id"] in done.stderr


def test_activate_and_deactivate_are_done_once(org: Sandbox) -> None:
    """The second time it says so, and is no error."""
    hook = org.create("https://a.example.com/", name="mine")
    actions = [
        org.lines(command, "mine")[0]["action"]
        for command in ("activate", "deactivate", "deactivate", "activate")
    ]
    assert actions == ["already_active", "deactivated", "already_inactive", "activated"]
    assert org.hook(hook["id"])["status"] == "ACTIVE"
    done = org.run("activate", "mine")
    assert done.returncode == 0
    assert done.stdout.startswith("already active  mine")
    assert f"okhook hooks verify {hook['id']}" in done.stderr


def test_the_26th_active_hook(org: Sandbox) -> None:
    """Exit 5, with the limit."""
    inactive = org.create("https://a.example.com/", name="one too many")
    org.call("POST", f"/api/v1/eventHooks/{inactive['id']}/lifecycle/deactivate")
    for number in range(25):
        org.create("https://a.example.com/", name=f"hook {number}")
    done = org.run("activate", "one too many")
    assert done.returncode == 5
    assert "at most 25 active" in done.stderr


def test_delete_deactivates_and_deletes(org: Sandbox) -> None:
    """With --yes nobody is asked; without it, where nobody can be, it says what to add."""
    hook = org.create("https://a.example.com/", name="mine")
    refused = org.run("delete", "mine")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert org.hook(hook["id"])["status"] == "ACTIVE"
    [line] = org.lines("delete", "mine", "--yes")
    assert (line["type"], line["action"], line["hook"]) == ("hook_changed", "deleted", hook)
    assert org.call("GET", "/api/v1/eventHooks") == []


@contextmanager
def asked_to_delete(org: Sandbox) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Run a delete on a terminal up to its question; give the process and the terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "okhook", "hooks", "delete", "mine"],
        env=environment(org.home, {"OKHOOK_ORG": "sandbox", "NO_COLOR": "1"}),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 1000)
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def wait_until_it_reads(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process has nothing to do but to wait for its input."""
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING)


@pytest.mark.parametrize(("typed", "code", "left"), [(b"y", 0, 0), (b"n", 1, 1), (b"", 1, 1)])
def test_delete_asks_a_person(org: Sandbox, typed: bytes, code: int, left: int) -> None:
    """Only yes is yes."""
    org.create("https://a.example.com/", name="mine")
    with asked_to_delete(org) as (process, terminal):
        os.write(terminal, typed + b"\n")
        assert process.wait(PATIENCE_S) == code
    assert len(org.call("GET", "/api/v1/eventHooks")) == left


def test_ctrl_c_at_the_question(org: Sandbox) -> None:
    """It ends at once, and nothing is touched."""
    hook = org.create("https://a.example.com/", name="mine")
    with asked_to_delete(org) as (process, _):
        wait_until_it_reads(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
    assert org.hook(hook["id"]) == hook


def test_verify(org: Sandbox) -> None:
    """The org asks the endpoint, and the hook is verified."""
    with endpoint() as url:
        org.create(url, name="mine")
        [line] = org.lines("verify", "mine")
    assert (line["action"], line["hook"]["verificationStatus"]) == ("verified", "VERIFIED")


def test_verify_names_the_cause(org: Sandbox) -> None:
    """Exit 8: our own request says which step failed; the secret goes only where it is known."""
    with endpoint(secret=SECRET) as url:
        hook = org.create(url, name="mine", secret="another-secret")
        unknown = org.run("verify", "mine", "--output", "json", OKHOOK_AUTH_SECRET=SECRET)
        ours = org.run("verify", "mine", "--url", url, OKHOOK_AUTH_SECRET="another-secret")
    assert (unknown.returncode, ours.returncode) == (8, 8)
    probe, error_line = json_lines(unknown.stdout)
    assert probe["type"] == "probe"
    assert "which okhook does not know" in probe["cause"]
    assert "you sent None" in json.dumps(probe["steps"])
    assert error_line["exit_code"] == 8
    assert "does not accept the secret" in ours.stderr
    assert f"then: okhook hooks verify {hook['id']}" in ours.stderr
    for text in (unknown.stdout, unknown.stderr, ours.stdout, ours.stderr):
        assert SECRET not in text
        assert "another-secret" not in text


def test_an_inactive_hook_is_not_verified(org: Sandbox) -> None:
    """Exit 8, with both commands that lead there."""
    hook = org.create("https://a.example.com/", name="mine")
    org.run("deactivate", "mine")
    done = org.run("verify", "mine")
    assert done.returncode == 8
    assert f"okhook hooks activate {hook['id']}" in done.stderr
    assert f"okhook hooks verify {hook['id']}" in done.stderr


def registered(org: Sandbox, url: str, *flags: str) -> Any:  # noqa: ANN401 - JSON
    done = run_okhook(
        "register", "--org", "sandbox", "--url", url, "--name", "mine", "--output", "json",
        *flags, home=org.home, env={"OKHOOK_AUTH_SECRET": SECRET},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json_lines(done.stdout)[-1]["hook"]


def test_edit_changes_what_is_named_and_keeps_the_rest(org: Sandbox) -> None:
    """Events, filter and description change; the hook keeps its secret, and stays verified."""
    with endpoint(secret=SECRET) as url:
        hook = registered(org, url, "--header", "X-Stage: test", "--event", "user.session.start")
        [line] = org.lines(
            "edit", "mine", "--add-event", "user.session.end", "--description", "for tests",
            "--add-filter", "user.session.end=event.actor.id eq 'x=1'", OKHOOK_AUTH_SECRET=SECRET,
        )  # fmt: skip
        assert line["type"] == "hook_changed"
        assert (line["action"], line["changed"]) == (
            "updated",
            ["description", "events", "filters"],
        )
        after = org.hook(hook["id"])
        assert line["hook"] == after
        assert after["verificationStatus"] == "VERIFIED"
        assert set(after["events"]["items"]) == {"user.session.start", "user.session.end"}
        assert after["channel"] == hook["channel"]
        [only] = after["events"]["filter"]["eventFilterMap"]
        assert only["condition"]["expression"] == "event.actor.id eq 'x=1'"
        [line] = org.lines(
            "edit", "mine", "--remove-event", "user.session.end", OKHOOK_AUTH_SECRET=SECRET
        )
        assert line["hook"]["events"]["filter"] is None
        [line] = org.lines(
            "edit", "mine", "--event", "user.session.start", OKHOOK_AUTH_SECRET=SECRET
        )
        assert (line["action"], line["changed"]) == ("unchanged", [])


def test_edit_of_the_channel_verifies_again(org: Sandbox) -> None:
    """Okta takes a hook with another URL, header or secret for unverified, and says nothing."""
    with endpoint(secret=SECRET) as url:
        hook = registered(org, url)
        for flags in (("--url", f"{url}/x"), ("--header", "X-New: 1")):
            [line] = org.lines("edit", "mine", *flags, OKHOOK_AUTH_SECRET=SECRET)
            assert line["hook"]["verificationStatus"] == "VERIFIED"
        later = org.run(
            "edit", "mine", "--remove-header", "x-new", "--no-verify", OKHOOK_AUTH_SECRET=SECRET
        )
        assert later.returncode == 0
        assert "ACTIVE, UNVERIFIED" in later.stdout
        assert f"okhook hooks verify {hook['id']}" in later.stderr


def test_edit_of_the_secret(org: Sandbox, tmp_path: Path) -> None:
    """A new one in the settings is what is asked for; the endpoint that has it verifies."""
    with endpoint(secret=SECRET) as old, endpoint(secret="new-secret") as new:
        registered(org, old)
        (tmp_path / "secret").write_text("new-secret\n")
        moved = org.lines(
            "edit", "mine", "--url", new, "--auth-secret-file", str(tmp_path / "secret")
        )
        assert moved[-1]["changed"] == ["url", "secret"]
        assert moved[-1]["hook"]["verificationStatus"] == "VERIFIED"
        same = org.lines("edit", "mine", OKHOOK_AUTH_SECRET="new-secret")
        assert same[-1]["action"] == "unchanged"
        done = org.run("edit", "mine", "--output", "json", OKHOOK_AUTH_SECRET=SECRET)
    assert done.returncode == 8
    changed, probe, error_line = json_lines(done.stdout)
    assert (changed["action"], changed["changed"]) == ("updated", ["secret"])
    assert "does not accept the secret" in probe["cause"]
    assert error_line["type"] == "error"
    for text in (done.stdout, done.stderr):
        assert SECRET not in text
        assert "new-secret" not in text


def test_edit_never_loses_a_secret(org: Sandbox) -> None:
    """Exit 3 before anything is sent, with what to set."""
    hook = org.create("https://a.example.com/", name="mine", secret="hush-hush")
    done = org.run("edit", "mine", "--description", "x")
    assert done.returncode == 3
    assert "OKHOOK_AUTH_SECRET" in done.stderr
    assert org.hook(hook["id"]) == hook


def test_edit_gives_no_secret_that_was_not_asked_for(org: Sandbox) -> None:
    """One that happens to be set stays here, unless the flag or nothing else is the change."""
    with endpoint() as url:
        hook = org.create(url, name="mine")
        left_out = org.run("edit", "mine", "--description", "x", OKHOOK_AUTH_SECRET=SECRET)
        assert left_out.returncode == 0
        assert "ignoring OKHOOK_AUTH_SECRET" in left_out.stderr
        assert org.hook(hook["id"])["channel"] == hook["channel"]
        [line] = org.lines("edit", "mine", OKHOOK_AUTH_SECRET=SECRET)
    assert line["hook"]["channel"]["config"]["authScheme"]["key"] == "Authorization"


def test_edit_keeps_the_secrets_header(fake: FakeOrg, tmp_path: Path) -> None:
    """The hook's own, where the settings name none; and it says what it cannot know."""
    fake.add(hook_body("https://a.example.com/", name="mine", config={
        "authScheme": {"type": "HEADER", "key": "X-Key", "value": "old-secret"},
    }))  # fmt: skip
    env = {"OKHOOK_AUTH_SECRET": SECRET}
    done = of_fake(fake, tmp_path, "edit", "mine", "--description", "x", **env)
    assert done.returncode == 0, done.stderr
    assert "does not know whether it had another one before" in done.stderr
    assert fake.only_hook()["channel"]["config"]["authScheme"] == {
        "type": "HEADER",
        "key": "X-Key",
        "value": SECRET,
    }
    named = of_fake(fake, tmp_path, "edit", "mine", "--auth-field", "X-Other", **env)
    assert named.returncode == 0, named.stderr
    assert fake.only_hook()["channel"]["config"]["authScheme"]["key"] == "X-Other"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "no changes given"),
        (
            ("--event", "user.x", "--add-event", "user.y"),
            2,
            "cannot combine --event with",
        ),
        (("--add-header", "novalue"), 2, "invalid --add-header value"),
        (("--add-filter", "novalue"), 2, "invalid --add-filter value"),
        (("--remove-event", "user.lifecycle.create"), 2, "at least one event type"),
        (("--add-filter", "user.x=true"), 2, "not one of the hook's event types"),
        (("--url", "http://a.example.com/"), 2, "https"),
        (("--name", ""), 2, "--name is empty"),
        (("--remove-event", "user.lifecyle.create"), 0, "did you mean user.lifecycle.create"),
    ],
)
def test_edit_refuses_invalid_flags(
    fake: FakeOrg, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """It is said, and the org is not written to."""
    fake.add(hook_body("https://a.example.com/", name="mine"))
    done = of_fake(fake, tmp_path, "edit", "mine", *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert fake.writes == []


def test_a_filter_that_the_org_has_not_enabled(fake: FakeOrg, tmp_path: Path) -> None:
    """Early Access is named with the place to enable it: refused, and silently left out."""
    fake.add(hook_body("https://a.example.com/", name="mine"))
    fake.fail_next("PUT", answering(lambda: error(400, "E0000001", "Api validation failed", "no")))
    edit = ("edit", "mine", "--filter", "user.lifecycle.create=true")
    refused = of_fake(fake, tmp_path, *edit)
    assert refused.returncode == 5
    assert "Early Access" in refused.stderr
    assert "Settings → Features" in refused.stderr

    async def dropping(org: FakeOrg, request: Request) -> JSONResponse:
        org.carry_out(request)
        org.only_hook()["events"]["filter"] = None
        return JSONResponse(shown(org.only_hook()))

    fake.fail_next("PUT", dropping)
    left_out = of_fake(fake, tmp_path, *edit, "--output", "json")
    assert left_out.returncode == 0
    warning, changed = json_lines(left_out.stdout)
    assert "Settings → Features" in warning["text"]
    assert changed["hook"]["events"]["filter"] is None


def test_renaming_takes_the_memory_along(fake: FakeOrg, tmp_path: Path) -> None:
    """The old name is free again: registering it makes another hook."""
    env = {"OKHOOK_TOKEN": TOKEN}
    register = (
        "register", "--org", fake.url, "--url", "https://a.example.com/", "--name", "old",
    )  # fmt: skip
    assert run_okhook(*register, home=tmp_path, env=env).returncode == 0
    assert of_fake(fake, tmp_path, "edit", "old", "--name", "new").returncode == 0
    assert run_okhook(*register, home=tmp_path, env=env).returncode == 0
    assert sorted(hook["name"] for hook in fake.hooks.values()) == ["new", "old"]


@pytest.mark.usefixtures("quick_retries")
def test_faults_on_the_way(fake: FakeOrg, tmp_path: Path) -> None:
    """A limit, a 500 and a connection that is cut: each step is done once, and told."""
    fake.add(body_of(WANTED, description=None))
    fake.fail_next("GET", too_many(1))
    fake.fail_next("PUT", server_error(), cut_after_carrying_out)
    env = {"OKHOOK_AUTH_SECRET": SECRET}
    edit = ("edit", WANTED.name, "--add-event", "user.session.start", "--output", "json")
    done = of_fake(fake, tmp_path, *edit, **env)
    assert done.returncode == 0, done.stderr
    lines = json_lines(done.stdout)
    types = [line["type"] for line in lines]
    assert types == ["rate_limited", "retrying", "retrying", "warning", "hook_changed"]
    assert set(fake.only_hook()["events"]["items"]) == {
        "user.lifecycle.create",
        "user.session.start",
    }
    fake.fail_next("DELETE", cut_after_carrying_out)
    assert of_fake(fake, tmp_path, "delete", WANTED.name, "--yes").returncode == 0
    assert fake.hooks == {}


def test_an_org_that_says_no(fake: FakeOrg, tmp_path: Path) -> None:
    """A wrong token is exit 4, and no permission exit 5; no secret is shown."""
    wrong = of_fake(fake, tmp_path, "list", OKHOOK_TOKEN="00not-the-token")
    assert wrong.returncode == 4
    assert "00not" not in wrong.stdout + wrong.stderr
    fake.fail_next("GET", answering(lambda: error(403, "E0000006", "You do not have permission")))
    denied = of_fake(fake, tmp_path, "list", "--output", "json")
    assert denied.returncode == 5
    assert json_lines(denied.stdout)[-1]["exit_code"] == 5


def test_hostile_hooks_are_text(fake: FakeOrg, tmp_path: Path) -> None:
    """Whatever an org calls its hooks, a terminal shows it on its line, and JSON is ASCII."""
    body = hook_body(f"https://a.example.com/{HOSTILE}", name=HOSTILE, description=HOSTILE)
    hook = fake.add(body)
    listed = of_fake(fake, tmp_path, "list")
    full = of_fake(fake, tmp_path, "show", hook["id"])
    missing = of_fake(fake, tmp_path, "show", "nothing")
    deactivated = of_fake(fake, tmp_path, "deactivate", hook["id"])
    refused = of_fake(fake, tmp_path, "delete", hook["id"])
    for done in (listed, full, missing, deactivated, refused):
        assert "\x1b" not in done.stdout + done.stderr
        assert "\u202e" not in done.stdout + done.stderr
    assert len(listed.stdout.splitlines()) == 2
    assert "\\x1b[31m\\n\\u202e[bold]x" in full.stdout
    as_json = of_fake(fake, tmp_path, "show", hook["id"], "--output", "json")
    assert as_json.stdout.isascii()
    assert json.loads(as_json.stdout)["name"] == HOSTILE


def test_a_hook_whose_url_is_invalid(fake: FakeOrg, tmp_path: Path) -> None:
    """An org may have one: it is verified, explained and exported like any other."""
    fake.add(hook_body("https://[::1", name="mine"))
    for command in (("verify", "mine", "--wait", "0"), ("show", "mine"), ("export",)):
        done = of_fake(fake, tmp_path, *command)
        assert "this is a bug" not in done.stderr
        assert "https://[::1" in done.stdout + done.stderr or command[0] == "verify"
