"""Public keys: in the files that register them, and in what clients send."""

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okhook.errors import ConfigurationError, InvalidInput

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

PublicJwk = Mapping[str, Any]

_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid")
_LEAST_RSA_BITS = 2048


class BadKey(Exception):
    """It is no public key that Okta would take."""


def public_keys_in(path: Path, origin: str) -> tuple[PublicJwk, ...]:
    """Return the public keys in a file: a JWK, a set of them, or a PEM.

    Of a private key only the public half is taken. ``origin`` names the setting.

    Raises:
        InvalidInput, ConfigurationError: the file cannot be read, or holds no key.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        fault = _fault(origin)
        raise fault(f"{origin}: {path} cannot be read", why=error.strerror) from error
    except UnicodeDecodeError:
        raise _no_key(path, origin) from None
    try:
        keys = _of_json(text) if text.lstrip().startswith("{") else _of_pem(text)
        for key in keys:
            imported(key)
    except BadKey:
        raise _no_key(path, origin) from None
    return tuple(keys)


def imported(key: PublicJwk) -> "RSAKey | ECKey":
    """Return a JWK as the key that it describes.

    Raises:
        BadKey: it is none, it is of a kind that Okta does not take, or it is too short.

    """
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    members = {name: key[name] for name in _MEMBERS if name in key}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a short key is refused, and not only warned of
            if members.get("kty") == "EC":
                return ECKey.import_key(members)
            found = RSAKey.import_key(members)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise BadKey from None
    if members.get("kty") != "RSA" or found.raw_value.key_size < _LEAST_RSA_BITS:
        raise BadKey
    return found


def _of_json(text: str) -> Sequence[PublicJwk]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadKey from None
    listed = content.get("keys", [content])
    if not isinstance(listed, list) or not listed or not all(isinstance(k, dict) for k in listed):
        raise BadKey
    return [{name: key[name] for name in _MEMBERS if name in key} for key in listed]


def _of_pem(text: str) -> Sequence[PublicJwk]:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    kinds: tuple[type[RSAKey | ECKey], ...] = (RSAKey, ECKey)
    for kind in kinds:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return [kind.import_key(text.encode()).as_dict(private=False)]
        except (JoseError, ValueError, TypeError):
            continue
    raise BadKey


def _fault(origin: str) -> type[InvalidInput | ConfigurationError]:
    return InvalidInput if origin.startswith("--") else ConfigurationError


def _no_key(path: Path, origin: str) -> InvalidInput | ConfigurationError:
    return _fault(origin)(
        f"{origin}: {path} holds no public key",
        next_step="it must be a JWK or a PEM, RSA of 2048 bits or more, or EC;"
        " openssl pkey -in PRIVATE -pubout makes one of a private key",
    )
