"""Keys of service apps, and what is signed with them, made by other libraries than ours."""

import base64
import functools
import hashlib
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Json = dict[str, Any]
AnyPrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@functools.cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return one and the same RSA key: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def proof_rsa_key() -> rsa.RSAPrivateKey:
    """Return another RSA key, for proofs of possession."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """Return one and the same key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def other_key() -> ec.EllipticCurvePrivateKey:
    """Return a key that nobody registered."""
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: AnyPrivateKey, **more: str) -> Json:
    """Return the public half as a JWK."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        whole = RSAAlgorithm.to_jwk(public, as_dict=True)
    else:
        whole = ECAlgorithm.to_jwk(public, as_dict=True)
    return {**{k: v for k, v in whole.items() if k != "key_ops"}, **more}


def private_jwk(key: AnyPrivateKey, **more: str) -> Json:
    """Return the key as a JWK."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    whole: Json = json.loads(algorithm.to_jwk(key))  # type: ignore[arg-type]  # of its own kind
    return {**{k: v for k, v in whole.items() if k != "key_ops"}, **more}


def pem(key: AnyPrivateKey, form: str = "PKCS8", passphrase: bytes | None = None) -> str:
    """Return the key as a PEM: PKCS8 or TraditionalOpenSSL."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        getattr(serialization.PrivateFormat, form),
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption(),
    ).decode()


def public_pem(key: AnyPrivateKey) -> str:
    """Return the public half as a PEM."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def algorithm_of(key: AnyPrivateKey) -> str:
    return "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"


def signed(key: AnyPrivateKey, claims: Json, **header: Any) -> str:  # noqa: ANN401 - JSON
    """Return a JWT; what is None in ``claims`` is left out."""
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=header.pop("alg", algorithm_of(key)), headers=header)


def token_hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


@dataclass
class Client:
    """A service app as RFC 7523 and RFC 9449 describe it. ``url`` is the org's."""

    url: str
    client_id: str = "0oaTestApp"
    key: AnyPrivateKey = field(default_factory=ec_key)
    proof_key: AnyPrivateKey = field(default_factory=other_key)

    @property
    def endpoint(self) -> str:
        return f"{self.url}/oauth2/v1/token"

    def assertion(self, **changes: Any) -> str:  # noqa: ANN401 - JSON
        now = int(time.time())
        header = changes.pop("header", {})
        key = changes.pop("key", self.key)
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.endpoint,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
        }
        return signed(key, {**claims, **changes}, **header)

    def proof(self, method: str, url: str, **changes: Any) -> str:  # noqa: ANN401 - JSON
        key = changes.pop("key", self.proof_key)
        header = {"typ": "dpop+jwt", "jwk": public_jwk(key), **changes.pop("header", {})}
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
        }
        return signed(key, {**claims, **changes}, **header)

    def form(self, scope: str = "okta.eventHooks.read", **changes: Any) -> Json:  # noqa: ANN401 - JSON
        fields = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(),
        }
        return {name: value for name, value in {**fields, **changes}.items() if value is not None}
