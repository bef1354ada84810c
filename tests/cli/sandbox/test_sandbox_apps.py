"""The sandbox's service apps from the settings: each fault is named by its place."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from okhook.cli.sandbox.run import service_apps
from okhook.config.layers import load_settings
from okhook.errors import ConfigurationError, InvalidInput
from okhook.sandbox.oauth.jwts import ALL_SCOPES, ServiceApp
from tests.sandbox.keys import ec_key, pem, private_jwk, public_jwk, public_pem, rsa_key
from tests.support.flags import flag_layer


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with keys in every form, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rsa.jwk").write_text(json.dumps(public_jwk(rsa_key(), kid="r")))
    (tmp_path / "set.jwks").write_text(
        json.dumps({"keys": [public_jwk(rsa_key(), kid="r"), public_jwk(ec_key(), kid="e")]})
    )
    (tmp_path / "ec.pem").write_text(public_pem(ec_key()))
    (tmp_path / "private.jwk").write_text(json.dumps(private_jwk(ec_key())))
    (tmp_path / "private.pem").write_text(pem(rsa_key()))
    (tmp_path / "none.jwk").write_text('{"kty": "oct", "k": "c2VjcmV0"}')
    (tmp_path / "text").write_text("no key")
    (tmp_path / "empty.jwks").write_text('{"keys": []}')
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - to be refused
    (tmp_path / "short.pem").write_text(public_pem(short))
    return tmp_path


def apps(directory: Path, **flags: list[str]) -> tuple[ServiceApp, ...]:
    given = {f"sandbox_{name}": value for name, value in flags.items()}
    environ = {"OKHOOK_CONFIG": str(directory / "none.toml")}
    return service_apps(load_settings(flag_layer(given), environ, directory))


def test_every_form_of_a_public_key(files: Path) -> None:
    """A JWK, a set, a PEM; and of a private key the public half alone."""
    names = ("rsa.jwk", "set.jwks", "ec.pem", "private.jwk", "private.pem")
    found = apps(files, service_app=[f"0oa{n}={name}" for n, name in enumerate(names)])
    assert [len(app.keys) for app in found] == [1, 2, 1, 1, 1]
    assert not [key for app in found for key in app.keys if "d" in key]
    assert [key.get("kid") for key in found[1].keys] == ["r", "e"]


def test_scopes_and_dpop_are_the_apps_own(files: Path) -> None:
    """Everything and a proof by default; else what was granted, and a bearer token."""
    one, two = apps(
        files,
        service_app=["0oa1=ec.pem", "0oa2=rsa.jwk"],
        grant=["0oa2=okta.logs.read", "0oa2=okta.users.read"],
        no_dpop=["0oa2"],
    )
    assert (one.granted, one.needs_dpop) == (ALL_SCOPES, True)
    assert (two.granted, two.needs_dpop) == (("okta.logs.read", "okta.users.read"), False)
    assert apps(files) == ()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"service_app": ["0oa1"]}, "expected CLIENT_ID=PUBLIC_KEY_FILE"),
        ({"service_app": ["=ec.pem"]}, "expected CLIENT_ID=PUBLIC_KEY_FILE"),
        ({"service_app": ["0oa1=ec.pem", "0oa1=rsa.jwk"]}, "names 0oa1 twice"),
        ({"grant": ["0oa1=okta.logs.read"]}, "unknown service app 0oa1"),
        ({"no_dpop": ["0oa1"]}, "unknown service app 0oa1"),
        (
            {"service_app": ["0oa1=ec.pem"], "grant": ["0oa1=okta.apps.manage"]},
            "unknown scope okta.apps.manage",
        ),
    ],
)
def test_an_invalid_flag_is_exit_2(files: Path, flags: dict[str, list[str]], words: str) -> None:
    """With the place and the form."""
    with pytest.raises(InvalidInput) as caught:
        apps(files, **flags)
    assert words in caught.value.what
    assert "--sandbox-" in caught.value.what


@pytest.mark.parametrize("name", ["nowhere", "none.jwk", "text", "empty.jwks", "short.pem"])
def test_a_file_without_a_key_is_an_error(files: Path, name: str) -> None:
    """A flag's is exit 2, a settings file's exit 3: with the file, and nothing of what it holds."""
    with pytest.raises(InvalidInput) as of_flag:
        apps(files, service_app=[f"0oa1={name}"])
    (files / "okhook.toml").write_text(f'sandbox_service_app = ["0oa1={name}"]\n')
    with pytest.raises(ConfigurationError) as of_file:
        apps(files)
    for caught in (of_flag.value, of_file.value):
        assert name in caught.what
        assert "c2VjcmV0" not in f"{caught.what}{caught.why}{caught.next_step}"
    assert of_flag.value.what.startswith("--sandbox-service-app")
