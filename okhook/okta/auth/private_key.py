"""Private keys, read from a JWK or a PEM. Nothing shows a key, and no error quotes it.

A ConfigurationError says why a file or a text contains no usable private key.
"""

import json
import os
import shlex
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okhook.errors import ConfigurationError
from okhook.secret import Secret

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_LARGEST_BYTES = 64 * 1024
_LEAST_RSA_BITS = 2048
_OF_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_OF_RSA = ("RS256", "RS384", "RS512")

_NOT_A_KEY = (
    "no private key",
    "expected an RSA or EC key: a JWK, or a PEM that begins with -----BEGIN PRIVATE KEY-----",
)
_UNUSABLE = (
    "a private key that cannot be read, or is neither RSA nor EC",
    (
        "create one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE;\n"
        "register its public half with the app: openssl pkey -in FILE -pubout"
    ),
)
_PUBLIC = (
    "a public key",
    "use the private key; the public key belongs into the app's settings in Okta",
)
_PROTECTED = (
    "a key with a passphrase",
    "remove the passphrase: openssl pkey -in FILE -out UNPROTECTED && chmod 600 UNPROTECTED",
)
_WRONG_CURVE = (
    "a key on a curve that Okta does not accept",
    f"use one of {', '.join(_OF_CURVE)}",
)
_SET = ("a set of keys", "write one private key alone, as a JWK")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrivateKey:
    """An RSA or EC key, its signature algorithm, and its id (``kid``) in the org."""

    _key: "RSAKey | ECKey"
    algorithm: str
    key_id: str | None

    def __repr__(self) -> str:
        return f"PrivateKey({self.algorithm}, …)"

    def __reduce__(self) -> str:
        raise TypeError("a private key cannot be pickled")

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Secret:
        """Return a signed JWT with these claims; its header gets ``alg``."""
        from joserfc import jwt

        whole = {**header, "alg": self.algorithm}
        signed = jwt.encode(
            whole, dict(claims), self._key, algorithms=[self.algorithm], default_type=None
        )
        return Secret(signed)

    def public_jwk(self) -> dict[str, str]:
        """Return the public half as a JWK, with the members of the key alone."""
        members = self._key.as_dict(private=False)
        wanted = ("kty", "crv", "x", "y", "n", "e")
        return {name: str(members[name]) for name in wanted if name in members}


def generated_key() -> PrivateKey:
    """Return a fresh key on P-256, for this process alone."""
    from joserfc.jwk import ECKey

    return PrivateKey(ECKey.generate_key("P-256"), "ES256", None)


def key_in_file(path: Path, shown: str, key_id: str | None) -> tuple[PrivateKey, tuple[str, ...]]:
    """Return the key in a file, and warnings. ``shown`` is the setting that names the file."""
    where = f"{shown}: {path}"
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise ConfigurationError(f"could not read {where}", why=error.strerror) from error
    if len(content) > _LARGEST_BYTES:
        raise ConfigurationError(f"{where} is too large for a key")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _fault(where, _NOT_A_KEY) from None
    key = key_in_text(text, where, key_id)
    if mode & 0o077:
        remedy = f"chmod 600 {shlex.quote(str(path))}"
        return key, (f"other users of this machine can read {path}: {remedy}",)
    return key, ()


def key_in_text(text: str, shown: str, key_id: str | None) -> PrivateKey:
    """Return the key in a text; ``key_id`` wins over the id in a JWK."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short key is an error below
        read = _of_jwk if text.lstrip().startswith("{") else _of_pem
        key, member = read(text, shown)
    algorithm = _algorithm(key, member.get("alg"), shown)
    found_id = member.get("kid")
    return PrivateKey(key, algorithm, key_id or (found_id if isinstance(found_id, str) else None))


def _of_jwk(text: str, shown: str) -> "tuple[RSAKey | ECKey, Mapping[str, Any]]":
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise _fault(shown, _NOT_A_KEY) from None
    if "keys" in members:
        raise _fault(shown, _SET)
    kinds: dict[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(str(members.get("kty")))
    if kind is None:
        raise _fault(shown, _UNUSABLE if "d" in members else _NOT_A_KEY)
    if "d" not in members:
        raise _fault(shown, _PUBLIC)
    needed = {name: members[name] for name in ("kty", *kind.value_registry) if name in members}
    try:
        return kind.import_key(needed), members
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise _fault(shown, _NOT_A_KEY) from None


def _of_pem(text: str, shown: str) -> "tuple[RSAKey | ECKey, Mapping[str, Any]]":
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    pem = "\n".join(line.strip() for line in text.replace("\\n", "\n").splitlines())
    if "ENCRYPTED" in pem:
        raise _fault(shown, _PROTECTED)
    if "PRIVATE KEY-----" not in pem:
        raise _fault(shown, _PUBLIC if "-----BEGIN" in pem else _NOT_A_KEY)
    kinds: tuple[type[RSAKey | ECKey], ...] = (RSAKey, ECKey)
    for kind in kinds:
        try:
            return kind.import_key(pem.encode()), {}
        except TypeError:
            raise _fault(shown, _PROTECTED) from None
        except (JoseError, ValueError):
            continue
    raise _fault(shown, _UNUSABLE)


def _algorithm(key: "RSAKey | ECKey", named: object, shown: str) -> str:
    from joserfc.jwk import RSAKey

    if isinstance(key, RSAKey):
        bits = key.raw_value.key_size
        if bits < _LEAST_RSA_BITS:
            size = (f"an RSA key of {bits} bits", f"use a key of {_LEAST_RSA_BITS} bits or more")
            raise _fault(shown, size)
        return str(named) if named in _OF_RSA else _OF_RSA[0]
    if key.curve_name not in _OF_CURVE:
        raise _fault(shown, _WRONG_CURVE)
    return _OF_CURVE[key.curve_name]


def _fault(shown: str, found: tuple[str, str]) -> ConfigurationError:
    what, next_step = found
    return ConfigurationError(f"{shown} contains {what}", next_step=next_step)
