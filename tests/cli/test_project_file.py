"""A project's okhook.toml may be a stranger's: a cloned repository has one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from okhook.cli.console import Console
from okhook.config.in_project import InProject
from okhook.config.settings import declared_settings
from tests.cli.history import CREATED, fill_store
from tests.hookdeck.fake import fake_hookdeck
from tests.sandbox.keys import ec_key, pem
from tests.support.answering import AnsweringServer, answer, answering_server
from tests.support.file_keyring import with_keyring
from tests.support.in_process import run_okhook
from tests.support.sandbox_org import sandbox_org

TOKEN = {"OKHOOK_TOKEN": "00of-this-user"}
ELSEWHERE = "https://app.example.com/x"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[AnsweringServer]:
    """Run an org that has no hooks, and that the project's file names."""
    with answering_server(lambda _: answer(200, b"[]", "X-Okta-Request-Id: 1")) as server:
        (tmp_path / "okhook.toml").write_text(f'org = "http://127.0.0.1:{server.port}"\n')
        yield server


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have a person say yes to every question, and return the questions."""
    questions: list[str] = []

    def confirm(_: Console, question: str) -> bool:
        questions.append(question)
        return True

    monkeypatch.setattr(Console, "asks", True)
    monkeypatch.setattr(Console, "confirm", confirm)
    return questions


@pytest.mark.parametrize(
    "place", ["variable", "app", "keyring", "user's file", "an SDK's variable"]
)
def test_no_credential_goes_to_the_projects_org_field_11(
    tmp_path: Path, org: AnsweringServer, place: str
) -> None:
    """Wherever it comes from; the error says how to name the org oneself."""
    (tmp_path / "app.pem").write_text(pem(ec_key()))
    url = f"http://127.0.0.1:{org.port}"
    (tmp_path / "keyring.json").write_text(json.dumps({f"okhook {url}": "00kept"}))
    if place == "user's file":
        (tmp_path / "user.toml").write_text('token = "00mine"\n')
    environ = {
        "variable": TOKEN,
        "app": {"OKHOOK_CLIENT_ID": "0oa1", "OKHOOK_PRIVATE_KEY_FILE": str(tmp_path / "app.pem")},
        "keyring": with_keyring(tmp_path),
        "user's file": {},
        "an SDK's variable": {"OKTA_CLIENT_TOKEN": "00sdk"},
    }[place]
    done = run_okhook("hooks", "list", home=tmp_path, env=environ)
    assert done.returncode == 3
    assert "./okhook.toml names the org" in done.stderr
    assert f"pass --org 127.0.0.1:{org.port}" in done.stderr
    assert org.asked == []
    named = run_okhook("hooks", "list", "--org", url, home=tmp_path, env=environ)
    assert "cannot ask" not in named.stderr
    assert org.asked


def test_a_person_confirms_an_org_and_a_credential_once_field_11(
    tmp_path: Path, org: AnsweringServer, says: list[str]
) -> None:
    """The answer is kept in the state directory, for this pair alone."""
    for _ in range(2):
        assert run_okhook("hooks", "list", home=tmp_path, env=TOKEN).returncode == 0
    [question] = says
    assert f"127.0.0.1:{org.port}" in question
    assert "OKHOOK_TOKEN" in question
    run_okhook("hooks", "list", home=tmp_path, env={"OKTA_CLIENT_TOKEN": "00sdk"})
    assert len(says) == 2
    assert (tmp_path / "state" / "agreed.json").stat().st_mode & 0o077 == 0


def test_a_no_sends_nothing_and_is_not_kept_field_11(
    tmp_path: Path, org: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who presses Return has not agreed."""
    monkeypatch.setattr(Console, "asks", True)
    monkeypatch.setattr(Console, "confirm", lambda *_: False)
    assert run_okhook("hooks", "list", home=tmp_path, env=TOKEN).returncode == 1
    assert org.asked == []
    assert not (tmp_path / "state" / "agreed.json").exists()


@pytest.mark.parametrize("place", ["project", "user's file", "an SDK's variables"])
def test_a_credential_beside_the_same_org_needs_no_question_field_11(
    tmp_path: Path, org: AnsweringServer, place: str
) -> None:
    """The project's own token, and one whose own place names this org, too."""
    url, environ = f"http://127.0.0.1:{org.port}", {}
    if place == "project":
        (tmp_path / "okhook.toml").write_text(f'org = "{url}"\ntoken = "00theirs"\n')
    if place == "user's file":
        (tmp_path / "user.toml").write_text(f'org = "{url}"\ntoken = "00mine"\n')
    if place == "an SDK's variables":
        environ = {"OKTA_CLIENT_ORGURL": url, "OKTA_CLIENT_TOKEN": "00sdk"}
    assert run_okhook("hooks", "list", home=tmp_path, env=environ).returncode == 0
    assert org.asked


