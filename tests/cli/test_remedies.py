"""Remedies: each command that a message tells to run works when it is pasted."""

import json
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.text import Text

from okhook.cli.remedies import add_flags, commands_in, text_with_flags, with_flags
from okhook.config.setting import Layer
from okhook.errors import InvalidInput
from tests.cli.history import FAILED, fill_store
from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook
from tests.support.receiver import receiver
from tests.support.sandbox_org import SandboxOrg, sandbox_org

CREATE = "user.lifecycle.create"
LONG_RUNNING = ("serve", "up", "sandbox")
STEPS = ("next_step", "remedy", "mend", "removing", "next_steps", "text")
"""The members of a JSON line that tell a person what to do."""


@pytest.fixture
def org(tmp_path: Path) -> Iterator[SandboxOrg]:
    """Return an org with an unverified, an inactive and a verified hook, and a full store."""
    fill_store(tmp_path)
    with sandbox_org(home=tmp_path) as org, receiver(home=tmp_path) as app:
        org.verified_hook(app.url, name="tests", events=("user.session.start",))
        org.create_hook(app.url, name="unverified")
        org.hook_lifecycle(org.create_hook(app.url, name="inactive")["id"], "deactivate")
        yield org


def remedies(stdout: str, stderr: str) -> list[str]:
    """Return each command that the output of another one tells to run, in order."""
    lines = [*stderr.splitlines(), *(line for line in stdout.splitlines() if "→ okhook" in line)]
    for line in stdout.splitlines():
        if line.startswith("{"):
            lines += texts_in(json.loads(line))
    found = [text[slice(*span)].strip() for text in lines for span in commands_in(text)]
    return list(dict.fromkeys(found))


