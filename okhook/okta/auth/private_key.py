"""A private key that signs, read from a JWK or a PEM. Nothing shows it, and no error quotes it."""

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from okhook.errors import ConfigurationError
from okhook.secret import Secret

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_LARGEST_BYTES = 64 * 1024
_LEAST_RSA_BITS = 2048
_OF_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_CURVES = ", ".join(_OF_CURVE)
_OF_RSA = ("RS256", "RS384", "RS512")
_PRIVATE_MARK = "PRIVATE KEY-----"

_WHAT_IT_MUST_BE = (
    "it must be a private RSA or EC key: a JWK, or a PEM that begins with"
    " -----BEGIN PRIVATE KEY-----"
)
_HOW_TO_MAKE_ONE = (
    "Okta takes RSA and EC: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out"
    " FILE makes one, openssl pkey -in FILE -pubout shows what is registered with the app"
)
_NOT_A_KEY = ("no private key", _WHAT_IT_MUST_BE)
_UNUSABLE = ("a private key that cannot be read, or is neither RSA nor EC", _HOW_TO_MAKE_ONE)
_PUBLIC = (
    "a public key",
    "name the file of the private one; the public one is registered with the app",
)
_PROTECTED = (
    "a key that is protected by a passphrase",
    "openssl pkey -in FILE -out UNPROTECTED takes it off; chmod 600 what it writes",
)
_SET = ("a set of keys", "write the one private key alone, as a JWK")


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrivateKey:
    """An RSA or EC key, its signature algorithm, and the id (``kid``) that the org knows it by."""

    _key: "RSAKey | ECKey"
    algorithm: str
    key_id: str | None

    def __repr__(self) -> str:
        return f"PrivateKey({self.algorithm}, …)"

    def __reduce__(self) -> str:
        raise TypeError("a private key does not leave the process")

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Secret:
        """Return a JWT with these claims, signed; ``alg`` is added to its header."""
        from joserfc import jwt

        whole = {**header, "alg": self.algorithm}
        signed = jwt.encode(
            whole, dict(claims), self._key, algorithms=[self.algorithm], default_type=None
        )
        return Secret(signed)

    def public_jwk(self) -> dict[str, str]:
        """Return the public half as a JWK with what describes the key, and nothing else."""
        members = self._key.as_dict(private=False)
        return {name: str(members[name]) for name in ("kty", "crv", "x", "y", "n", "e")
                if name in members}  # fmt: skip


def generated_key() -> PrivateKey:
    """Return a fresh key on P-256, for this process alone."""
    from joserfc.jwk import ECKey

    return PrivateKey(ECKey.generate_key("P-256"), "ES256", None)


def key_in_file(path: Path, shown: str, key_id: str | None) -> tuple[PrivateKey, tuple[str, ...]]:
    """Return the key in a file, and what should be warned of.

    ``shown`` names the setting that names the file.

    Raises:
        ConfigurationError: the file cannot be read, or holds no private key that can sign.
    """
    where = f"{shown}: {path}"
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise ConfigurationError(f"{where} cannot be read", why=error.strerror) from error
    if len(content) > _LARGEST_BYTES:
        raise ConfigurationError(f"{where} is too large for a key")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _holds(where, _NOT_A_KEY) from None
    key = key_in_text(text, where, key_id)
    if mode & 0o077:
        return key, (f"{path} can be read by others on this machine: chmod 600 it",)
    return key, ()


def key_in_text(text: str, shown: str, key_id: str | None) -> PrivateKey:
    """Return the key in a text; ``key_id`` goes before the one that a JWK has.

    Raises:
        ConfigurationError: it is no private key that can sign.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short key is refused below, and not only warned of
        key, member = (
            _of_jwk(text, shown) if text.lstrip().startswith("{") else _of_pem(text, shown)
        )
    algorithm = _algorithm(key, member.get("alg"), shown)
    found_id = member.get("kid")
    return PrivateKey(key, algorithm, key_id or (found_id if isinstance(found_id, str) else None))


def _of_jwk(text: str, shown: str) -> "tuple[RSAKey | ECKey, Mapping[str, Any]]":
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise _holds(shown, _NOT_A_KEY) from None
    if "keys" in members:
        raise _holds(shown, _SET)
    kinds: dict[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(str(members.get("kty")))
    if kind is None:
        raise _holds(shown, _UNUSABLE if "d" in members else _NOT_A_KEY)
    if "d" not in members:
        raise _holds(shown, _PUBLIC)
    needed = {name: members[name] for name in ("kty", *kind.value_registry) if name in members}
    try:
        return kind.import_key(needed), members
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise _holds(shown, _NOT_A_KEY) from None


def _of_pem(text: str, shown: str) -> "tuple[RSAKey | ECKey, Mapping[str, Any]]":
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    pem = "\n".join(line.strip() for line in text.replace("\\n", "\n").splitlines())
    if "ENCRYPTED" in pem:
        raise _holds(shown, _PROTECTED)
    if _PRIVATE_MARK not in pem:
        raise _holds(shown, _PUBLIC if "-----BEGIN" in pem else _NOT_A_KEY)
    kinds: tuple[type[RSAKey | ECKey], ...] = (RSAKey, ECKey)
    for kind in kinds:
        try:
            return kind.import_key(pem.encode()), {}
        except TypeError:
            raise _holds(shown, _PROTECTED) from None
        except (JoseError, ValueError):
            continue
    raise _holds(shown, _UNUSABLE)


def _algorithm(key: "RSAKey | ECKey", named: object, shown: str) -> str:
    from joserfc.jwk import RSAKey

    if isinstance(key, RSAKey):
        bits = key.raw_value.key_size
        if bits < _LEAST_RSA_BITS:
            size = (f"an RSA key of {bits} bits", f"make one of at least {_LEAST_RSA_BITS} bits")
            raise _holds(shown, size)
        return str(named) if named in _OF_RSA else _OF_RSA[0]
    if key.curve_name not in _OF_CURVE:
        on_another = ("a key on a curve that Okta does not take", f"make one on {_CURVES}")
        raise _holds(shown, on_another)
    return _OF_CURVE[key.curve_name]


def _holds(shown: str, found: tuple[str, str]) -> ConfigurationError:
    """Return the error for a place that holds something else than a key that can sign."""
    what, next_step = found
    return ConfigurationError(f"{shown} holds {what}", next_step=next_step)
