"""``okhook login``, ``logout`` and ``whoami``, against a sandbox of their own."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from okhook.cli.console import Console
from okhook.sandbox.oauth.jwts import ServiceApp
from tests.sandbox.keys import Client, ec_key, other_key, pem, public_jwk
from tests.support.answering import answer, answering_server
from tests.support.file_keyring import LOCKED, kept_in, with_keyring, without_keyring
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, environment, run_okhook_process
from tests.support.sandbox_org import SandboxOrg, sandbox_org

APP = "0oaCliApp"
READER = "0oaReader"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxOrg]:
    """Return an org with two service apps; only one of them has been granted everything."""
    reader = ServiceApp(
        READER, (public_jwk(ec_key()),), granted=("okta.eventHooks.read",), needs_dpop=False
    )
    apps = (ServiceApp(APP, (public_jwk(ec_key(), kid="k1"),)), reader)
    with sandbox_org(calls_per_minute=600, service_apps=apps) as org:
        yield org


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def login(
    sandbox: SandboxOrg, home: Path, *arguments: str, stdin: str | None = None, **env: str
) -> "subprocess.CompletedProcess[str]":
    token = sandbox.token if stdin is None else stdin
    return run_okhook(
        *("login", "--org", sandbox.url, "--with-token", *arguments),
        home=home, stdin=token.encode(), env={**with_keyring(home), **env},
    )  # fmt: skip


def test_a_token_is_stored_even_if_other_settings_are_invalid(
    sandbox: SandboxOrg, tmp_path: Path
) -> None:
    """An incomplete app is a warning, because the token is already in the keyring."""
    done = login(sandbox, tmp_path, OKHOOK_CLIENT_ID=APP, OKHOOK_ORG=sandbox.url)
    assert done.returncode == 0, done.stderr
    assert kept_in(tmp_path) == {f"okhook {sandbox.url}": sandbox.token}
    assert "okhook cannot use the stored token with these settings" in done.stderr


def test_login_whoami_and_logout(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Tried first, then kept under the org's URL; never shown on the way."""
    done = login(sandbox, tmp_path, "--output", "json", stdin=f"SSWS {sandbox.token}\n")
    assert done.returncode == 0, done.stderr
    [logged_in] = lines(done)
    assert isinstance(logged_in.pop("hooks"), int)
    assert logged_in == {
        "type": "logged_in",
        "org": sandbox.url,
        "keyring": "file keyring FileKeyring",
    }
    assert kept_in(tmp_path) == {f"okhook {sandbox.url}": sandbox.token}
    env = with_keyring(tmp_path)
    who = run_okhook("whoami", "--org", sandbox.url, "--output", "json", home=tmp_path, env=env)
    [line] = lines(who)
    assert line["credential"]["origin"] == "the keyring"
    assert sandbox.token not in done.stdout + done.stderr + who.stdout + who.stderr
    out = run_okhook("logout", "--org", sandbox.url, home=tmp_path, env=env)
    assert out.returncode == 0
    assert "revoke it in the Admin Console" in out.stderr
    assert kept_in(tmp_path) == {}
    again = run_okhook("logout", "--org", sandbox.url, home=tmp_path, env=env)
    assert (again.returncode, again.stdout) == (1, "")
    assert run_okhook("whoami", "--org", sandbox.url, home=tmp_path, env=env).returncode == 4


