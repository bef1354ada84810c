"""``okhook doctor``: a healthy set-up is sound, a broken one has its fault named."""

import json
import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.tunnel.past_tunnels import note_url, past_urls
from tests.cli.keeping import keep
from tests.cli.terminal import answered
from tests.hookdeck.fake import ANNOUNCEMENT, WAIT, fake_hookdeck
from tests.support.answering import Asked, answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.okhook_process import JsonLine, running_okhook
from tests.support.ports import free_port
from tests.support.receiver import receiver
from tests.support.records import NOON
from tests.support.sandbox_org import SandboxOrg, sandbox_org

SECRET = "the-hooks-very-own-secret"
DEAD_URL = "https://hkdk.events/dead"


@dataclass
class World:
    """A sandbox org, and the port of a receiver."""

    home: Path
    org: SandboxOrg
    port: int

    @property
    def env(self) -> dict[str, str]:
        return {
            "OKHOOK_ORG": "sandbox",
            "OKHOOK_AUTH_SECRET": SECRET,
            "OKHOOK_PORT": str(self.port),
            "OKHOOK_HOOKDECK": str(self.home / "hookdeck"),
            "OKHOOK_CHECK_TIMEOUT": "60",  # a busy machine is no fault
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/okta-webhooks-endpoint"

    def okhook(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return run_okhook(*arguments, home=self.home, env={**self.env, **env})

    def register(self, *arguments: str, **env: str) -> str:
        """Register the hook that leads from the org to the receiver."""
        done = self.okhook("register", "--url", self.url, "--output", "json", *arguments, **env)
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout.splitlines()[-1])["hook"]["id"])

    def status_of(self, hook_id: str) -> str:
        return str(self.org.hook(hook_id)["status"])


