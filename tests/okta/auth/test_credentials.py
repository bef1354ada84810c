"""Which credential goes to which org: never one that is for another."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.config.layers import load_settings
from okhook.config.setting import Layer, Setting
from okhook.errors import ConfigurationError, CredentialsError, InvalidInput
from okhook.okta.auth.access import OrgAccess, choose_credential, choose_org, org_access
from okhook.okta.auth.credential import (
    AccessTokenCredential,
    Credential,
    ServiceAppCredential,
    SswsCredential,
)
from okhook.okta.auth.keyring import KeyringTrouble
from okhook.okta.auth.okta_tools import okta_tools
from okhook.okta.auth.sources import Source, credential_sources
from okhook.runtime.run_files import RunDirectory, SandboxRun
from okhook.secret import Secret
from okhook.wire.org import Org, parse_org
from tests.sandbox.keys import ec_key, pem, private_jwk
from tests.support.flags import flag_layer

ONE = "https://one.okta.com"
TWO = "https://two.okta.com"


def sandbox(port: int) -> SandboxRun:
    return SandboxRun(f"http://127.0.0.1:{port}", "sandbox-token")


def set_by_hand(token: str) -> list[Source]:
    return credential_sources([Layer({"token": token}, {"token": "OKHOOK_TOKEN"})], [], [])


def strongest(org: Org, sources: list[Source], sandboxes: list[SandboxRun]) -> Credential:
    return choose_credential(org, sources, sandboxes)[1]


def access(home: Path, environ: dict[str, str], flags: dict[str, Any] | None = None) -> OrgAccess:
    environ = {"OKHOOK_CONFIG": str(home / "user.toml"), **environ}
    settings = load_settings(flag_layer(flags or {}), environ, home)
    runs = RunDirectory(home / "run")
    org = choose_org(settings.org, okta_tools(environ, home), runs.running(SandboxRun))
    return org_access(org, settings, environ, home, runs, agree=lambda *_: None)


def token_of(found: OrgAccess) -> tuple[str, str]:
    assert isinstance(found.credential, SswsCredential)
    return found.credential.token.reveal(), found.credential.origin


@pytest.mark.parametrize("token", ["an.access-token", "Bearer an.access-token "])
def test_a_bearer_token_of_the_sdks(tmp_path: Path, token: str) -> None:
    """It belongs to the org beside it, and says how to go on when it has expired."""
    environ = {
        "OKTA_CLIENT_AUTHORIZATIONMODE": "Bearer",
        "OKTA_CLIENT_TOKEN": token,
        "OKTA_CLIENT_ORGURL": ONE,
    }
    found = access(tmp_path, environ).credential
    assert isinstance(found, AccessTokenCredential)
    assert (found.token.reveal(), found.origin) == ("an.access-token", "OKTA_CLIENT_TOKEN")
    assert "expired" in found.if_not_accepted
    with pytest.raises(CredentialsError):
        access(tmp_path, environ, {"org": TWO})
    with pytest.raises(CredentialsError, match="contains invalid characters"):
        access(tmp_path, {**environ, "OKTA_CLIENT_TOKEN": "a b"})


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({"OKHOOK_TOKEN": "t1"}, "OKHOOK_TOKEN"),
        ({"OKHOOK_TOKEN": "t1", "OKHOOK_ORG": "one.okta.com"}, "OKHOOK_TOKEN"),
        ({"OKTA_CLIENT_TOKEN": "t1", "OKTA_CLIENT_ORGURL": ONE + "/"}, "OKTA_CLIENT_TOKEN"),
        ({"OKTA_CLIENT_TOKEN": "t1"}, "OKTA_CLIENT_TOKEN"),
        ({"OKTA_API_TOKEN": "t1", "OKTA_ORG_NAME": "one"}, "OKTA_API_TOKEN"),
        (
            {"OKTA_API_TOKEN": "t1", "OKTA_ORG_NAME": "one", "OKTA_BASE_URL": "okta.com"},
            "OKTA_API_TOKEN",
        ),
    ],
)
def test_every_place_for_a_token(tmp_path: Path, environ: dict[str, str], origin: str) -> None:
    """Our own variables and those of Okta's tools; the origin is the variable's name."""
    assert token_of(access(tmp_path, environ, {"org": "one.okta.com"})) == ("t1", origin)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OKHOOK_TOKEN": "t2", "OKHOOK_ORG": "two.okta.com"},
        {"OKTA_CLIENT_TOKEN": "t2", "OKTA_CLIENT_ORGURL": TWO},
        {"OKTA_API_TOKEN": "t2", "OKTA_ORG_NAME": "two"},
        {"OKTA_API_TOKEN": "t2", "OKTA_ORG_NAME": "one", "OKTA_BASE_URL": "oktapreview.com"},
        {"OKTA_CLIENT_TOKEN": "t2", "OKTA_CLIENT_ORGURL": "nonsense://{x}"},
    ],
)
def test_another_orgs_token_is_never_used(tmp_path: Path, environ: dict[str, str]) -> None:
    """Exit 4, and the error lists the tokens that are for other orgs."""
    with pytest.raises(CredentialsError) as caught:
        access(tmp_path, environ, {"org": "one.okta.com"})
    assert "OKHOOK_TOKEN" in str(caught.value.next_step)
    for name in environ:
        if name.endswith("TOKEN"):
            assert name in str(caught.value.why)
    assert "t2" not in f"{caught.value.why}{caught.value.what}"


def test_a_token_in_a_file_is_for_the_org_in_that_file(tmp_path: Path) -> None:
    """okhook.toml and okta.yaml: each token for its own org, whichever is asked for."""
    (tmp_path / "okhook.toml").write_text('org = "one.okta.com"\ntoken = "t1"\n')
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(
        f"okta:\n  client:\n    orgUrl: {TWO}\n    token: t2\n"
    )
    assert token_of(access(tmp_path, {}))[0] == "t1"
    assert token_of(access(tmp_path, {}, {"org": "two.okta.com"})) == (
        "t2",
        "token in ~/.okta/okta.yaml",
    )
    with pytest.raises(CredentialsError):
        access(tmp_path, {}, {"org": "three.okta.com"})


def test_oktas_tools_name_the_org_if_no_setting_does(tmp_path: Path) -> None:
    """Without a setting of ours, the SDK's org is the org, and its place is told."""
    found = access(tmp_path, {"OKTA_CLIENT_ORGURL": ONE, "OKTA_CLIENT_TOKEN": "t1"})
    assert (found.org, found.origin) == (Org(ONE), "OKTA_CLIENT_ORGURL")
    with pytest.raises(ConfigurationError) as caught:
        access(tmp_path, {})
    assert "--org" in str(caught.value.next_step)