def test_the_running_sandbox_needs_no_question_field_11(tmp_path: Path) -> None:
    """Its own token goes to it, whoever names it."""
    (tmp_path / "okhook.toml").write_text('org = "sandbox"\n')
    with sandbox_org(home=tmp_path):
        assert run_okhook("hooks", "list", home=tmp_path, env=TOKEN).returncode == 0


def test_a_piped_token_does_not_go_to_the_projects_org_field_11(
    tmp_path: Path, org: AnsweringServer
) -> None:
    """``login`` sends it to check it, and no prompt has named the org."""
    environ = with_keyring(tmp_path)
    done = run_okhook("login", "--with-token", home=tmp_path, env=environ, stdin=b"00piped")
    assert done.returncode == 3
    assert org.asked == []


def test_no_program_is_run_for_a_project_field_11(tmp_path: Path) -> None:
    """The warning says where such a setting belongs, and there it is used."""
    program, ran = tmp_path / "x.sh", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    (tmp_path / "okhook.toml").write_text('hookdeck = "./x.sh"\n')
    done = run_okhook("doctor", home=tmp_path)
    assert "hookdeck in ./okhook.toml is ignored" in done.stderr
    assert f"set OKHOOK_HOOKDECK, or hookdeck in {tmp_path / 'user.toml'}" in done.stderr
    assert not ran.exists()
    (tmp_path / "user.toml").write_text(f'hookdeck = "{program}"\n')
    run_okhook("doctor", home=tmp_path)
    assert ran.exists()


@pytest.fixture
def hookdeck(tmp_path: Path) -> tuple[str, ...]:
    """Return the command line of a tunnel in a project that configures Hookdeck.

    Hookdeck notes its run in the file ``runs``, and fails for good.
    """
    (tmp_path / ".hookdeck").mkdir()
    (tmp_path / ".hookdeck" / "config.toml").write_text('api_base = "https://api.example.com"\n')
    program = fake_hookdeck(tmp_path, "say('no'); sys.exit(1)\n")
    return ("tunnel", "--hookdeck", str(program), "--timeout", "0.5")


def test_hookdecks_account_is_not_the_projects_field_11(
    tmp_path: Path, hookdeck: tuple[str, ...]
) -> None:
    """Hookdeck reads .hookdeck/config.toml: its account gets every delivery, and the API key."""
    done = run_okhook(*hookdeck, home=tmp_path)
    assert done.returncode == 3
    assert "./.hookdeck/config.toml chooses the Hookdeck account" in done.stderr
    assert "set HOOKDECK_CONFIG_FILE=.hookdeck/config.toml" in done.stderr
    assert not (tmp_path / "runs").exists()
    named = run_okhook(*hookdeck, "--", "--hookdeck-config", "mine.toml", home=tmp_path)
    chosen = run_okhook(*hookdeck, home=tmp_path, env={"HOOKDECK_CONFIG_FILE": "mine.toml"})
    assert named.returncode == chosen.returncode == 7
    assert (tmp_path / "runs").exists()


def test_a_person_confirms_hookdecks_configuration_once_field_11(
    tmp_path: Path, hookdeck: tuple[str, ...], says: list[str]
) -> None:
    """And again when it has changed, as with the next commit of a repository."""
    for _ in range(2):
        assert run_okhook(*hookdeck, home=tmp_path).returncode == 7
    assert len(says) == 1
    (tmp_path / ".hookdeck" / "config.toml").write_text('api_base = "https://other.example"\n')
    assert run_okhook(*hookdeck, home=tmp_path).returncode == 7
    assert len(says) == 2


def test_a_file_that_is_named_as_ones_own_is_no_strangers_field_11(
    tmp_path: Path, org: AnsweringServer
) -> None:
    """``OKHOOK_CONFIG=okhook.toml`` says so."""
    environ = {**TOKEN, "OKHOOK_CONFIG": "okhook.toml", "OKHOOK_TEST_ORGS": ""}
    with (tmp_path / "okhook.toml").open("a") as file:
        file.write('test_orgs = ["a.okta.com"]\n')
    done = run_okhook("hooks", "list", home=tmp_path, env=environ)
    assert (done.returncode, "ignored" in done.stderr) == (0, False)
    assert org.asked