@contextmanager
def receiving(world: World, secret: str = SECRET) -> Iterator[None]:
    with receiver(home=world.home, secret=secret, port=world.port):
        yield


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Everything but the receiver."""
    fake_hookdeck(tmp_path, ANNOUNCEMENT + WAIT)
    with sandbox_org(home=tmp_path) as org:
        yield World(tmp_path, org, free_port())


def pasted(world: World, remedy: str, **env: str) -> None:
    """Run a remedy as it stands."""
    program, *arguments = shlex.split(remedy)
    assert program == "okhook"
    done = world.okhook(*arguments, **env)
    assert done.returncode == 0, done.stderr


def diagnosed(
    world: World, *arguments: str, **env: str
) -> tuple[int, dict[str, JsonLine], JsonLine]:
    """Run the doctor; return its exit code, its checks by name, and the diagnosis."""
    done = world.okhook("doctor", "--output", "json", *arguments, **env)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    checks = {line["name"]: line for line in lines if line["type"] == "check"}
    (diagnosis,) = [line for line in lines if line["type"] == "diagnosis"]
    assert len(checks) == 17
    sound = {"ok": True, "warning": True, "failed": False, "skipped": None}
    assert all(each["ok"] is sound[each["outcome"]] for each in checks.values())
    return done.returncode, checks, diagnosis


def test_a_healthy_set_up_is_sound(world: World) -> None:
    """Exit 0; only what does not apply is left out: there is no tunnel."""
    with receiving(world):
        world.register()
        code, checks, diagnosis = diagnosed(world)
    assert code == 0, checks
    assert diagnosis["healthy"]
    assert diagnosis["skipped"] == ["tunnel"]
    assert diagnosis["warnings"] == []
    assert [name for name, each in checks.items() if each["outcome"] == "ok"] == diagnosis["ok"]
    assert "canary" in checks["path"]["detail"]


def test_in_text_each_check_is_a_line_in_its_order(world: World) -> None:
    """And the secret stands nowhere."""
    with receiving(world):
        world.register()
        done = world.okhook("doctor", "-v")
    assert done.returncode == 0, done.stdout
    names = [line.split()[1] for line in done.stdout.splitlines()[:-1] if line[0] != " "]
    assert names == [
        *("program", "settings", "store", "port", "hookdeck", "login", "tunnel", "path", "org"),
        *("clock", "credential", "hook", "url", "secret", "failures", "limits", "orphans"),
    ]
    assert SECRET not in done.stdout + done.stderr
    assert world.org.token not in done.stdout + done.stderr


def test_beside_up_that_made_its_own_secret_the_path_is_proved_field_21(tmp_path: Path) -> None:
    """The receiver itself posts the canary, with its secret."""
    with running_okhook("up", "--sandbox", "--port", "0", "--output", "json", home=tmp_path) as up:
        up.wait_for_json("delivery")
        done = run_okhook("doctor", "--org", "sandbox", "--output", "json", home=tmp_path)
        assert up.popen.poll() is None
    assert "refused" not in [line["type"] for line in up.json_lines()]
    checks = {each["name"]: each for each in map(json.loads, done.stdout.splitlines()[:17])}
    assert done.returncode == 0, done.stdout
    assert checks["path"]["detail"].startswith("a canary arrived in ")
    assert checks["hook"]["outcome"] == checks["url"]["outcome"] == "ok"
    assert "last delivery" in checks["secret"]["detail"]


def test_of_two_receivers_the_port_chooses_one(tmp_path: Path) -> None:
    """Without it the check of the path says which one it took."""
    with receiver(home=tmp_path, name="a") as one, receiver(home=tmp_path, name="b") as two:
        ports = [str(urlsplit(each.url).port) for each in (one, two)]

        def path(*flags: str) -> str:
            done = run_okhook("doctor", "--output", "json", *flags, home=tmp_path)
            checks = [json.loads(line) for line in done.stdout.splitlines()]
            return next(str(each["detail"]) for each in checks if each.get("name") == "path")

        assert ", one of 2; to check another, pass --port" in path()
        for chosen in ports:
            assert "one of 2" not in path("--port", chosen)
    assert {record.receiver for record in kept_in(tmp_path)} == {"a", "b"}


def test_through_a_tunnel_the_receiver_sends_the_canary_field_21(tmp_path: Path) -> None:
    """With its own secret, which doctor does not know; so the whole path is proved."""

    def relay(asked: Asked) -> bytes:
        own = ("host", "connection", "content-length")
        headers = [each for each in asked.headers if each[0].lower() not in own]
        passed_on = httpx.post(url, content=asked.body, headers=headers, trust_env=False)
        return answer(passed_on.status_code)

    with receiver(home=tmp_path, secret="made-by-up") as running, answering_server(relay) as tunnel:
        url = running.url
        port, path = int(url.split(":")[2].split("/")[0]), f"/{url.split('/', 3)[3]}"
        with RunDirectory(tmp_path / "state" / "run").own(TunnelRun.name(port)) as run_file:
            run_file.write(TunnelRun(port=port, path=path, webhook_url=tunnel.url))
            done = run_okhook("doctor", "--output", "json", home=tmp_path)
    checks = {each.get("name"): each for each in map(json.loads, done.stdout.splitlines())}
    assert checks["path"]["detail"].startswith("a canary arrived in "), checks["path"]
    assert checks["path"]["facts"] == [f"{tunnel.url}, the tunnel's webhook URL"]
    assert "made-by-up" not in done.stdout + done.stderr


def test_without_anything_only_the_machine_is_looked_at(tmp_path: Path) -> None:
    """No org: its checks are left out, and on screen they are one line."""
    fake = fake_hookdeck(tmp_path, WAIT)
    done = run_okhook(
        *("doctor", "--port", str(free_port()), "--hookdeck", str(fake)), home=tmp_path
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("no org is set") == 1
    assert "clock, credential, hook, url, secret, failures, limits, orphans" in done.stdout


def test_a_wrong_token_is_the_credentials_fault(world: World) -> None:
    """The org is there; what needs the credential is left out and does not fail as well."""
    elsewhere = World(world.home / "elsewhere", world.org, free_port())
    fake = str(world.home / "hookdeck")
    code, checks, diagnosis = diagnosed(
        elsewhere, "--hookdeck", fake, OKHOOK_ORG=world.org.url, OKHOOK_TOKEN="00wrong"
    )
    assert (code, diagnosis["failed"]) == (1, ["credential"])
    assert {"hook", "secret", "orphans"} <= set(diagnosis["skipped"])
    assert "OKHOOK_TOKEN" in checks["credential"]["detail"]
    assert "00wrong" not in str(checks)


def test_a_receiver_that_is_down_is_seen_on_the_path(world: World) -> None:
    """With the command that starts it."""
    with receiving(world):
        world.register()
    code, checks, diagnosis = diagnosed(world)
    assert code == 1
    assert diagnosis["failed"] == ["path", "url"]
    assert checks["path"]["remedy"] == f"okhook serve --port {world.port}"


def test_an_unverified_hook_fails(world: World) -> None:
    """ACTIVE but UNVERIFIED, with the command that mends it, as it stands."""
    with receiving(world):
        hook_id = world.register("--no-verify")
        code, checks, diagnosis = diagnosed(world)
        assert (code, diagnosis["failed"]) == (1, ["hook"])
        assert checks["hook"]["remedy"] == f"okhook hooks verify {hook_id}"
        pasted(world, checks["hook"]["remedy"])
        assert diagnosed(world)[0] == 0


def test_a_hook_that_is_missing_is_made_by_the_remedy(world: World) -> None:
    """It has the URL: nothing else leads from an org on this machine to the receiver."""
    with receiving(world):
        code, checks, diagnosis = diagnosed(world)
        assert (code, diagnosis["failed"]) == (1, ["hook"])
        assert checks["hook"]["remedy"] == f"okhook register --url {world.url}"
        pasted(world, checks["hook"]["remedy"])
        assert diagnosed(world)[0] == 0


def test_a_hook_that_leads_elsewhere_is_mended_by_the_remedies(world: World) -> None:
    """Okta cannot verify it before that, which the hook's own remedy says."""
    with receiving(world):
        hook_id = world.register()
        elsewhere = f"http://127.0.0.1:{free_port()}/gone"
        world.okhook("hooks", "edit", hook_id, "--url", elsewhere, "--no-verify")
        code, checks, diagnosis = diagnosed(world)
        assert (code, diagnosis["failed"]) == (1, ["path", "hook", "url"])
        assert "url" in checks["hook"]["remedy"].splitlines()[0]
        pasted(world, checks["url"]["remedy"])
        assert diagnosed(world)[0] == 0