def test_the_sandbox_is_found_by_its_run_file(tmp_path: Path) -> None:
    """`--org sandbox` takes the running one's address and token, whatever else is set."""
    runs = RunDirectory(tmp_path / "run")
    with runs.own("sandbox-8137") as file:
        file.write(SandboxRun("http://127.0.0.1:8137", "of-the-sandbox"))
        for org in ("sandbox", "http://127.0.0.1:8137", "localhost:8137"):
            found = access(tmp_path, {"OKHOOK_TOKEN": "real"}, {"org": org})
            assert token_of(found) == ("of-the-sandbox", "the running sandbox")
            assert found.org.is_loopback
        assert token_of(access(tmp_path, {"OKHOOK_TOKEN": "real"}, {"org": ONE}))[0] == "real"
    with pytest.raises(InvalidInput) as caught:
        access(tmp_path, {}, {"org": "sandbox"})
    assert "okhook up --sandbox" in str(caught.value.next_step)


def test_a_sandboxs_token_is_not_used_for_another_sandbox(tmp_path: Path) -> None:
    """On this machine the port tells sandboxes apart."""
    runs = RunDirectory(tmp_path / "run")
    with runs.own("sandbox-8137") as file:
        file.write(SandboxRun("http://127.0.0.1:8137", "of-the-sandbox"))
        with pytest.raises(CredentialsError) as caught:
            access(tmp_path, {}, {"org": "http://127.0.0.1:8138"})
        assert "the running sandbox is for http://127.0.0.1:8137" in str(caught.value.why)
        beside = {"OKHOOK_TOKEN": "t1", "OKHOOK_ORG": "http://localhost:8138"}
        assert token_of(access(tmp_path, beside)) == ("t1", "OKHOOK_TOKEN")
        beside = {"OKHOOK_TOKEN": "t1", "OKHOOK_ORG": " Sandbox "}
        assert token_of(access(tmp_path, beside))[0] == "of-the-sandbox"


