"""The credentials for an org, and the OAuth scopes that calls need."""

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from okhook.config.setting import Setting
from okhook.errors import ConfigurationError
from okhook.okta.auth.private_key import PrivateKey
from okhook.secret import Secret

EVENT_HOOKS_MANAGE = "okta.eventHooks.manage"
EVENT_HOOKS_READ = "okta.eventHooks.read"
LOGS_READ = "okta.logs.read"

OURS = (
    EVENT_HOOKS_READ,
    EVENT_HOOKS_MANAGE,
    LOGS_READ,
    "okta.users.read",
    "okta.users.manage",
    "okta.groups.read",
    "okta.groups.manage",
)
"""All scopes that some command of okhook needs."""

_RESOURCE = re.compile(r"/api/v1/([A-Za-z]+)")
_READ, _MANAGE = ".read", ".manage"


def is_in_api(url: str) -> bool:
    """Tell whether a URL belongs to the Management API."""
    return _RESOURCE.match(urlsplit(url).path) is not None


def scope_for(method: str, url: str) -> str:
    """Return the least scope that a call needs; raise ValueError outside the Management API."""
    found = _RESOURCE.match(urlsplit(url).path)
    if found is None:
        raise ValueError("no scope exists for a URL outside the Management API")
    return f"okta.{found[1]}{_READ if method in ('GET', 'HEAD') else _MANAGE}"


def ways_to(scope: str) -> tuple[str, ...]:
    """Return the scopes that permit what ``scope`` does, the least first: manage includes read."""
    if scope.endswith(_READ):
        return scope, scope.removesuffix(_READ) + _MANAGE
    return (scope,)


_PERMISSIONS = "okta.eventhooks.manage, okta.users.manage, okta.groups.manage"

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path
"""The token endpoint of an org."""


CREDENTIAL_KINDS = {
    "api_token": "API token",
    "access_token": "OAuth access token",
    "service_app": "OAuth service app",
}
"""The kinds of credential, and their names for people."""


class ScopeNotInSettings(ConfigurationError):
    """The setting of scopes leaves out one that is needed."""


@dataclass(frozen=True, slots=True)
class SswsCredential:
    """An API token, in Okta's own scheme ``SSWS``; ``how_to_replace`` one that has expired."""

    kind: ClassVar = "api_token"
    scheme: ClassVar = "SSWS"
    warnings: ClassVar[tuple[str, ...]] = ()

    token: Secret
    origin: str
    how_to_replace: str | None = None

    @property
    def named(self) -> str:
        """How an error names it."""
        return f"the token from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """The next step if the org does not accept it."""
        return self.how_to_replace or (
            "create a new one in that org's Admin Console under Security → API → Tokens,"
            f" and replace {self.origin}"
        )

    @property
    def if_not_permitted(self) -> str:
        """The next step if the org accepts it and forbids the call."""
        return (
            "make its owner a super admin, or assign them a custom role with the permissions"
            f" {_PERMISSIONS}"
        )


@dataclass(frozen=True, slots=True)
class AccessTokenCredential:
    """An OAuth access token that was requested elsewhere."""

    kind: ClassVar = "access_token"
    scheme: ClassVar = "Bearer"
    warnings: ClassVar[tuple[str, ...]] = ()

    token: Secret
    origin: str

    @property
    def named(self) -> str:
        """How an error names it."""
        return f"the access token from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """The next step if the org does not accept it."""
        return f"it may have expired: request a new access token, and replace {self.origin}"

    @property
    def if_not_permitted(self) -> str:
        """The next step if the org accepts it and forbids the call."""
        return (
            f"request one with the scopes {EVENT_HOOKS_MANAGE} and {LOGS_READ}, for an admin or an"
            " app with an admin role"
        )


@dataclass(frozen=True, slots=True)
class ServiceAppCredential:
    """A service app. Without a ``limit`` of scopes, okhook requests whatever a call needs."""

    kind: ClassVar = "service_app"

    client_id: str
    key: PrivateKey
    origin: str
    key_origin: str
    limit: Setting[tuple[str, ...]] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """How an error names it."""
        return f"the app {self.client_id} from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """The next step if the org does not accept it."""
        key_id = (
            f" with the key id {self.key.key_id}"
            if self.key.key_id
            else ";\nif the app has several keys, set the id of this one with OKHOOK_KEY_ID, or kid"
            " in the JWK"
        )
        return (
            f"check in the Admin Console, under Applications, that {self.client_id} is the client"
            f" id of an active service app, and that the public half of the key from"
            f" {self.key_origin} is registered with it{key_id}"
        )

    @property
    def if_not_permitted(self) -> str:
        """The next step if the org accepts it and forbids the call: a scope is not enough."""
        return (
            "assign the app an admin role in the Admin Console, on its tab Admin roles: super"
            f" admin, or a custom role with the permissions {_PERMISSIONS}"
        )

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes that okhook may request and has a use for."""
        return self._allowed(OURS)

    def ways_to(self, scope: str) -> tuple[str, ...]:
        """Return the scopes in the limit that permit what ``scope`` does, the least first."""
        allowed = self._allowed(ways_to(scope))
        if self.limit is not None and not allowed:
            raise ScopeNotInSettings(
                f"{self.limit.origin} does not contain the scope {scope}, which this command needs",
                next_step="add it, or remove the setting to request each scope when it is needed",
            )
        return allowed

    def _allowed(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in scopes if self.limit is None or each in self.limit.value)


Credential = SswsCredential | AccessTokenCredential | ServiceAppCredential
