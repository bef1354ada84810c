"""What proves to an org who is calling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from okhook.secret import Secret


class Credential(Protocol):
    """Headers that authenticate one call. A proof may be bound to the method and the URL."""

    @property
    def origin(self) -> str:
        """Where the credential came from, as a person would look for it."""
        ...

    @property
    def secrets(self) -> Sequence[Secret]:
        """What must never be shown, should an answer repeat it."""
        ...

    async def headers(self, method: str, url: str) -> Sequence[tuple[str, str]]:
        """Return the headers for a call of ``url``, which is on the org's own host."""
        ...


@dataclass(frozen=True, slots=True)
class SswsCredential:
    """An API token, in Okta's own scheme ``SSWS``."""

    token: Secret
    origin: str

    @property
    def secrets(self) -> Sequence[Secret]:
        """The token."""
        return (self.token,)

    async def headers(self, method: str, url: str) -> Sequence[tuple[str, str]]:
        """Return the ``Authorization`` header: the same for every call."""
        del method, url
        return (("Authorization", f"SSWS {self.token.reveal()}"),)