def test_several_sandboxes_are_listed() -> None:
    """The error asks the user to choose one."""
    with pytest.raises(InvalidInput) as caught:
        choose_org(Setting("sandbox", "--org"), [], [sandbox(1), sandbox(2)])
    assert "http://127.0.0.1:2" in str(caught.value.why)


def test_the_error_for_no_org_suggests_the_running_sandbox() -> None:
    """If none is running, the error suggests to start one."""
    for running, words in (([sandbox(1)], "pass --org sandbox"), ([], "okhook up --sandbox")):
        with pytest.raises(ConfigurationError) as caught:
            choose_org(None, [], running)
        assert "OKHOOK_ORG" in str(caught.value.next_step)
        assert words in str(caught.value.next_step)


def test_a_sandbox_file_with_another_host_is_ignored() -> None:
    """A run file is for this machine, so another host in it is forged."""
    forged = SandboxRun("https://evil.example.com", "x")
    odd = SandboxRun("no URL", "x")
    assert credential_sources([], [], [forged, odd]) == []
    assert credential_sources([], [], [SandboxRun("http://127.0.0.1:3", "")]) == []
    with pytest.raises(ConfigurationError):
        choose_org(Setting("sandbox", "OKHOOK_ORG"), [], [forged, odd])


def test_an_invalid_org_has_the_exit_code_of_its_origin() -> None:
    """A flag that is no org is exit 2, a variable is exit 3."""
    with pytest.raises(InvalidInput):
        choose_org(Setting("{yourOktaDomain}", "--org"), [], [])
    with pytest.raises(ConfigurationError):
        choose_org(Setting("{yourOktaDomain}", "OKHOOK_ORG"), [], [])


@pytest.mark.parametrize("token", ["{yourApiToken}", "<token>", "a b", "a\nb", "ä", "SSWS ", " "])
def test_an_invalid_token_is_an_error_before_any_call(token: str) -> None:
    """A placeholder or a bad copy is exit 4; the error names the origin alone."""
    with pytest.raises(CredentialsError) as caught:
        strongest(Org(ONE), set_by_hand(token), [])
    assert "OKHOOK_TOKEN" in caught.value.what


def test_a_token_may_be_pasted_with_its_scheme() -> None:
    """Okta's documentation shows `SSWS 00…`; okhook adds the scheme itself."""
    found = strongest(Org(ONE), set_by_hand("SSWS 00abc\n"), [])
    assert isinstance(found, SswsCredential)
    assert found.token.reveal() == "00abc"


def test_a_token_that_is_not_a_string_is_an_error() -> None:
    """`token = 7` in a file is exit 3, naming the place."""
    layer = Layer({"token": 7}, {"token": "token in ./okhook.toml"})
    with pytest.raises(ConfigurationError) as caught:
        credential_sources([layer], [], [])
    assert "token in ./okhook.toml" in caught.value.what


class Kept:
    """A keyring of one token for one org."""

    def __init__(self, org: str, token: str, trouble: str | None = None) -> None:
        self.org, self.token, self.trouble = org, token, trouble

    def of(self, org: Org) -> Secret | None:
        if self.trouble is not None:
            raise KeyringTrouble("could not read the keyring", why=self.trouble)
        return Secret(self.token) if org.url == self.org else None


def test_the_next_step_for_a_sandboxs_token_names_no_admin_console() -> None:
    """A restarted sandbox has a new token, which a command finds by itself."""
    here = Org("http://127.0.0.1:8137")
    running = [sandbox(8137)]
    found = strongest(here, credential_sources([], [], running), running)
    by_hand = strongest(here, set_by_hand("t"), [])
    of_okta = strongest(Org(ONE), set_by_hand("t"), running)
    assert found.if_not_accepted.endswith("run the command again to use it")
    assert "OKHOOK_TOKEN" in by_hand.if_not_accepted
    assert "Admin Console" not in found.if_not_accepted + by_hand.if_not_accepted
    assert "Admin Console" in of_okta.if_not_accepted


