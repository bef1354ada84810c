"""Tell later whether a secret is the one it was, without keeping it.

Okta never gives a hook's secret back, so whether it changed can only be known from a fingerprint
of our own: salted, and slow to compute (scrypt), because people choose short secrets.
"""

import base64
import hashlib
import hmac

from okhook.secret import Secret

_SCHEME = "scrypt-14"
_SALT_BYTES = 16
_COST = 2**14


def fingerprint(secret: Secret, salt: bytes) -> str:
    """Return what may be written down of ``secret``; ``salt`` is random, 16 bytes."""
    return "$".join((_SCHEME, base64.b64encode(salt).decode(), _hash(secret, salt)))


def fingerprint_matches(written: str, secret: Secret) -> bool:
    """Tell whether ``written`` is the fingerprint of ``secret``; nonsense is not."""
    parts = written.split("$")
    if len(parts) != 3 or parts[0] != _SCHEME:
        return False
    try:
        salt = base64.b64decode(parts[1], validate=True)
    except ValueError:
        return False
    if len(salt) != _SALT_BYTES:
        return False
    return hmac.compare_digest(_hash(secret, salt).encode(), parts[2].encode())


def _hash(secret: Secret, salt: bytes) -> str:
    digest = hashlib.scrypt(secret.reveal().encode(), salt=salt, n=_COST, r=8, p=1)
    return base64.b64encode(digest).decode()
