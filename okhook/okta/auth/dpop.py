"""DPoP (RFC 9449): each call carries a proof that the caller has the key of its access token."""

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from okhook.http.client import Answer
from okhook.okta.auth.private_key import PrivateKey
from okhook.runtime.ids import new_uuid
from okhook.secret import Secret

_LONGEST_NONCE = 2_000


def dpop_proof(
    key: PrivateKey,
    method: str,
    url: str,
    *,
    now: datetime,
    token: Secret | None = None,
    nonce: str | None = None,
) -> Secret:
    """Return a proof for one call. ``now`` is the org's time; the call carries ``token``."""
    claims: dict[str, Any] = {
        "jti": new_uuid(),
        "htm": method.upper(),
        "htu": called_url(url),
        "iat": int(now.timestamp()),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if token is not None:
        claims["ath"] = token_hash(token)
    return key.sign({"typ": "dpop+jwt", "jwk": key.public_jwk()}, claims)


def called_url(url: str) -> str:
    """Return the URL for a proof: without query and fragment, and with its path decoded.

    Okta compares the decoded path (okta-sdk-python #541, okta-sdk-java #1526): it refuses a proof
    for ``…/users/a%40b.c`` and accepts one for ``…/users/a@b.c``.
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}"


def token_hash(token: Secret) -> str:
    """Return a token's SHA-256, base64url without padding."""
    digest = hashlib.sha256(token.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def nonce_of(answer: Answer) -> str | None:
    """Return the nonce that the org wants in the next proof; None if it names no usable one."""
    nonce = answer.header("dpop-nonce")
    if not nonce or len(nonce) > _LONGEST_NONCE or not nonce.isprintable():
        return None
    return nonce