def test_the_keyring_wins_over_oktas_tools_and_our_settings_over_it() -> None:
    """A stored token has its place between them."""
    layer = Layer({"token": "of-the-layer"}, {"token": "OKHOOK_TOKEN"})
    tool = Layer({"token": "of-the-tool"}, {"token": "OKTA_CLIENT_TOKEN"})
    kept: Any = Kept(ONE, "of-the-keyring")

    def chosen(layers: list[Layer], org: str) -> tuple[str, str]:
        found = strongest(Org(org), credential_sources(layers, [tool], [], kept), [])
        assert isinstance(found, SswsCredential)
        return found.token.reveal(), found.origin

    assert chosen([layer], ONE) == ("of-the-layer", "OKHOOK_TOKEN")
    assert chosen([], ONE) == ("of-the-keyring", "the keyring")
    assert chosen([], TWO) == ("of-the-tool", "OKTA_CLIENT_TOKEN")


def test_a_locked_keyring_is_skipped_and_named_in_the_error() -> None:
    """Without another token it is exit 4, and the error has both reasons."""
    kept: Any = Kept(ONE, "x", "it is locked")
    sources = credential_sources([], [], [], kept)
    with pytest.raises(CredentialsError) as caught:
        strongest(Org(ONE), sources, [])
    assert "it is locked" in str(caught.value.why)
    assert "okhook login --org one.okta.com" in str(caught.value.next_step)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "app.pem"
    path.write_text(pem(ec_key()))
    path.chmod(0o600)
    return path


def app_of(found: OrgAccess) -> ServiceAppCredential:
    assert isinstance(found.credential, ServiceAppCredential)
    return found.credential


