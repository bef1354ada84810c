"""DPoP nonces: the org renews its own every 24 hours, and takes an older one for three days."""

import secrets
from datetime import datetime, timedelta
from typing import final

_RENEWED_AFTER = timedelta(hours=24)
_GOOD_FOR = timedelta(days=3)


@final
class Nonces:
    """The nonces that proofs must carry."""

    def __init__(self) -> None:
        self._given: list[tuple[str, datetime]] = []

    def current(self, now: datetime) -> str:
        """Return the nonce to use from now on."""
        self._given = [(nonce, since) for nonce, since in self._given if now < since + _GOOD_FOR]
        if not self._given or now >= self._given[-1][1] + _RENEWED_AFTER:
            self._given.append((secrets.token_urlsafe(24), now))
        return self._given[-1][0]

    def is_good(self, nonce: str, now: datetime) -> bool:
        """Tell whether a nonce is one of ours, and not too old."""
        return any(nonce == given and now < since + _GOOD_FOR for given, since in self._given)
