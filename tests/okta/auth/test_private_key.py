"""Private keys: every form that Okta or openssl writes is read, and none is ever shown."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import ConfigurationError
from okhook.okta.auth.private_key import PrivateKey, generated_key, key_in_file, key_in_text
from tests.sandbox.keys import (
    AnyPrivateKey,
    ec_key,
    pem,
    private_jwk,
    public_jwk,
    public_pem,
    rsa_key,
)

FORMS: dict[str, tuple[Callable[[], AnyPrivateKey], Callable[[AnyPrivateKey], str]]] = {
    "RSA, PKCS#8": (rsa_key, pem),
    "RSA, PKCS#1": (rsa_key, lambda key: pem(key, "TraditionalOpenSSL")),
    "RSA, JWK": (rsa_key, lambda key: json.dumps(private_jwk(key))),
    "RSA, JWK with more than that": (
        rsa_key,
        lambda key: json.dumps(
            {**private_jwk(key), "use": "enc", "key_ops": ["verify"], "ext": True, "x5c": "none"}
        ),
    ),
    "RSA, JWK with the least": (
        rsa_key,
        lambda key: json.dumps(
            {k: v for k, v in private_jwk(key).items() if k in ("kty", "n", "e", "d")}
        ),
    ),
    "EC, PKCS#8": (ec_key, pem),
    "EC, SEC1": (ec_key, lambda key: pem(key, "TraditionalOpenSSL")),
    "EC, JWK": (ec_key, lambda key: json.dumps(private_jwk(key), indent=2)),
    "in a variable, on one line": (ec_key, lambda key: pem(key).replace("\n", "\\n")),
    "in YAML, moved to the right": (rsa_key, lambda key: pem(key).replace("\n", "\n    ")),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_signs_what_the_public_half_verifies(form: str) -> None:
    """Another library verifies the JWT; the JWK beside it is public."""
    make, written = FORMS[form]
    key = key_in_text(written(make()), "KEY", None)
    signed = key.sign({"typ": "x"}, {"a": 1}).reveal()
    public: Any = make().public_key()
    assert jwt.decode(signed, public, algorithms=[key.algorithm]) == {"a": 1}
    assert jwt.get_unverified_header(signed) == {"typ": "x", "alg": key.algorithm}
    assert key.public_jwk() == public_jwk(make())


@pytest.mark.parametrize(
    ("members", "argument", "expected"),
    [
        ({}, None, None),
        ({"kid": "k1"}, None, "k1"),
        ({"kid": "k1"}, "k2", "k2"),
        ({}, "k2", "k2"),
        ({"kid": 7}, None, None),
    ],
)
def test_the_key_id_comes_from_the_setting_or_the_jwk(
    members: dict[str, Any], argument: str | None, expected: str | None
) -> None:
    """The setting wins over the JWK."""
    text = json.dumps(private_jwk(ec_key(), **members))
    assert key_in_text(text, "KEY", argument).key_id == expected


def test_the_algorithm_fits_the_key() -> None:
    """RS256 unless an RSA key names another; for EC the curve decides."""
    assert key_in_text(json.dumps(private_jwk(rsa_key(), alg="RS384")), "K", None).algorithm == (
        "RS384"
    )
    assert key_in_text(json.dumps(private_jwk(rsa_key(), alg="ES256")), "K", None).algorithm == (
        "RS256"
    )
    p384 = ec.generate_private_key(ec.SECP384R1())
    assert key_in_text(pem(p384), "K", None).algorithm == "ES384"


def of_another_kind() -> str:
    from cryptography.hazmat.primitives import serialization

    return (
        ed25519.Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def short_rsa() -> str:
    return pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 - to be refused


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "a passphrase, PKCS#8": (lambda: pem(ec_key(), passphrase=b"x"), "passphrase"),
    "a passphrase, PKCS#1": (
        lambda: pem(rsa_key(), "TraditionalOpenSSL", passphrase=b"x"),
        "passphrase",
    ),
    "a public PEM": (lambda: public_pem(ec_key()), "a public key"),
    "a public JWK": (lambda: json.dumps(public_jwk(rsa_key())), "a public key"),
    "a set": (lambda: json.dumps({"keys": [private_jwk(ec_key())]}), "a set of keys"),
    "a symmetric key": (lambda: json.dumps({"kty": "oct", "k": "c2VjcmV0"}), "no private key"),
    "half a JWK": (lambda: json.dumps({"kty": "EC", "d": "c2VjcmV0"}), "no private key"),
    "a JWK of odd types": (
        lambda: json.dumps({**private_jwk(rsa_key()), "n": 7}),
        "no private key",
    ),
    "broken JSON": (lambda: json.dumps(private_jwk(ec_key()))[:-9], "no private key"),
    "a broken PEM": (lambda: pem(ec_key()).replace("M", "N", 3), "cannot be read"),
    "another kind": (of_another_kind, "neither RSA nor EC"),
    "another kind, JWK": (
        lambda: json.dumps({"kty": "OKP", "crv": "Ed25519", "x": "eA", "d": "c2VjcmV0"}),
        "neither RSA nor EC",
    ),
    "a certificate": (lambda: "-----BEGIN CERTIFICATE-----\nMA==\n", "a public key"),
    "too short": (short_rsa, "1024 bits"),
    "another curve": (lambda: pem(ec.generate_private_key(ec.SECP256K1())), "a curve that Okta"),
    "nothing": (lambda: "", "no private key"),
    "something else": (lambda: "s3cret-of-somebody", "no private key"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_error_for_an_unusable_key_does_not_quote_it(name: str) -> None:
    """Exit 3 with the origin and the next step, and nothing of the key."""
    written, words = REFUSED[name]
    text = written()
    with pytest.raises(ConfigurationError) as caught:
        key_in_text(text, "OKTA_CLIENT_PRIVATEKEY", None)
    error = caught.value
    told = f"{error.what}\n{error.why}\n{error.next_step}"
    assert words in error.what
    assert "OKTA_CLIENT_PRIVATEKEY" in error.what
    assert error.next_step
    assert error.__cause__ is None
    assert not [line for line in text.splitlines() if len(line) > 30 and line in told]
    assert "s3cret" not in told


@given(text=st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_text_is_a_key_or_a_clear_error(text: str) -> None:
    """Whatever the setting contains."""
    for written in (text, "{" + text, f"-----BEGIN PRIVATE KEY-----\n{text}"):
        with pytest.raises(ConfigurationError):
            key_in_text(written, "KEY", None)


def test_a_key_file_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    """A key that others on the machine can read is used, with a warning that names the file."""
    path = tmp_path / "app.pem"
    path.write_text(pem(ec_key()))
    path.chmod(0o600)
    assert key_in_file(path, "OKHOOK_PRIVATE_KEY_FILE", None)[1] == ()
    path.chmod(0o640)
    [warning] = key_in_file(path, "OKHOOK_PRIVATE_KEY_FILE", None)[1]
    assert str(path) in warning
    assert "chmod 600" in warning


def test_a_key_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """The byte order mark that editors on Windows write."""
    path = tmp_path / "app.jwk"
    path.write_text(json.dumps(private_jwk(ec_key(), kid="k1")), encoding="utf-8-sig")
    assert key_in_file(path, "KEY", None)[0].key_id == "k1"


@pytest.mark.parametrize("kind", ["missing", "directory", "large", "binary"])
def test_the_error_names_a_file_without_a_key(tmp_path: Path, kind: str) -> None:
    """Exit 3 with the setting and the path."""
    path = tmp_path / "key"
    match kind:
        case "directory":
            path.mkdir()
        case "large":
            path.write_text(pem(ec_key()) + "\n" * 100_000)
        case "binary":
            path.write_bytes(b"\x30\x82\xff\xfe")
    with pytest.raises(ConfigurationError) as caught:
        key_in_file(path, "OKHOOK_PRIVATE_KEY_FILE", None)
    assert f"OKHOOK_PRIVATE_KEY_FILE: {path}" in caught.value.what


def test_a_key_cannot_be_shown_or_pickled() -> None:
    """Neither repr nor str nor pickle gives it."""
    key = generated_key()
    assert repr(key) == f"{key}" == "PrivateKey(ES256, …)"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert isinstance(key, PrivateKey)