def test_a_secret_file_goes_into_the_remedy(world: World) -> None:
    """The receiver asks for a secret that the hook does not have; the command has all it needs."""
    secret = world.home / "hook secret"
    secret.write_text(f"{SECRET}\n")
    with receiving(world):
        world.register("--no-verify", OKHOOK_AUTH_SECRET="")
        given = ("--auth-secret-file", str(secret))
        code, checks, _ = diagnosed(world, *given, OKHOOK_AUTH_SECRET="")
        assert code == 1
        assert checks["secret"]["outcome"] == "failed"
        pasted(world, checks["secret"]["remedy"], OKHOOK_AUTH_SECRET="")
        assert diagnosed(world)[0] == 0


def test_a_wrong_secret_in_this_shell_does_not_condemn_a_sound_hook(world: World) -> None:
    """Only the path fails: no remedy writes the wrong secret into the hook."""
    with receiving(world):
        world.register()
        code, checks, diagnosis = diagnosed(world, OKHOOK_AUTH_SECRET="a-typing-error")
    assert (code, diagnosis["failed"]) == (1, ["path"])
    assert checks["secret"]["remedy"] is None


def test_a_hook_with_another_secret_than_the_receivers_fails(world: World) -> None:
    """The receiver and this shell agree; the hook was registered with another one."""
    with receiving(world):
        world.register("--no-verify", OKHOOK_AUTH_SECRET="quite-another-secret")
        code, checks, diagnosis = diagnosed(world)
    assert code == 1
    assert "secret" in diagnosis["failed"]
    assert "a different secret" in checks["secret"]["detail"]
    assert checks["path"]["outcome"] == "ok"


