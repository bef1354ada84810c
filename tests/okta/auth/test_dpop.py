"""DPoP proofs: bound to one call and one token, as another library reads them."""

import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from okhook.okta.auth.dpop import OrgClock, Proofs, called_url, token_hash
from okhook.okta.auth.private_key import PrivateKey, generated_key, key_in_text
from okhook.secret import Secret
from tests.sandbox.keys import pem, public_jwk, rsa_key

NOW = datetime(2026, 11, 24, 12, 0, 0, 900_000, tzinfo=UTC)


def proof(
    method: str,
    url: str,
    key: PrivateKey | None = None,
    *,
    token: Secret | None = None,
    nonce: str | None = None,
) -> str:
    return Proofs(key or generated_key(), OrgClock(lambda: NOW), nonce).proof(method, url, token)


def test_the_claims_of_a_proof() -> None:
    """Method, URL without its query, time and id; nothing that was not asked for."""
    signed = proof("get", "https://a.okta.com/api/v1/logs?limit=1#x")
    header = jwt.get_unverified_header(signed)
    assert (header["typ"], header["alg"]) == ("dpop+jwt", "ES256")
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}
    claims = jwt.decode(signed, jwt.PyJWK(header["jwk"]), options={"verify_iat": False})
    assert claims.pop("jti")
    assert claims == {
        "htm": "GET",
        "htu": "https://a.okta.com/api/v1/logs",
        "iat": int(NOW.timestamp()),
    }


def test_a_proof_for_a_token_carries_its_hash_and_the_nonce() -> None:
    """``ath`` as RFC 9449 has it: the example of its section 7."""
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert token_hash(Secret(token)) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    signed = proof("GET", "https://a.okta.com/x", token=Secret(token), nonce="n")
    claims = jwt.decode(signed, options={"verify_signature": False})
    assert (claims["ath"], claims["nonce"]) == (token_hash(Secret(token)), "n")


def test_each_proof_has_a_new_id() -> None:
    """The org takes none twice."""
    proofs = [proof("GET", "https://a.okta.com/x") for _ in range(3)]
    ids = {jwt.decode(one, options={"verify_signature": False})["jti"] for one in proofs}
    assert len(ids) == 3


def test_an_rsa_proof_contains_only_the_public_half() -> None:
    """None of the private members of a key, whichever kind it is."""
    key = key_in_text(pem(rsa_key()), "KEY", None)
    header = jwt.get_unverified_header(proof("GET", "https://a.okta.com/x", key))
    assert set(header["jwk"]) == {"kty", "n", "e"}


def test_coordinates_keep_their_leading_zeros() -> None:
    """One key in 128 begins with one; a shorter text would be another key, or none (RFC 7518)."""
    keys = (ec.derive_private_key(n, ec.SECP256R1()) for n in range(1, 10_000))
    key = next(k for k in keys if k.public_key().public_numbers().x < 2**248)
    jwk = key_in_text(pem(key), "KEY", None).public_jwk()
    assert (len(jwk["x"]), len(jwk["y"])) == (43, 43)
    assert jwk == public_jwk(key)


@given(
    path=st.text(st.sampled_from("ab/@40-_.~+"), max_size=20),
    query=st.text(max_size=10),
    fragment=st.text(max_size=10),
)
def test_the_url_of_a_proof_has_neither_query_nor_fragment(
    path: str, query: str, fragment: str
) -> None:
    """And is else the URL that is called, to the letter where nothing in it is encoded."""
    url = f"https://a.okta.com/api{path}"
    assert called_url(url) == url
    assert called_url(f"{url}?{json.dumps(query)}#{json.dumps(fragment)}") == url


def test_the_path_of_a_proof_is_decoded() -> None:
    """Okta holds it against the path as it decodes it, and refuses any other."""
    assert called_url("https://a.okta.com/api/v1/users/jane%40example.com?x=%40") == (
        "https://a.okta.com/api/v1/users/jane@example.com"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:8137/a", "https://[::1]:1/a", "https://a.b"])
def test_the_url_of_a_proof_keeps_its_port(url: str) -> None:
    """What was called, and not what it could be written as."""
    assert called_url(url) == url