def test_the_stored_token_is_used_for_its_own_org_only(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """For another org it is exit 4, and no call is made."""
    assert login(sandbox, tmp_path).returncode == 0
    done = run_okhook(
        "whoami", "--org", "http://127.0.0.1:9", home=tmp_path, env=with_keyring(tmp_path)
    )
    assert done.returncode == 4
    assert "found no API token for 127.0.0.1:9" in done.stderr
    assert "set OKHOOK_TOKEN" in done.stderr


def test_a_token_that_the_org_refuses_is_not_stored(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Exit 4 with the org's reason; the keyring stays as it was."""
    done = login(sandbox, tmp_path, stdin="00wrong-token-of-nobody")
    assert done.returncode == 4
    assert "did not accept the token from standard input" in done.stderr
    assert f"then: okhook login --org {sandbox.url.removeprefix('http://')}" in done.stderr
    assert "00wrong-token-of-nobody" not in done.stdout + done.stderr
    assert kept_in(tmp_path) == {}


@pytest.mark.parametrize(("stdin", "code"), [("", 2), (" \n", 2), ("{token}", 4), ("a b", 4)])
def test_an_invalid_token_is_not_sent(
    sandbox: SandboxOrg, tmp_path: Path, stdin: str, code: int
) -> None:
    """Nothing, a placeholder, two words."""
    assert login(sandbox, tmp_path, stdin=stdin).returncode == code


def test_login_warns_of_a_credential_that_wins_over_the_token(
    sandbox: SandboxOrg, tmp_path: Path
) -> None:
    """The stored token is not used yet."""
    done = login(sandbox, tmp_path, OKHOOK_TOKEN="another", OKHOOK_ORG=sandbox.url)
    assert done.returncode == 0
    assert "the credential from OKHOOK_TOKEN" in done.stderr


@pytest.mark.parametrize("arguments", [("login", "--with-token"), ("logout",)])
def test_the_error_without_a_keyring_names_alternatives(
    sandbox: SandboxOrg, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """No package, no backend, a locked one: exit 3, before a token is read."""
    locked = tmp_path / "keyring.json"
    locked.write_text(LOCKED)
    cases: tuple[tuple[dict[str, str], str], ...] = (
        (without_keyring(tmp_path), "pip install 'okhook[keyring]'"),
        ({}, "this system has no keyring"),
        (with_keyring(tmp_path), "the keyring is locked"),
    )
    for env, words in cases:
        run = run_okhook_process if "hidden" in env.get("PYTHONPATH", "") else run_okhook
        done = run(
            *arguments, "--org", sandbox.url, home=tmp_path, env=env, stdin=sandbox.token.encode()
        )
        assert done.returncode == 3, done.stderr
        assert words in done.stderr
        assert "OKHOOK_TOKEN" in done.stderr
        assert done.stdout == ""


def test_other_commands_work_without_a_keyring(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """A token in a setting works without the package and with a locked keyring."""
    (tmp_path / "keyring.json").write_text(LOCKED)
    for env, run in (
        (without_keyring(tmp_path), run_okhook_process),
        (with_keyring(tmp_path), run_okhook),
    ):
        whole = {**env, "OKHOOK_TOKEN": sandbox.token, "OKHOOK_ORG": sandbox.url}
        assert run("whoami", home=tmp_path, env=whole).returncode == 0


def test_login_without_a_terminal_is_exit_2(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """The error names ``--with-token``."""
    done = run_okhook("login", "--org", sandbox.url, home=tmp_path, env=with_keyring(tmp_path))
    assert done.returncode == 2
    assert "--with-token" in done.stderr


def test_bytes_that_are_not_utf_8_are_no_token(
    sandbox: SandboxOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piped or pasted: the error is that of any invalid token."""

    def paste(_: str) -> str:
        return b"\xff".decode()

    environ = with_keyring(tmp_path)
    command = ("login", "--org", sandbox.url)
    piped = run_okhook(*command, "--with-token", home=tmp_path, env=environ, stdin=b"00a\xff")
    monkeypatch.setattr(Console, "asks", True)
    monkeypatch.setattr("getpass.getpass", paste)
    pasted = run_okhook(*command, home=tmp_path, env=environ)
    for done in (piped, pasted):
        assert done.returncode == 4, done.stderr
        assert "contains invalid characters" in done.stderr


def test_the_prompt_does_not_echo_the_token(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """On a terminal: what is typed is taken, and is nowhere on the screen."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "okhook", "login", "--org", sandbox.url],
        env=environment(tmp_path, with_keyring(tmp_path)), cwd=tmp_path,
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    screen = read_until(controller, b"API token of")
    os.write(controller, sandbox.token.encode() + b"\n")
    screen += read_until(controller, b"logged in")
    assert process.wait(PATIENCE_S) == 0
    os.close(controller)
    assert sandbox.token.encode() not in screen
    assert list(kept_in(tmp_path).values()) == [sandbox.token]


def read_until(descriptor: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        seen += os.read(descriptor, 4096)
    return seen


def who(sandbox: SandboxOrg, home: Path, **env: str) -> dict[str, Any]:
    done = run_okhook(
        "whoami", "--output", "json", home=home, env={"OKHOOK_ORG": sandbox.url, **env}
    )
    assert done.returncode == 0, done.stderr
    [line] = lines(done)
    return line


def test_whoami_shows_the_origin_of_everything(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Org, kind, place, what may be read and how often still; no secret in the settings."""
    (tmp_path / "okhook.toml").write_text('auth_secret = "hidden-hook-secret"\nport = 99\n')
    line = who(sandbox, tmp_path, OKHOOK_TOKEN=sandbox.token)
    assert (line["org"], line["org_origin"]) == (sandbox.url, "OKHOOK_ORG")
    assert (line["credential"]["kind"], line["credential"]["origin"]) == (
        "api_token",
        "OKHOOK_TOKEN",
    )
    assert [(p["resource"], p["allowed"], p["reason"]) for p in line["permissions"]] == [
        ("event hooks", True, None),
        ("System Log", True, None),
        ("users", True, None),
    ]
    left = line["permissions"][0]["rate_limit"]
    assert left["limit"] == 600
    assert 0 < left["remaining"] < 600
    assert {(s["name"], s["value"], s["origin"]) for s in line["settings"]} == {
        ("output", "json", "--output"),
        ("org", sandbox.url, "OKHOOK_ORG"),
        ("token", None, "OKHOOK_TOKEN"),
        ("auth_secret", None, "auth_secret in ./okhook.toml"),
        ("port", "99", "port in ./okhook.toml"),
        ("no_inspector", "1", "OKHOOK_NO_INSPECTOR"),
    }
    assert "hidden-hook-secret" not in json.dumps(line)
    assert sandbox.token not in json.dumps(line)


def app_settings(home: Path, client_id: str) -> dict[str, str]:
    key = home / "app-key.pem"
    key.write_text(pem(ec_key()))
    key.chmod(0o600)
    return {"OKHOOK_CLIENT_ID": client_id, "OKHOOK_PRIVATE_KEY_FILE": str(key)}


def test_whoami_with_a_service_app(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Its id, its key's place and id, and the scopes that it was granted."""
    line = who(sandbox, tmp_path, **app_settings(tmp_path, APP), OKHOOK_KEY_ID="k1")
    assert line["credential"] == {
        "kind": "service_app",
        "origin": "OKHOOK_CLIENT_ID",
        "client_id": APP,
        "key_origin": "OKHOOK_PRIVATE_KEY_FILE",
        "key_id": "k1",
        "scopes": [
            "okta.eventHooks.read",
            "okta.eventHooks.manage",
            "okta.logs.read",
            "okta.users.read",
            "okta.users.manage",
            "okta.groups.read",
            "okta.groups.manage",
        ],
    }
    assert all(permission["allowed"] for permission in line["permissions"])


def test_whoami_with_fewer_scopes_than_it_asks_for_field_15(
    sandbox: SandboxOrg, tmp_path: Path
) -> None:
    """What the setting leaves out cannot be read; that is an answer, and no error."""
    scopes = "okta.eventHooks.read,okta.logs.read"
    line = who(sandbox, tmp_path, **app_settings(tmp_path, APP), OKHOOK_SCOPES=scopes)
    allowed = [permission["allowed"] for permission in line["permissions"]]
    assert allowed == [True, True, False]


def test_whoami_shows_what_an_app_may_not_do(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Granted one scope, and with a bearer token: the others are refused with a reason."""
    line = who(sandbox, tmp_path, **app_settings(tmp_path, READER))
    assert line["credential"]["scopes"] == ["okta.eventHooks.read"]
    allowed = {p["resource"]: (p["allowed"], p["reason"]) for p in line["permissions"]}
    assert allowed["event hooks"] == (True, None)
    assert allowed["users"][0] is False
    assert "okta.users.read" in allowed["users"][1]


def test_whoami_as_text(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """As text on stdout, without colours in a pipe; a key that others can read is warned of."""
    settings = app_settings(tmp_path, READER)
    (tmp_path / "app-key.pem").chmod(0o644)
    env = {**settings, "OKHOOK_ORG": sandbox.url}
    done = run_okhook("whoami", home=tmp_path, env=env)
    assert done.returncode == 0
    assert f"OAuth service app {READER}  OKHOOK_CLIENT_ID" in done.stdout
    assert "✓ event hooks" in done.stdout
    assert "✗ users" in done.stdout
    assert "chmod 600" in done.stderr
    assert "\x1b" not in done.stdout


def test_register_with_a_service_app(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Okta's own variables: the whole way from a key to a hook, with DPoP."""
    env = {
        "OKTA_CLIENT_ORGURL": sandbox.url,
        "OKTA_CLIENT_AUTHORIZATIONMODE": "PrivateKey",
        "OKTA_CLIENT_CLIENTID": APP,
        "OKTA_CLIENT_PRIVATEKEY": pem(ec_key()),
        "OKTA_CLIENT_SCOPES": "okta.eventHooks.manage",
    }
    arguments = ("register", "--url", "https://hooks.example.com", "--no-verify")
    done = run_okhook(*arguments, "--output", "json", home=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert [line["type"] for line in lines(done)] == ["registered"]
    limited = {**env, "OKTA_CLIENT_SCOPES": "okta.logs.read"}
    refused = run_okhook(*arguments, home=tmp_path, env=limited)
    assert refused.returncode == 3
    assert "OKTA_CLIENT_SCOPES does not contain the scope okta.eventHooks" in refused.stderr


def test_an_unknown_app_is_exit_4(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """The error has the org's reason and a next step, and nothing of the key."""
    settings = app_settings(tmp_path, APP)
    key = pem(other_key())
    (tmp_path / "app-key.pem").write_text(key)
    done = run_okhook("whoami", home=tmp_path, env={**settings, "OKHOOK_ORG": sandbox.url})
    assert done.returncode == 4
    assert f"did not accept the app {APP} from OKHOOK_CLIENT_ID" in done.stderr
    assert "invalid_client" in done.stderr
    assert not [line for line in key.splitlines()[1:-1] if line in done.stdout + done.stderr]


def test_no_key_or_token_is_written_anywhere(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """Neither in output with tracebacks nor in a file, whether a command succeeds or fails."""
    settings = {**app_settings(tmp_path, APP), "OKHOOK_ORG": sandbox.url}
    key = (tmp_path / "app-key.pem").read_text()
    register = ("register", "--url", "https://hooks.example.com", "--name", "left")
    arguments: tuple[tuple[str, ...], ...] = (
        (*register, "--no-verify"),
        (*register, "--event", "no.such.type", "--no-verify"),
        ("hooks", "delete", "left", "--yes"),
    )
    said = ""
    for words in arguments:
        for client_id in (APP, "0oaNobody"):
            env = {**settings, "OKHOOK_CLIENT_ID": client_id}
            done = run_okhook("--debug", *words, home=tmp_path, env=env)
            said += done.stdout + done.stderr
    assert "Traceback" in said
    (tmp_path / "app-key.pem").unlink()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    whole = said + "".join(path.read_bytes().decode("latin-1") for path in files)
    assert not [line for line in key.splitlines()[1:-1] if line in whole]
    assert "eyJ" not in whole, "so begins a JWT: an assertion, a proof"
    assert not re.search(r"[A-Za-z0-9_-]{64}", whole), "so long is an access token of the sandbox"


@pytest.mark.usefixtures("quick_retries")
def test_the_proxy_from_the_environment_is_used(tmp_path: Path) -> None:
    """If it refuses, the error names the proxy: exit 6."""
    with answering_server(lambda _: answer(407)) as proxy:
        done = run_okhook(
            *("whoami", "--org", "dev-123.okta.com"),
            home=tmp_path,
            env={
                "OKHOOK_TOKEN": "00any",
                "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
                "NO_PROXY": "",
                "no_proxy": "",
            },
        )
        asked = {request.method for request in proxy.asked}
    assert (done.returncode, asked) == (6, {"CONNECT"})
    assert "the proxy refused" in done.stderr


def test_a_bearer_token_of_the_sdks_is_sent_as_one(sandbox: SandboxOrg, tmp_path: Path) -> None:
    """As okta.yaml of the Python SDK names it; one that has expired is explained."""
    app = Client(sandbox.url, READER, key=ec_key())
    answer = httpx.post(app.endpoint, data=app.form(), trust_env=False)
    yaml = tmp_path / ".okta" / "okta.yaml"
    yaml.parent.mkdir()

    def whoami(token: str) -> "subprocess.CompletedProcess[str]":
        client = {"authorizationMode": "Bearer", "token": token, "orgUrl": sandbox.url}
        yaml.write_text(json.dumps({"okta": {"client": client}}))
        return run_okhook("whoami", "--output", "json", home=tmp_path)

    [found] = lines(whoami(answer.json()["access_token"]))
    assert found["credential"]["kind"] == "access_token"
    assert found["credential"]["origin"] == "token in ~/.okta/okta.yaml"
    allowed = {each["resource"]: each["allowed"] for each in found["permissions"]}
    assert allowed == {"event hooks": True, "System Log": False, "users": False}
    listed = run_okhook("hooks", "list", home=tmp_path)
    assert listed.returncode == 0, listed.stderr
    whoami("not.a-token")
    expired = run_okhook("hooks", "list", home=tmp_path)
    assert expired.returncode == 4
    assert "did not accept the access token from token in ~/.okta/okta.yaml" in expired.stderr
    assert "it may have expired: request a new access token" in expired.stderr


def test_whoami_has_no_heading_of_settings_that_are_not_there(tmp_path: Path) -> None:
    """As with a running sandbox that nothing names."""
    with sandbox_org(home=tmp_path):
        done = run_okhook("whoami", home=tmp_path, env={"OKHOOK_NO_INSPECTOR": ""})
    assert done.returncode == 0, done.stderr
    assert "\nsettings" not in done.stdout
