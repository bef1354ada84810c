"""DPoP (RFC 9449): each call proves that the caller has the key of its token, at the org's time."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from okhook.http.client import Answer
from okhook.okta.auth.private_key import PrivateKey
from okhook.runtime.ids import new_uuid
from okhook.secret import Secret

_LONGEST_NONCE = 2_000

_NOTICEABLE = timedelta(seconds=5)
"""``Date`` is in whole seconds and takes time to arrive: a smaller difference means nothing."""

_MATTERS = timedelta(seconds=30)
"""How wrong a signed time may be. Okta does not document its own limit."""


@dataclass(slots=True)
class OrgClock:
    """Our own clock ``here``, corrected by ``offset``, which comes from the org's ``Date``."""

    here: Callable[[], datetime]
    offset: timedelta = timedelta()

    def hear(self, answer: Answer) -> None:
        """Set the offset from an answer, if it has a date."""
        if answer.date is not None:
            offset = answer.date - self.here()
            self.offset = offset if abs(offset) >= _NOTICEABLE else timedelta()

    def now(self) -> datetime:
        """Return the org's time, in UTC."""
        return self.here() + self.offset

    def fault(self) -> str | None:
        """Describe how wrong this machine's clock is; None if it is right enough."""
        if abs(self.offset) <= _MATTERS:
            return None
        seconds = f"{abs(self.offset).total_seconds():.0f}"
        if self.offset < timedelta():
            return f"this machine's clock is {seconds} s ahead of the org's"
        return f"this machine's clock is {seconds} s behind the org's"


@dataclass(slots=True)
class Proofs:
    """Makes the proofs for one endpoint, with the nonce and the time that it wants in them."""

    key: PrivateKey
    clock: OrgClock
    nonce: str | None = None

    def proof(self, method: str, url: str, token: Secret | None = None) -> str:
        """Return a proof for one call, which carries ``token``."""
        claims: dict[str, Any] = {
            "jti": new_uuid(),
            "htm": method.upper(),
            "htu": called_url(url),
            "iat": int(self.clock.now().timestamp()),
        }
        if self.nonce is not None:
            claims["nonce"] = self.nonce
        if token is not None:
            claims["ath"] = token_hash(token)
        return self.key.sign({"typ": "dpop+jwt", "jwk": self.key.public_jwk()}, claims).reveal()

    def signed_with(self) -> tuple[str | None, timedelta]:
        """Return the nonce and the clock's offset, as they are now."""
        return self.nonce, self.clock.offset

    def learn(self, answer: Answer) -> None:
        """Take nonce and time from an answer."""
        nonce = answer.header("dpop-nonce")
        if nonce and len(nonce) <= _LONGEST_NONCE and nonce.isprintable():
            self.nonce = nonce
        self.clock.hear(answer)

    def can_retry(self, error: object, signed_with: tuple[str | None, timedelta]) -> bool:
        """Return whether nonce or time has changed since we signed the call that was refused."""
        nonce, offset = signed_with
        if error == "use_dpop_nonce":
            return self.nonce != nonce
        may_be_the_clock = error in ("invalid_client", "invalid_dpop_proof")
        return may_be_the_clock and abs(self.clock.offset - offset) > _MATTERS


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
