"""Event hooks as the org keeps them: what a person registered, and the state it is in."""

from dataclasses import dataclass
from datetime import datetime

from okhook.secret import Secret

MAX_ACTIVE_HOOKS = 25
"""Okta's limit of active hooks in an org."""

MAX_EVENT_TYPES = 300
"""Okta's limit of event types in a hook."""


@dataclass(frozen=True, slots=True)
class AuthScheme:
    """The header that carries the secret. ``secret`` is None where it is not known.

    That is so when none was registered, and after a restart: the secret is never written down.
    """

    key: str
    secret: Secret | None


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a hook's calls go, and with what."""

    uri: str
    headers: tuple[tuple[str, str], ...]
    auth: AuthScheme | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """An expression in Okta Expression Language, which events of one type have to pass."""

    event: str
    expression: str


@dataclass(frozen=True, slots=True)
class HookDraft:
    """An event hook as a client wants it."""

    name: str
    description: str | None
    events: tuple[str, ...]
    filters: tuple[EventFilter, ...]
    channel: Channel


@dataclass(frozen=True, slots=True)
class EventHook:
    """A registered event hook. Times are aware UTC."""

    id: str
    draft: HookDraft
    active: bool
    verified: bool
    created: datetime
    created_by: str
    last_updated: datetime

    @property
    def receives(self) -> bool:
        """Whether events go to it: only to hooks that are ACTIVE and VERIFIED."""
        return self.active and self.verified

    @property
    def lacks_secret(self) -> bool:
        """Whether a secret is to be sent that the org does not know any more."""
        auth = self.draft.channel.auth
        return auth is not None and auth.secret is None