def test_a_receiver_with_another_secret_fails_on_the_path(world: World) -> None:
    """The hook and this shell agree; the receiver was started with another one."""
    with receiving(world, "quite-another-secret"):
        world.register("--no-verify")
        code, checks, diagnosis = diagnosed(world)
    assert code == 1
    assert "path" in diagnosis["failed"]
    assert "does not accept the secret from OKHOOK_AUTH_SECRET" in checks["path"]["detail"]
    assert checks["secret"]["outcome"] == "failed"
    assert checks["secret"]["remedy"].endswith(f"okhook serve --port {world.port}")


def test_a_damaged_store_fails(world: World) -> None:
    """Nothing else is kept from being looked at."""
    store = world.home / "state" / "store.db"
    keep(world.home, b"x" * 4000)
    store.write_bytes(b"\xee" * store.stat().st_size)
    code, checks, diagnosis = diagnosed(world)
    assert code == 1
    assert "store" in diagnosis["failed"]
    assert str(store) in checks["store"]["detail"]
    assert checks["org"]["outcome"] == "ok"


def test_a_port_that_another_program_has_fails(world: World) -> None:
    """The program is named."""
    with socket.create_server(("127.0.0.1", world.port)):
        code, checks, diagnosis = diagnosed(world)
    assert code == 1
    assert "port" in diagnosis["failed"]
    assert f"process {os.getpid()}" in checks["port"]["detail"]


def test_a_hookdeck_that_is_missing_fails(tmp_path: Path) -> None:
    """With how to install it; there is no org on this machine that would do without."""
    done = run_okhook(
        *("doctor", "--port", str(free_port())), home=tmp_path, env={"PATH": str(tmp_path)}
    )
    assert done.returncode == 1
    assert "✗ hookdeck" in done.stdout
    assert "npm install -g hookdeck-cli" in done.stdout
    assert "1 check failed: hookdeck" in done.stderr


def test_without_a_credential_for_the_org_the_others_that_are_there_are_told(
    world: World,
) -> None:
    """A token for another org is not used, and that is why there is none."""
    elsewhere = World(world.home / "elsewhere", world.org, free_port())
    elsewhere.home.mkdir()
    (elsewhere.home / "okhook.toml").write_text('org = "dev-1.okta.com"\ntoken = "00other"\n')
    code, checks, diagnosis = diagnosed(
        elsewhere,
        *("--org", world.org.url, "--hookdeck", str(world.home / "hookdeck")),
        OKHOOK_ORG="",
        OKHOOK_AUTH_SECRET="",
    )
    assert (code, diagnosis["failed"]) == (1, ["credential"])
    assert "is for dev-1.okta.com" in str(checks["credential"]["facts"])
    assert "00other" not in str(checks)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "nonsense://127.0.0.1:1"),
        ("https_proxy", "http://user:hunter2/hunter2@127.0.0.1:1"),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
        ("OKHOOK_CHECK_TIMEOUT", "soon"),
    ],
)
def test_an_environment_that_cannot_be_meant_is_a_finding(
    tmp_path: Path, name: str, value: str
) -> None:
    """The doctor is what somebody runs when nothing else starts: it says why."""
    environ = {"OKHOOK_ORG": "dev-1.okta.com", name: value}
    done = run_okhook("doctor", "--fix", home=tmp_path, env=environ)
    assert done.returncode == 1
    assert ("✗ settings" in done.stdout) == name.startswith("OKHOOK")
    assert ("✗ org" in done.stdout) != name.startswith("OKHOOK")
    assert name in done.stdout
    assert "also skipped" in done.stdout
    assert "could not read the org's hooks" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_state_directory_that_is_kept_from_us_is_no_bug(tmp_path: Path) -> None:
    """Everything that would read it is left out."""
    state = tmp_path / "state"
    state.mkdir(mode=0o000)
    if os.access(state, os.R_OK):
        pytest.skip("this user may do everything")
    try:
        done = run_okhook("doctor", "--org", "sandbox", home=tmp_path)
    finally:
        state.chmod(0o700)
    assert done.returncode == 1
    assert f"cannot read the state directory {state}" in done.stdout
    assert "bug" not in done.stdout


