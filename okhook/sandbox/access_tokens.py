"""Access tokens that the org has issued; they live in memory and for an hour."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final

from okhook.secret import Secret

LIFE_S = 3_600


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What a token stands for. ``thumbprint`` is that of the key it is bound to, if it is."""

    client_id: str
    scopes: tuple[str, ...]
    thumbprint: str | None
    ends_at: datetime


@final
class AccessTokens:
    """Issues tokens, and knows them again."""

    def __init__(self) -> None:
        self._issued: dict[str, IssuedToken] = {}

    def issue(
        self, client_id: str, scopes: tuple[str, ...], thumbprint: str | None, now: datetime
    ) -> Secret:
        """Return a fresh token."""
        self._issued = {key: kept for key, kept in self._issued.items() if now < kept.ends_at}
        token = secrets.token_urlsafe(48)
        ends_at = now + timedelta(seconds=LIFE_S)
        self._issued[token] = IssuedToken(client_id, scopes, thumbprint, ends_at)
        return Secret(token)

    def known(self, token: str, now: datetime) -> IssuedToken | None:
        """Return what a token stands for; None where it is not ours, or has ended."""
        found = self._issued.get(token)
        return found if found is not None and now < found.ends_at else None