def texts_in(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from texts_in(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, name)
    elif isinstance(value, str) and name in STEPS:
        yield from value.splitlines()


def works(command: str, home: Path) -> None:
    """Run a command to its end, or until it is ready, and assert that it was not refused."""
    words = shlex.split(command.partition(" > ")[0])[1:]
    if words[0] in ("tunnel", "login") or words[:2] == ["hooks", "delete"]:
        return
    if words[0] in LONG_RUNNING:
        port = () if "--port" in words else ("--port", "0")
        with running_okhook(*words, *port, "--output", "json", home=home) as process:
            process.wait_for_json("ready")
            process.send(signal.SIGINT)
            assert process.wait() == 0, command
        return
    done = run_okhook(*words, home=home)
    assert done.returncode in (0, 1), f"{command}: {done.stderr}"


@pytest.mark.parametrize("org_flag", [(), ("--org", "sandbox")], ids=["default", "named"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("hooks", "verify", "testz"),
        ("hooks", "show", "unverified"),
        ("register", "--verify-only", "--name", "nothing"),
        ("reconcile", "--hook", "unverified"),
        ("reconcile", "--hook", "inactive", "--since", "2h"),
        ("trigger", "user.session.start"),
        ("trigger", CREATE, "--no-wait"),
        ("trigger", CREATE),
        ("doctor", "--hook", "unverified"),
        ("doctor", "--hook", "inactive"),
        ("doctor", "--hook", "tests"),
        ("types", "no.such.type"),
        ("whoami",),
    ],
    ids=" ".join,
)
def test_a_remedy_for_an_org_works_field_25(
    tmp_path: Path, org: SandboxOrg, arguments: tuple[str, ...], org_flag: tuple[str, ...]
) -> None:
    """It is for the same org, however that was named."""
    for output in ((), ("--output", "json")):
        done = run_okhook(*arguments, *org_flag, *output, home=tmp_path)
        for command in remedies(done.stdout, done.stderr):
            works(command, tmp_path)
    assert org.hooks()


@pytest.mark.parametrize(
    "arguments",
    [
        ("deliveries", "show", "999"),
        ("deliveries", "list", "-n", "1"),
        ("deliveries", "search", "jane", "-n", "1"),
        ("trace", "nobody@example.com"),
        ("trace", "1"),
        ("replay",),
        ("replay", "1", "--to", "http://127.0.0.1:9/"),
        ("send-sample",),
        ("hooks", "list"),
        ("trigger", CREATE),
        ("trigger", "--scenario", "./broken.toml"),
        ("up", "--org", "sandbox"),
        ("help", "no-such-topic"),
        ("help",),
        ("lst",),
        ("deliveries", "lst"),
        ("status",),
        ("down",),
    ],
    ids=" ".join,
)
def test_a_remedy_for_this_machine_works_field_25(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Where no org is set, and no sandbox runs."""
    fill_store(tmp_path)
    (tmp_path / "broken.toml").write_text("[users.jane]")
    done = run_okhook(*arguments, home=tmp_path)
    for command in remedies(done.stdout, done.stderr):
        works(command, tmp_path)


def test_a_lost_event_comes_with_what_makes_it_arrive_field_25(tmp_path: Path) -> None:
    """The hook gets the event type, and the next event arrives."""
    with (
        sandbox_org(home=tmp_path) as org,
        running_okhook("serve", "--port", "0", "--output", "json", home=tmp_path) as serve,
    ):
        url = serve.wait_for_json("ready")["url"]
        org.verified_hook(url, events=("user.session.start",))
        done = run_okhook("trigger", CREATE, home=tmp_path)
        assert done.returncode == 1
        commands = remedies(done.stdout, done.stderr)
        assert any("--add-event" in command for command in commands)
        for command in commands:
            works(command, tmp_path)
        assert run_okhook("trigger", CREATE, home=tmp_path).returncode == 0


def test_a_remedy_keeps_the_flags_of_the_command_field_25() -> None:
    """Those that it has, too; but no secret, none twice, and not the one that is wrong."""
    given = {"org": "x.okta.com", "auth_secret": "s", "port": "8080", "event": ["a", "b"]}
    flags = Layer(given, {name: f"--{name.replace('_', '-')}" for name in given})
    for words, expected in (
        ("register", "register --org x.okta.com --event a --event b"),
        ("register --event c", "register --event c --org x.okta.com"),
        ("serve", "serve --port 8080"),
        ("hooks list", "hooks list --org x.okta.com"),
        ("up --sandbox", "up --sandbox --event a --event b --port 8080"),
        ("deliveries list", "deliveries list"),
    ):
        assert " ".join(with_flags(("okhook", *words.split()), flags)) == f"okhook {expected}"
    error = InvalidInput("--org is wrong", next_step="run okhook hooks list\nor `okhook serve`")
    add_flags(ExceptionGroup("several", [error]), flags)
    assert error.next_step == "run okhook hooks list\nor `okhook serve --port 8080`"


def test_a_flag_in_a_remedy_is_safe_to_show() -> None:
    """A script may take its value from somewhere else."""
    flags = Layer({"auth_field": "X\x1b[31m"}, {"auth_field": "--auth-field"})
    line = text_with_flags(Text("run okhook serve"), flags)
    assert line.plain == r"run okhook serve --auth-field 'X\x1b[31m'"


def test_what_ready_says_to_paste_works_with_another_store_field_25(tmp_path: Path) -> None:
    """It keeps ``--store``, also where the path has a blank and a quote."""
    store = tmp_path / "my store's.db"
    flags = ("--port", "0", "--no-inspector", "--store", str(store))
    done = run_okhook("up", "--sandbox", "--once", *flags, home=tmp_path)
    [show] = [line for line in done.stdout.splitlines() if "deliveries show latest" in line]
    shown = run_okhook(*shlex.split(show)[1:], home=tmp_path)
    assert "user.lifecycle" in shown.stdout, shown.stderr
    assert f"trigger {CREATE} --store {shlex.quote(str(store))} --org " in done.stdout


def test_what_a_list_says_to_paste_keeps_the_store_field_25(tmp_path: Path) -> None:
    """The command for the next page, and what ``trace`` says to do, in text and in JSON."""
    fill_store(tmp_path)
    store = tmp_path / "other's.db"
    (tmp_path / "state" / "store.db").rename(store)
    flag = f"--store {shlex.quote(str(store))}"
    listed = run_okhook("deliveries", "list", "--limit", "1", "--store", str(store), home=tmp_path)
    assert listed.stderr.endswith(f" {flag}\n")
    more = listed.stderr.partition("more: ")[2]
    assert run_okhook(*shlex.split(more)[1:], home=tmp_path).returncode == 0
    for form in ("text", "json"):
        options = ("--output", form, "--store", str(store))
        traced = run_okhook("trace", str(FAILED), *options, home=tmp_path).stdout
        told = [line for line in traced.splitlines() if line.startswith("→ okhook")]
        told += json.loads(traced.splitlines()[-1]).get("next_steps", []) if form == "json" else []
        assert told
        assert all(line.endswith(flag) for line in told)


def test_a_store_that_is_not_there_leads_to_the_receivers_field_25(tmp_path: Path) -> None:
    """A receiver that stores elsewhere, as with ``OKHOOK_STORE`` in its own terminal."""
    store = tmp_path / "my store.db"
    with running_okhook(
        *("serve", "--port", "0", "--output", "json", "--store", str(store)), home=tmp_path
    ) as process:
        process.wait_for_json("ready")
        refused = run_okhook("deliveries", "list", home=tmp_path)
    assert f"stores in {store}" in refused.stderr
    assert f"→ pass --store {shlex.quote(str(store))}" in refused.stderr


def test_doctor_starts_a_receiver_where_it_looked_for_one_field_24(tmp_path: Path) -> None:
    """With its own --host, --port and --path, for the same org."""
    receiver_flags = ("--host", "0.0.0.0", "--port", "18137", "--path", "/hook")  # noqa: S104 - of a test
    with sandbox_org(home=tmp_path):
        done = run_okhook("doctor", *receiver_flags, "--output", "json", home=tmp_path)
    commands = remedies(done.stdout, done.stderr)
    [serve] = [command for command in commands if command.startswith("okhook serve")]
    assert serve == "okhook serve --host 0.0.0.0 --port 18137 --path /hook"
    assert any(command.endswith("--org sandbox") for command in commands)