def test_a_service_app_of_our_own_settings(
    tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Client id, key, key id and scopes; each part may stand in a place of its own."""
    (tmp_path / "okhook.toml").write_text(
        'org = "one.okta.com"\nclient_id = "0oaApp"\nkey_id = "k1"\n'
        'scopes = ["okta.eventHooks.read", "okta.logs.read"]\n'
    )
    app = app_of(access(tmp_path, {"OKHOOK_PRIVATE_KEY_FILE": str(key_file)}))
    assert (app.client_id, app.origin) == ("0oaApp", "client_id in ./okhook.toml")
    assert (app.key.key_id, app.key_origin) == ("k1", "OKHOOK_PRIVATE_KEY_FILE")
    assert app.limit is not None
    assert app.limit.value == ("okta.eventHooks.read", "okta.logs.read")
    spelled = {"OKHOOK_SCOPES": "okta.logs.read, okta.users.read"}
    app = app_of(access(tmp_path, {"OKHOOK_PRIVATE_KEY_FILE": str(key_file), **spelled}))
    assert app.limit is not None
    assert app.limit.value == ("okta.logs.read", "okta.users.read")
    in_home = {"OKHOOK_PRIVATE_KEY_FILE": f"~/{key_file.name}"}
    monkeypatch.setenv("HOME", str(tmp_path))
    assert app_of(access(tmp_path, in_home)).key_origin == "OKHOOK_PRIVATE_KEY_FILE"
    with pytest.raises(CredentialsError) as caught:
        access(tmp_path, {"OKHOOK_PRIVATE_KEY_FILE": str(key_file)}, {"org": TWO})
    assert caught.value.why == "client_id in ./okhook.toml is for one.okta.com"


def test_a_key_is_used_only_for_the_org_beside_it(tmp_path: Path, key_file: Path) -> None:
    """If id and key are in different places, both must be for the org."""
    (tmp_path / "okhook.toml").write_text('org = "one.okta.com"\nclient_id = "0oaApp"\n')
    environ = {"OKHOOK_PRIVATE_KEY_FILE": str(key_file), "OKHOOK_ORG": "two.okta.com"}
    for org in (ONE, TWO):
        with pytest.raises(CredentialsError):
            access(tmp_path, environ, {"org": org})


@pytest.mark.parametrize("form", ["PEM", "JWK", "file"])
def test_the_service_app_of_oktas_sdks(tmp_path: Path, key_file: Path, form: str) -> None:
    """By their variables: the key as a text or as a file; their mode decides, and not a token."""
    jwk = json.dumps(private_jwk(ec_key(), kid="k1"))
    key = {"PEM": pem(ec_key()), "JWK": jwk, "file": str(key_file)}[form]
    environ = {
        "OKTA_CLIENT_ORGURL": ONE,
        "OKTA_CLIENT_AUTHORIZATIONMODE": "PrivateKey",
        "OKTA_CLIENT_CLIENTID": "0oaApp",
        "OKTA_CLIENT_PRIVATEKEY": key,
        "OKTA_CLIENT_SCOPES": "okta.eventHooks.manage,okta.logs.read",
        "OKTA_CLIENT_TOKEN": "not-used",
    }
    app = app_of(access(tmp_path, environ))
    assert (app.client_id, app.origin) == ("0oaApp", "OKTA_CLIENT_CLIENTID")
    assert app.key.key_id == ("k1" if form == "JWK" else None)
    assert app.limit is not None
    assert app.limit.value == ("okta.eventHooks.manage", "okta.logs.read")
    assert token_of(access(tmp_path, {**environ, "OKTA_CLIENT_AUTHORIZATIONMODE": "SSWS"})) == (
        "not-used",
        "OKTA_CLIENT_TOKEN",
    )
    with pytest.raises(CredentialsError):
        access(tmp_path, environ, {"org": TWO})


def test_the_service_app_of_okta_yaml(tmp_path: Path) -> None:
    """Members as the SDKs have them; a JWK may stand there as it is."""
    client = {
        "orgUrl": ONE,
        "authorizationMode": "PrivateKey",
        "clientId": "0oaApp",
        "privateKey": private_jwk(ec_key()),
        "scopes": ["okta.logs.read"],
        "kid": "k7",
    }
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(json.dumps({"okta": {"client": client}}))
    app = app_of(access(tmp_path, {}))
    assert (app.client_id, app.origin) == ("0oaApp", "clientId in ~/.okta/okta.yaml")
    assert app.key.key_id == "k7"
    del client["scopes"]
    (tmp_path / ".okta" / "okta.yaml").write_text(json.dumps({"okta": {"client": client}}))
    assert app_of(access(tmp_path, {})).limit is None


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OKHOOK_CLIENT_ID": "0oaApp"}, "private_key_file is not set"),
        ({"OKHOOK_PRIVATE_KEY_FILE": "KEY"}, "client_id is not set"),
        (
            {"OKHOOK_CLIENT_ID": "0oaApp", "OKHOOK_PRIVATE_KEY_FILE": "KEY", "OKHOOK_TOKEN": "t"},
            "OKHOOK_TOKEN and OKHOOK_CLIENT_ID cannot be used together",
        ),
        ({"OKHOOK_CLIENT_ID": "0oaApp", "OKHOOK_PRIVATE_KEY_FILE": "nowhere"}, "could not read"),
        (
            {"OKTA_CLIENT_AUTHORIZATIONMODE": "PrivateKey", "OKTA_CLIENT_CLIENTID": "0oaApp"},
            "OKTA_CLIENT_PRIVATEKEY is not set",
        ),
    ],
)
def test_an_incomplete_app_is_a_configuration_error(
    tmp_path: Path, key_file: Path, environ: dict[str, str], words: str
) -> None:
    """Exit 3 with the missing setting; no other credential is used instead."""
    environ = {name: value.replace("KEY", str(key_file)) for name, value in environ.items()}
    with pytest.raises(ConfigurationError) as caught:
        access(tmp_path, environ, {"org": ONE})
    assert words in caught.value.what


@pytest.mark.parametrize("client_id", ["{clientId}", "<id>", "a b", "ä"])
def test_an_invalid_client_id_is_not_sent(tmp_path: Path, key_file: Path, client_id: str) -> None:
    """A placeholder or a bad copy is exit 4 with its place."""
    environ = {"OKHOOK_CLIENT_ID": client_id, "OKHOOK_PRIVATE_KEY_FILE": str(key_file)}
    with pytest.raises(CredentialsError) as caught:
        access(tmp_path, environ, {"org": ONE})
    assert "OKHOOK_CLIENT_ID" in caught.value.what


def test_no_error_quotes_text_that_is_not_a_key(tmp_path: Path) -> None:
    """It may be a client secret."""
    environ = {
        "OKTA_CLIENT_ORGURL": ONE,
        "OKTA_CLIENT_AUTHORIZATIONMODE": "PrivateKey",
        "OKTA_CLIENT_CLIENTID": "0oaApp",
        "OKTA_CLIENT_PRIVATEKEY": "s3cret-of-a-client",
    }
    with pytest.raises(ConfigurationError) as caught:
        access(tmp_path, environ)
    assert "OKTA_CLIENT_PRIVATEKEY" in caught.value.what
    assert "s3cret" not in f"{caught.value.what}{caught.value.why}{caught.value.next_step}"


def test_an_app_for_a_sandbox_wins_over_its_token(tmp_path: Path, key_file: Path) -> None:
    """An app for any org does not win over it."""
    app = {"OKHOOK_CLIENT_ID": "0oaApp", "OKHOOK_PRIVATE_KEY_FILE": str(key_file)}
    runs = RunDirectory(tmp_path / "run")
    with runs.own("sandbox-8137") as file:
        file.write(SandboxRun("http://127.0.0.1:8137", "of-the-sandbox"))
        for org in ("sandbox", "http://localhost:8137"):
            assert app_of(access(tmp_path, {**app, "OKHOOK_ORG": org})).client_id == "0oaApp"
        found = access(tmp_path, app, {"org": "sandbox"})
        assert token_of(found) == ("of-the-sandbox", "the running sandbox")


def test_a_skipped_app_is_listed_once(tmp_path: Path, key_file: Path) -> None:
    """An app for a sandbox has one place in the order."""
    for name, values in (
        ("OKHOOK_CLIENT_ID", ("OKHOOK_PRIVATE_KEY_FILE", "OKHOOK_ORG")),
        ("OKTA_CLIENT_CLIENTID", ("OKTA_CLIENT_PRIVATEKEY", "OKTA_CLIENT_ORGURL")),
    ):
        key, org = values
        environ = {name: "0oaApp", key: str(key_file), org: "http://127.0.0.1:8137"}
        with pytest.raises(CredentialsError) as caught:
            access(tmp_path, environ, {"org": ONE})
        assert caught.value.why == f"{name} is for http://127.0.0.1:8137"


@pytest.mark.parametrize("scopes", [" ", ",", []])
def test_an_empty_list_of_scopes_is_a_configuration_error(scopes: str | list[str]) -> None:
    """Exit 3, before any request."""
    layer = Layer(
        {"client_id": "0oaApp", "scopes": scopes},
        {"client_id": "OKHOOK_CLIENT_ID", "scopes": "OKHOOK_SCOPES"},
    )
    with pytest.raises(ConfigurationError) as caught:
        credential_sources([layer], [], [])
    assert caught.value.what == "OKHOOK_SCOPES is empty"


ORGS = [None, "one.okta.com", TWO, "two-admin.okta.com", "sandbox", "nonsense://"]


@given(
    orgs=st.lists(st.sampled_from(ORGS), max_size=5), asked=st.sampled_from([ONE, TWO, "http://127.0.0.1:1"])
)  # fmt: skip
def test_a_token_is_only_used_for_its_own_org(orgs: list[str | None], asked: str) -> None:
    """The chosen token is for that org, or for any."""
    tools = [
        Layer({"token": f"token-{number}", "org": org}, {"token": f"origin-{number}"})
        for number, org in enumerate(orgs)
    ]
    sandboxes = [sandbox(1)]
    sources = credential_sources([], tools, sandboxes)
    try:
        chosen = strongest(Org(asked), sources, sandboxes)
    except CredentialsError:
        assert None not in orgs
        return
    assert isinstance(chosen, SswsCredential)
    [source] = [one for one in sources if one.origin == chosen.origin]
    assert chosen.token.reveal() in (
        source.origin.replace("origin", "token"), "sandbox-token"
    )  # fmt: skip
    for org in source.orgs:
        assert org == "sandbox" or parse_org(org) == Org(asked)
        assert org != "sandbox" or asked == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("scopes", "shown"),
    [
        ('["okta.logs.read", "a"]', '["okta.logs.read", "a"]'),
        ("okta.logs.read;a", "okta.logs.read;a"),
        (["[okta.logs.read]"], "[okta.logs.read]"),
    ],
)
def test_what_is_no_scope_is_refused(scopes: str | list[str], shown: str) -> None:
    """As it is written: otherwise the error would be about a scope that is missing."""
    layer = Layer(
        {"client_id": "0oaApp", "scopes": scopes},
        {"client_id": "OKHOOK_CLIENT_ID", "scopes": "OKHOOK_SCOPES"},
    )
    with pytest.raises(ConfigurationError) as caught:
        credential_sources([layer], [], [])
    assert caught.value.what == (
        f"invalid OKHOOK_SCOPES value '{shown}': expected scopes with commas between them, such as"
        " okta.eventHooks.manage,okta.logs.read"
    )


@pytest.mark.parametrize("scopes", ["a b", "a,b", " a, b ", "a\nb"])
@pytest.mark.parametrize("variable", ["OKHOOK_SCOPES", "OKTA_CLIENT_SCOPES", "OKTA_API_SCOPES"])
def test_scopes_are_divided_by_blanks_or_commas_field_15(
    tmp_path: Path, scopes: str, variable: str
) -> None:
    """In every tool's variable, because each tool documents another of the two."""
    app = {
        "OKHOOK_SCOPES": ("OKHOOK_CLIENT_ID", "OKHOOK_PRIVATE_KEY_FILE"),
        "OKTA_CLIENT_SCOPES": ("OKTA_CLIENT_CLIENTID", "OKTA_CLIENT_PRIVATEKEY"),
        "OKTA_API_SCOPES": ("OKTA_API_CLIENT_ID", "OKTA_API_PRIVATE_KEY"),
    }[variable]
    key = tmp_path / "app.pem"
    key.write_text(pem(ec_key()))
    environ = {app[0]: "0oa1", app[1]: str(key), variable: scopes}
    credential = access(tmp_path, environ, {"org": "one.okta.com"}).credential
    assert isinstance(credential, ServiceAppCredential)
    assert credential.limit is not None
    assert credential.limit.value == ("a", "b")


def test_a_key_in_the_home_directory_is_found_field_15(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No shell has expanded a ``~`` that comes from a file or was in quotes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "app.pem").write_text(pem(ec_key()))
    for client_id, key in (
        ("OKTA_CLIENT_CLIENTID", "OKTA_CLIENT_PRIVATEKEY"),
        ("OKTA_API_CLIENT_ID", "OKTA_API_PRIVATE_KEY"),
        ("OKHOOK_CLIENT_ID", "OKHOOK_PRIVATE_KEY_FILE"),
    ):
        environ = {client_id: "0oa1", key: "~/app.pem"}
        found = access(tmp_path, environ, {"org": "one.okta.com"})
        assert found.credential.origin == client_id


@pytest.mark.parametrize("quoted", ['"{}"', "'{}'"])
@pytest.mark.parametrize(
    "variable",
    [
        "OKTA_CLIENT_ORGURL",
        "OKTA_CLIENT_TOKEN",
        "OKHOOK_TOKEN",
        "OKTA_CLIENT_CLIENTID",
        "OKTA_CLIENT_PRIVATEKEY",
        "OKTA_CLIENT_SCOPES",
    ],
)
def test_quotes_around_a_value_are_named_field_15(
    tmp_path: Path, variable: str, quoted: str
) -> None:
    """As `docker run --env-file` keeps them; the value itself stays unsaid."""
    key = tmp_path / "app.pem"
    key.write_text(pem(ec_key()))
    whole = {
        "OKTA_CLIENT_ORGURL": ONE,
        "OKTA_CLIENT_CLIENTID": "0oa1",
        "OKTA_CLIENT_PRIVATEKEY": str(key),
        "OKTA_CLIENT_SCOPES": "a b",
    }
    if variable.endswith("_TOKEN"):
        whole = {"OKTA_CLIENT_ORGURL": ONE, variable: "topsecret"}
    environ = {**whole, variable: quoted.format(whole[variable])}
    with pytest.raises((ConfigurationError, CredentialsError)) as caught:
        access(tmp_path, environ)
    said = f"{caught.value.what} {caught.value.why} {caught.value.next_step}"
    assert variable in said
    assert "in quotes" in said
    assert "topsecret" not in said


def test_a_variable_that_no_shell_replaced_is_a_placeholder_field_15(tmp_path: Path) -> None:
    """It would be sent to the org as it is."""
    with pytest.raises(CredentialsError, match="OKHOOK_TOKEN is a placeholder"):
        access(tmp_path, {"OKHOOK_TOKEN": "${API_TOKEN}"}, {"org": "one.okta.com"})


def test_a_path_that_names_no_file_is_told_from_a_bad_key_field_15(tmp_path: Path) -> None:
    """The text is not repeated: it may be a key in a form that we do not know."""
    environ = {"OKTA_CLIENT_CLIENTID": "0oa1", "OKTA_CLIENT_PRIVATEKEY": "~/no-such-key.pem"}
    with pytest.raises(ConfigurationError, match="the path of an existing file") as caught:
        access(tmp_path, environ, {"org": "one.okta.com"})
    assert "no-such-key" not in f"{caught.value.what} {caught.value.next_step}"