def test_what_a_project_may_set_is_a_property_of_the_setting_field_11() -> None:
    """Whoever declares another file, program or URL decides it there."""
    of = {
        kind: {name for name, each in declared_settings().items() if each.in_project is kind}
        for kind in InProject
    }
    assert of[InProject.IGNORED] == {
        "hookdeck",
        "test_orgs",
        "auth_secret_file",
        "private_key_file",
        "nats_credentials",
        "nats_certificate",
        "store",
    }
    assert of[InProject.ASKED_IF_ELSEWHERE] == {"forward_to", "url", "public_url", "to"}
    assert of[InProject.ASKED_IF_OPEN] == {"host", "admin"}
    assert of[InProject.ASKED_IF_OUTSIDE] == {"sandbox_data"}
    of[InProject.USED].remove("sandbox_host")  # off loopback it needs the flag --allow-remote
    kinds = ("_file", "url", "_to", "host", "_data")
    assert not {name for name in of[InProject.USED] if name.endswith(kinds)}


@pytest.mark.parametrize(
    ("setting", "value", "command"),
    [
        ("forward_to", f'["http://127.0.0.1:9/", "{ELSEWHERE}"]', ("serve", "--port", "0")),
        ("to", f'"{ELSEWHERE}"', ("send-sample",)),
        ("url", f'"{ELSEWHERE}"', ("register", "--org", "sandbox", "--wait", "0")),
        ("public_url", f'"{ELSEWHERE}"', ("up", "--sandbox", "--port", "0")),
    ],
)
def test_nothing_goes_to_another_machine_that_a_project_names_field_11(
    tmp_path: Path, setting: str, value: str, command: tuple[str, ...]
) -> None:
    """Neither deliveries nor the hook's secret; a flag or a variable names it oneself."""
    (tmp_path / "okhook.toml").write_text(f"{setting} = {value}\n")
    with sandbox_org(home=tmp_path) as org:
        done = run_okhook(*command, home=tmp_path, env={"OKHOOK_AUTH_SECRET": "s3cret"})
        assert org.hooks() == []
    assert done.returncode == 3, done.stderr
    assert f"{setting} in ./okhook.toml is {ELSEWHERE}" in done.stderr
    assert f"OKHOOK_{setting.upper()}=" in done.stderr


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("nats://127.0.0.1:4222/okta", False),
        ("nats://app.example.com:4222/okta", True),
        ("nats://localhost:4222,app.example.com:4222/okta", True),
        ("nats://user:password@localhost:4222/okta", False),
    ],
)
def test_a_person_confirms_a_stream_on_another_machine(
    tmp_path: Path, url: str, asks: bool
) -> None:
    """Also if it hides behind this one. A login of a stranger is not used at all."""
    fill_store(tmp_path)
    (tmp_path / "okhook.toml").write_text(f'forward_to = ["{url}"]\n')
    done = run_okhook("replay", str(CREATED), "--dry-run", home=tmp_path)
    assert ("which is not on this machine: use it?" in done.stderr) is asks
    if "@" in url:
        assert "must not contain a credential" in done.stderr
        assert "user:password" not in done.stderr


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ('host = "0.0.0.0"', ("serve", "--port", "0")),
        ('host = "203.0.113.7"', ("send-sample",)),
        ('admin = "[::]:9100"', ("serve", "--port", "0")),
        ('sandbox_data = "../org.json"', ("sandbox", "--port", "0")),
        ('sandbox_data = "link/org.json"', ("up", "--sandbox", "--port", "0")),
    ],
)
def test_a_project_neither_opens_a_port_nor_writes_elsewhere(
    tmp_path: Path, written: str, command: tuple[str, ...]
) -> None:
    """Other machines cannot call okhook, and no file outside is written, without a person's yes."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "link").symlink_to(tmp_path)
    (project / "okhook.toml").write_text(f"{written}\n")
    name, _, value = written.replace('"', "").partition(" = ")
    done = run_okhook(*command, home=project)
    assert done.returncode == 3, done.stderr
    assert f"{name} in ./okhook.toml is {value}, which" in done.stderr
    assert f"OKHOOK_{name.upper()}=" in done.stderr
    assert not (tmp_path / "org.json").exists()


def test_a_person_confirms_an_address_once(tmp_path: Path, says: list[str]) -> None:
    """And not that of a receiver that runs, or one of this machine."""
    (tmp_path / "okhook.toml").write_text('host = "192.0.2.1"\nsandbox_data = "org.json"\n')
    for _ in range(2):  # no machine has this address
        assert run_okhook("serve", "--port", "0", home=tmp_path).returncode != 3
    assert says == ["host in ./okhook.toml is 192.0.2.1, which other machines can call: use it?"]
    (tmp_path / "okhook.toml").write_text('host = "localhost"\nadmin = "127.0.0.1:1"\n')
    assert "confirm" not in run_okhook("doctor", home=tmp_path).stderr
    assert len(says) == 1


def test_doctor_looks_at_this_machine_if_the_address_is_not_confirmed(tmp_path: Path) -> None:
    """It has to diagnose a setup in CI, too."""
    (tmp_path / "okhook.toml").write_text('host = "0.0.0.0"\n')
    assert "cannot ask" not in run_okhook("doctor", home=tmp_path).stderr