def test_an_org_that_says_nothing_is_the_orgs_fault_alone(tmp_path: Path) -> None:
    """Within its own time, with what to check; the machine's own checks are not kept waiting."""
    fake = fake_hookdeck(tmp_path, WAIT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = run_okhook(
            *("doctor", "--org", f"http://127.0.0.1:{silent.getsockname()[1]}"),
            *("--check-timeout", "5", "--port", str(free_port()), "--hookdeck", str(fake)),
            home=tmp_path,
            env={"OKHOOK_TOKEN": "t"},
        )
    assert "1 check failed: org" in done.stderr
    assert "without a proxy: timeout" in done.stdout
    assert "--check-timeout" not in done.stdout.partition("✗ org")[2]


def test_settings_that_cannot_be_read_fail_and_nothing_is_guessed(tmp_path: Path) -> None:
    """An org from another place is not taken in the place of the one in the file."""
    (tmp_path / "okhook.toml").write_text('orgg = "dev-1.okta.com"\n')
    with answering_server(lambda _: answer(200)) as server:
        done = run_okhook(
            *("doctor", "--output", "json"),
            home=tmp_path,
            env={"OKTA_CLIENT_ORGURL": f"http://127.0.0.1:{server.port}"},
        )
        assert server.asked == []
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert lines[1]["outcome"] == "failed"
    assert "orgg" in lines[1]["detail"]
    assert lines[17]["failed"] == ["settings"]
    assert len(lines[17]["skipped"]) == 15


def test_a_setting_of_the_wrong_type_is_a_finding(tmp_path: Path) -> None:
    """A port that is none does not end the doctor before it could say so."""
    url = run_okhook("doctor", home=tmp_path, env={"OKHOOK_URL": "https://[::1"})
    assert "✗ settings    OKHOOK_URL is not a URL that Okta can call" in url.stdout
    done = run_okhook("doctor", home=tmp_path, env={"OKHOOK_PORT": "many"})
    assert done.returncode == 1
    assert "✗ settings    invalid OKHOOK_PORT value" in done.stdout


def test_a_check_that_takes_too_long_fails_within_its_time(tmp_path: Path) -> None:
    """A Hookdeck that says nothing is given up, and takes nothing else along."""
    program = tmp_path / "hookdeck"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    done = run_okhook(
        *("doctor", "--hookdeck", str(program), "--check-timeout", "0.5"),
        *("--port", str(free_port())),
        home=tmp_path,
    )
    assert done.returncode == 1
    assert "not done within 0.5 s" in done.stdout
    assert "✓ port" in done.stdout


def test_a_tunnel_that_runs_is_told_and_its_canary_is_awaited(world: World) -> None:
    """A tunnel whose webhook URL answers nothing of ours fails on the path; its URL is kept."""
    with answering_server(lambda _: answer(200)) as cloud:
        announced = ANNOUNCEMENT.replace("https://hkdk.events/src_fake", cloud.url)
        fake_hookdeck(world.home, announced + WAIT)
        with (
            receiving(world),
            running_okhook("tunnel", "--output", "json", home=world.home, env=world.env) as tunnel,
        ):
            tunnel.wait_for_json("ready")
            code, checks, diagnosis = diagnosed(world, "--check-timeout", "2")
    assert code == 1
    assert checks["tunnel"]["outcome"] == "ok"
    assert cloud.url in checks["tunnel"]["detail"]
    assert "path" in diagnosis["failed"]
    assert "did not arrive at this receiver" in checks["path"]["detail"]
    (asked,) = cloud.asked
    assert asked.header("authorization") == SECRET
    history = past_urls(RunDirectory(world.home / "state" / "run"))
    assert [each.url for each in history] == [cloud.url]


@dataclass
class Orphans:
    """Three active hooks: ours at a dead tunnel, another's at it, ours at a URL never ours."""

    ours: str
    by_hand: str
    elsewhere: str


def orphaned(world: World) -> Orphans:
    note_url(RunDirectory(world.home / "state" / "run"), DEAD_URL, NOON)
    registered = ("register", "--no-verify", "--output", "json")
    ids = []
    for name, url in (("gone", DEAD_URL), ("deployed", "https://hooks.example.com/okta")):
        done = world.okhook(*registered, "--name", name, "--url", url)
        ids.append(json.loads(done.stdout.splitlines()[-1])["hook"]["id"])
    by_hand = world.org.create_hook(DEAD_URL, name="a colleague's")
    return Orphans(ids[0], by_hand["id"], ids[1])


def test_orphans_are_shown_and_deactivated_on_request_alone(world: World) -> None:
    """Only what was registered from here, and only at a URL that a tunnel of this machine had."""
    hooks = orphaned(world)
    _, checks, diagnosis = diagnosed(world, "--hook", hooks.elsewhere)
    told = "\n".join(checks["orphans"]["facts"])
    assert "orphans" in diagnosis["warnings"]
    assert hooks.ours in told
    assert hooks.by_hand in told
    assert hooks.elsewhere not in told
    assert world.status_of(hooks.ours) == "ACTIVE"
    done = world.okhook("doctor", "--fix", "--yes", "--output", "json")
    changed = [json.loads(line) for line in done.stdout.splitlines() if "hook_changed" in line]
    assert [(each["action"], each["hook"]["id"]) for each in changed] == [
        ("deactivated", hooks.ours)
    ]
    assert world.status_of(hooks.ours) == "INACTIVE"
    assert world.status_of(hooks.by_hand) == world.status_of(hooks.elsewhere) == "ACTIVE"


def test_without_anybody_to_ask_nothing_is_deactivated(world: World) -> None:
    """Exit 2, with the flag that goes without a question."""
    hooks = orphaned(world)
    done = world.okhook("doctor", "--fix")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert hooks.ours in done.stderr
    assert world.status_of(hooks.ours) == "ACTIVE"


@pytest.mark.parametrize(("said", "status"), [("y", "INACTIVE"), ("n", "ACTIVE")])
def test_a_person_is_asked_and_decides(world: World, said: str, status: str) -> None:
    """The question names the hook and its URL."""
    hooks = orphaned(world)
    wide = {**world.env, "COLUMNS": "400"}
    _, shown = answered("doctor", "--fix", home=world.home, answer=said, env=wide)
    assert f"gone ({hooks.ours}), which calls {DEAD_URL}" in " ".join(shown.split())
    assert world.status_of(hooks.ours) == status


def test_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    """Exit 130 while an org keeps everyone waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        org = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with running_okhook(
            *("doctor", "--org", org, "--output", "json", "--port", str(free_port())),
            *("--check-timeout", "60"),
            home=tmp_path,
            env={"OKHOOK_TOKEN": "t"},
        ) as doctor:
            doctor.wait_for_json("check", lambda line: bool(line["name"] == "program"))
            doctor.send(signal.SIGINT)
            assert doctor.wait() == 130
